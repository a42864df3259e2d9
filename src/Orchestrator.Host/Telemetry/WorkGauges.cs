using System.Diagnostics.Metrics;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Windows;
using static Orchestrator.Host.Telemetry.Gauge;

namespace Orchestrator.Host.Telemetry;

/// <summary>Runs, schedules and windows.</summary>
internal static class WorkGauges
{
    public static IReadOnlyList<Gauge> All { get; } =
    [
        new("orchestrator.runs", "{run}", "Runs that the supervisor remembers, by state.", picture =>
            ByState(picture).Select(runs => Value(runs.Count(), ("cluster", runs.Key.Cluster), ("state", runs.Key.State)))),
        new("orchestrator.run.oldest.timestamp", "s", "Since when the run that is longest in its state is in it, of runs that have not ended, in seconds since 1970.", picture =>
            ByState(picture).Where(runs => runs.Any(IsActive))
                .Select(runs => Value(Timestamp(runs.Where(IsActive).Min(run => run.Since)), ("cluster", runs.Key.Cluster), ("state", runs.Key.State)))),
        new("orchestrator.run.waits", "{run}", "Runs that wait, by what they wait for: approval, or the check that fails.", Waits),
        new("orchestrator.window.open", "", "1 while the maintenance window is open, else 0.", picture =>
            Windows(picture).Select(window => Value(Flag(window.Status.Open), ("window", window.Name)))),
        new("orchestrator.window.change.timestamp", "s", "When the window opens or closes next, in seconds since 1970.", picture =>
            Windows(picture)
                .Select(window => (window.Name, Next: window.Status.ChangesAt))
                .Where(window => window.Next is not null)
                .Select(window => Value(Timestamp(window.Next!.Value), ("window", window.Name)))),
        new("orchestrator.schedule.lateness", "s", "How long ago the schedule should have looked for due units; 0 if it need not have.", picture =>
            picture.Schedules.Select(schedule => Value(Lateness(picture, schedule).TotalSeconds, ("schedule", schedule.Name)))),
        new("orchestrator.schedule.missed_openings", "{opening}", "Openings of its windows before the present one in which the schedule could do nothing.", picture =>
            picture.Schedules.Select(schedule => Value(picture.ScheduleState.Of(schedule.Name).Opening.Missed, ("schedule", schedule.Name)))),
        new("orchestrator.schedule.last_start.timestamp", "s", "When the schedule last started a run, in seconds since 1970.", picture =>
            picture.Schedules
                .Where(schedule => picture.ScheduleState.Of(schedule.Name).Starts.Count > 0)
                .Select(schedule => Value(Timestamp(picture.ScheduleState.Of(schedule.Name).Starts[^1]), ("schedule", schedule.Name)))),
    ];

    private static bool IsActive(RunView run) => run.FinishedAt is null;

    private static IEnumerable<IGrouping<(string Cluster, string State), RunView>> ByState(SupervisorPicture picture) =>
        picture.Runs.GroupBy(run => (run.Plan.Request.Cluster, run.State));

    private static IEnumerable<Measurement<double>> Waits(SupervisorPicture picture) =>
        from run in picture.Runs
        from reason in run.WaitingFor.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        group run by (run.Plan.Request.Cluster, Reason: reason) into runs
        select Value(runs.Count(), ("cluster", runs.Key.Cluster), ("reason", runs.Key.Reason));

    private static IEnumerable<(string Name, WindowStatus Status)> Windows(SupervisorPicture picture) =>
        picture.Windows.Select(window => (window.Name, new WindowCalendar([window]).StatusAt(picture.At)));

    private static TimeSpan Lateness(SupervisorPicture picture, Schedule schedule)
    {
        if (ScheduleDecider.Obstacle(picture.ScheduleState, schedule, picture.At).Length > 0)
        {
            return TimeSpan.Zero;
        }

        // After an opening, a pause or a failover it looks at once.
        var due = picture.LastLooks.TryGetValue(schedule.Name, out var last) ? last + schedule.Pacing.LookInterval : picture.StartedAt;
        foreach (var since in new[] { schedule.Windows.StatusAt(picture.At).OpenedAt, EndOfPause(picture, schedule) })
        {
            due = since > due ? since.Value : due;
        }

        return picture.At > due ? picture.At - due : TimeSpan.Zero;
    }

    private static DateTimeOffset? EndOfPause(SupervisorPicture picture, Schedule schedule) =>
        picture.ScheduleState.Of(schedule.Name) is IdleSchedule idle ? idle.LastEndedAt + schedule.Pacing.MinPause : null;
}
