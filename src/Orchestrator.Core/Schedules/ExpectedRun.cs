using Orchestrator.Core.Runs;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Schedules;

/// <summary>What a schedule's next run is expected to take: what its last completed one took.</summary>
/// <param name="RunId">The run that this is known from.</param>
/// <param name="Worked">Time from its first step to its end, as far as the schedule's windows were open.</param>
public sealed record ExpectedRun(string RunId, TimeSpan Worked)
{
    /// <summary>From the last of some runs that was completed; null if none was.</summary>
    /// <param name="windows">The schedule's.</param>
    public static ExpectedRun? Of(WindowCalendar windows, IEnumerable<RunView> runs)
    {
        var last = runs.Where(run => run is { State: "completed", FinishedAt: not null }).MaxBy(run => run.FinishedAt);
        return last is null
            ? null
            : new ExpectedRun(last.Id, windows.OpenBetween(last.Steps.Min(step => step.StartedAt) ?? last.CreatedAt, last.FinishedAt!.Value));
    }

    /// <summary>Said where such a run does not fit into the next opening; empty where it does, or where there is no limit.</summary>
    public string Warning(WindowCalendar windows, DateTimeOffset now) =>
        windows.NextOpenings(now, 1) is [var opens] && windows.ForecastAt(opens).ClosesAt - opens is { } length && length < Worked
            ? $"it cannot finish in one opening at the speed seen: run {RunId} worked for {DurationText.Of(Worked)}, the next opening lasts {DurationText.Of(length)}"
            : "";
}
