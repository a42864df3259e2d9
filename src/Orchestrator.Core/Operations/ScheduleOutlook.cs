using Orchestrator.Core.Schedules;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Operations;

/// <summary>
/// What keeps a schedule from starting, and when it can. Asking its windows takes long beside all else that is said of a unit, so an answer is
/// kept for as long as it holds: there may be a hundred thousand units.
/// </summary>
internal sealed class ScheduleOutlook(ExplanationSources sources, Schedule schedule, DateTimeOffset now)
{
    private static readonly Comparer<(DateTimeOffset From, WindowStatus Status)> ByStart =
        Comparer<(DateTimeOffset From, WindowStatus Status)>.Create((x, y) => x.From.CompareTo(y.From));

    // Ascending, each with what holds from then until the windows open or close.
    private readonly List<(DateTimeOffset From, WindowStatus Status)> _known = [];

    public Schedule Schedule => schedule;

    /// <summary>Why it starts nothing now; empty if it can. Says nothing of other clusters: who may see this one need not be allowed to see those.</summary>
    public string Obstacle { get; } = ScheduleDecider.Obstacle(sources.History, schedule, now, cluster => cluster == sources.Snapshot.Definition.Name);

    /// <summary>When it can get to a unit at the earliest; null where that is not a matter of time.</summary>
    public DateTimeOffset? When(UnitVerdict verdict)
    {
        if (sources.History.Of(schedule.Name) is BusySchedule)
        {
            // It comes after the run at work, however long that takes.
            return null;
        }

        if (!schedule.Enabled || sources.Frozen.Length > 0 || (!verdict.Due && verdict.NotBefore is null))
        {
            return null;
        }

        var pauseEnds = sources.History.Of(schedule.Name) is IdleSchedule { LastRun.Length: > 0 } idle ? idle.LastEndedAt + schedule.Pacing.MinPause : now;
        var earliest = new[] { now, pauseEnds, verdict.NotBefore ?? now }.Max();
        var window = StatusAt(earliest);
        return window.Open ? earliest : window.OpensAt;
    }

    private WindowStatus StatusAt(DateTimeOffset at)
    {
        var index = _known.BinarySearch((at, WindowStatus.Always), ByStart);
        var before = index < 0 ? ~index - 1 : index;
        if (before >= 0 && (_known[before].Status.ChangesAt is not { } until || at < until))
        {
            return _known[before].Status;
        }

        var status = schedule.Windows.ForecastAt(at);
        _known.Insert(before + 1, (at, status));
        return status;
    }
}
