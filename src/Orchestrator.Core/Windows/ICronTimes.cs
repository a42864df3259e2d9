namespace Orchestrator.Core.Windows;

/// <summary>
/// The times that a cron expression means, by the clock on the wall: the same times on each of its days. Pure: the same question has the
/// same answer.
/// </summary>
public interface ICronTimes
{
    /// <summary>As it is written in settings.</summary>
    string Text { get; }

    /// <summary>The times of each day, in order: at least one, each less than a day.</summary>
    IReadOnlyList<TimeSpan> TimesOfDay { get; }

    /// <summary>The days from one to another, in order; they have no zone.</summary>
    /// <param name="from">The first that may be among them, a midnight.</param>
    /// <param name="to">The first that may not.</param>
    IEnumerable<DateTime> Days(DateTime from, DateTime to);
}

/// <summary>A window opens at the times of a cron expression and stays open for a while.</summary>
public sealed record CronOpening
{
    private readonly IReadOnlyList<Stretch> _joined;

    /// <param name="times">When.</param>
    /// <param name="duration">Elapsed time, whatever the clock on the wall does meanwhile; 1 minute to 31 days.</param>
    public CronOpening(ICronTimes times, TimeSpan duration)
    {
        Times = times;
        Duration = duration;
        _joined = OpenTimes.Join([.. times.TimesOfDay.Select(time => new Stretch(time.Ticks, time.Ticks + duration.Ticks))]);
    }

    public ICronTimes Times { get; }

    public TimeSpan Duration { get; }

    /// <summary>The openings of one day, in ticks from its midnight, those that touch joined.</summary>
    internal IReadOnlyList<Stretch> Joined => _joined;
}
