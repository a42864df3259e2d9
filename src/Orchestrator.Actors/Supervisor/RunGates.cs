using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Actors.Supervisor;

/// <summary>What outside the clusters themselves allows runs to work: windows and schedules. Pure.</summary>
internal static class RunGates
{
    /// <summary>Why a run cannot be started with this origin; null if it can.</summary>
    public static RequestFailed? Problem(RunOrigin origin, SupervisorOptions options)
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
    public static WindowStatus WindowOf(RunOrigin origin, SupervisorOptions options, DateTimeOffset now)
    {
        if (origin.Window.Length > 0)
        {
            return options.Windows.FirstOrDefault(window => window.Name == origin.Window) is { } window
                ? new WindowCalendar([window]).StatusAt(now)
                : Gone($"window {origin.Window}");
        }

        if (origin.Schedule.Length > 0)
        {
            return options.Schedules.FirstOrDefault(schedule => schedule.Name == origin.Schedule) is { } schedule
                ? schedule.Windows.StatusAt(now)
                : Gone($"schedule {origin.Schedule}");
        }

        return WindowStatus.Always;
    }

    private static WindowStatus Gone(string what) => new(
        false, $"{what} is no longer configured; configure it again or cancel the run", null, null, WindowCloseRule.Finish);
}
