using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>Shows a run's state as a <see cref="RunView"/>.</summary>
public static class RunProjection
{
    /// <summary>The view of an existing run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="observed">Compactions as last observed, for the progress of the running step.</param>
    public static RunView View(ExistingRun run, IEnumerable<CompactionStatus> observed)
    {
        var progress = observed
            .Where(status => status.Ticket.RunId == run.RunId)
            .GroupBy(status => (status.Ticket.Step, status.Ticket.Attempt))
            .ToDictionary(group => group.Key, group => group.Max(Fraction));
        var steps = run.Steps.Select(step => View(step, progress)).ToList();
        var (state, reason, finished) = run switch
        {
            PlannedRun => ("planned", "", (DateTimeOffset?)null),
            RunningRun => ("running", steps.FirstOrDefault(step => step.State == "waiting")?.Reason ?? "", null),
            CompletedRun { WithSkips: true } completed => ("completed-with-skips", "", completed.FinishedAt),
            CompletedRun completed => ("completed", "", completed.FinishedAt),
            FailedRun failed => ("failed", failed.Reason, failed.FinishedAt),
            _ => throw new InvalidOperationException($"unknown state {run.GetType().Name}"),
        };
        return new RunView(run.RunId, state, reason, run.Plan, steps, steps.Sum(step => step.BytesFreed), run.CreatedAt, finished);
    }

    /// <summary>An attempt that has ended well is at its end, also while the run has not recorded it yet.</summary>
    private static double Fraction(CompactionStatus status) => status switch
    {
        CompactionRunning running => running.Progress.Fraction,
        CompactionSucceeded => 1,
        _ => 0,
    };

    private static StepView View(StepState state, Dictionary<(int Step, int Attempt), double> progress)
    {
        var step = state.Step;
        return state switch
        {
            PendingStep when Obstacles(state).Length > 0 => Make(step, "waiting", Obstacles(state), 0, 0, [], "", null, null),
            PendingStep => Make(step, "pending", step.Reason, 0, 0, [], "", null, null),
            CompactingStep s => Make(
                step, "running", Obstacles(s) is { Length: > 0 } obstacles ? obstacles : step.Reason, s.Attempt,
                progress.GetValueOrDefault((step.Number, s.Attempt)), s.Units, "", s.FirstStartedAt, null),
            SteppingDownStep s => Make(
                step, "running", $"{s.ExpectedPrimary} steps down in favour of {s.To}", s.Attempt, 0, s.Units, "", s.FirstStartedAt, null),
            RetryingStep s => Make(step, "waiting", Reason(s), s.Attempt, 0, s.Units, "", s.FirstStartedAt, null),
            CompactedStep s => Make(step, "completed", step.Reason, s.Attempt, 1, s.Units, "", s.StartedAt, s.FinishedAt),
            SteppedDownStep s => Make(step, "completed", step.Reason, s.Attempt, 1, [], s.NewPrimary, s.StartedAt, s.FinishedAt),
            SkippedStep s => Make(step, "skipped", s.Reason, 0, 0, [], "", null, s.FinishedAt),
            FailedStep s => Make(step, "failed", s.Reason, s.Attempt, 0, s.Units, "", null, s.FinishedAt),
            _ => throw new InvalidOperationException($"unknown state {state.GetType().Name}"),
        };
    }

    private static string Reason(RetryingStep state)
    {
        var obstacles = Obstacles(state);
        return (state.Reason.Length, obstacles.Length) switch
        {
            (0, 0) => state.Step.Reason,
            (0, _) => obstacles,
            (_, 0) => $"attempt {state.Attempt} failed: {state.Reason}",
            _ => $"attempt {state.Attempt} failed: {state.Reason}; {obstacles}",
        };
    }

    private static string Obstacles(StepState state) => string.Join("; ", state.Checks.Values
        .Where(check => !check.Result.Passed)
        .Select(check => $"{check.Result.Check}: {check.Result.Message}"));

    private static StepView Make(
        PlanStep step,
        string state,
        string reason,
        int attempt,
        double fraction,
        IReadOnlyList<UnitCompacted> units,
        string newPrimary,
        DateTimeOffset? startedAt,
        DateTimeOffset? finishedAt) => new(
        step.Number,
        step.ReplicaSet,
        step is StepDownStep ? "step-down" : "compact",
        step.Node,
        state,
        reason,
        attempt,
        fraction,
        units.Sum(unit => unit.BytesBefore),
        units.Sum(unit => unit.BytesAfter),
        units.Sum(unit => unit.BytesFreed),
        newPrimary,
        units,
        startedAt,
        finishedAt);
}
