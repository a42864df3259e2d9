namespace Orchestrator.Core.Windows;

/// <summary>The times that a cron expression means, by the clock on the wall. Pure: the same question has the same answer.</summary>
public interface ICronTimes
{
    /// <summary>As it is written in settings.</summary>
    string Text { get; }

    /// <summary>The times from one to another, in order; they have no zone.</summary>
    /// <param name="from">The first that may be among them.</param>
    /// <param name="to">The first that may not.</param>
    IEnumerable<DateTime> Between(DateTime from, DateTime to);
}

/// <summary>A window opens at the times of a cron expression and stays open for a while.</summary>
/// <param name="Duration">Elapsed time, whatever the clock on the wall does meanwhile; 1 minute to 31 days.</param>
public sealed record CronOpening(ICronTimes Times, TimeSpan Duration);
