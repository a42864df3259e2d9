using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Actors.Supervisor;

/// <content>What outside the clusters themselves allows runs to work.</content>
internal sealed partial class SupervisorActor
{
    /// <summary>What a run's window and the freezes in force allow at this moment.</summary>
    private RunGate GateFor(RegisteredRun run) => new(WindowOf(run.Origin), state.Freezes.On(run.Cluster, Now));

    /// <summary>Why a run cannot be started with this origin; null if it can.</summary>
    private RequestFailed? Problem(RunOrigin origin)
    {
        if (origin.Window.Length > 0 && options.Windows.All(window => window.Name != origin.Window))
        {
            var known = Core.KnownNames.Of(options.Windows.Select(window => window.Name), "none is configured");
            return new RequestFailed(FailureCode.NotFound, $"there is no maintenance window '{origin.Window}'; {known}", "");
        }

        return origin.Schedule.Length > 0 && options.Schedules.All(schedule => schedule.Name != origin.Schedule)
            ? new RequestFailed(FailureCode.NotFound, $"there is no schedule '{origin.Schedule}'", "")
            : null;
    }

    /// <summary>A window of its own comes before the schedule's. What is no longer configured stays closed, which is the safe side.</summary>
    private WindowStatus WindowOf(RunOrigin origin)
    {
        if (origin.Window.Length > 0)
        {
            return options.Windows.FirstOrDefault(window => window.Name == origin.Window) is { } window
                ? new WindowCalendar([window]).StatusAt(Now)
                : Gone($"window {origin.Window}");
        }

        if (origin.Schedule.Length > 0)
        {
            return options.Schedules.FirstOrDefault(schedule => schedule.Name == origin.Schedule) is { } schedule
                ? schedule.Windows.StatusAt(Now)
                : Gone($"schedule {origin.Schedule}");
        }

        return WindowStatus.Always;
    }

    private static WindowStatus Gone(string what) => new(
        false, $"{what} is no longer configured; configure it again or cancel the run", null, null, WindowCloseRule.Finish);
}
