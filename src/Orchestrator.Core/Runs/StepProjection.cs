using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>Shows a step's state as a <see cref="StepView"/>.</summary>
internal static class StepProjection
{
    /// <param name="progress">What was observed, by step and attempt.</param>
    public static StepView View(StepState state, Dictionary<(int Step, int Attempt), StepWork> progress)
    {
        var step = state.Step;
        var view = state switch
        {
            PendingStep when Obstacles(state).Length > 0 => Make(step, "waiting", Obstacles(state), 0, 0, [], "", null, null),
            PendingStep => Make(step, "pending", step.Reason, 0, 0, [], "", null, null),
            CompactingStep s => Make(
                step, "running", Obstacles(s) is { Length: > 0 } obstacles ? obstacles : step.Reason, s.Attempt, Fraction(s), s.Units, "", s.FirstStartedAt, null),
            PausingStep s => Make(step, "pausing", s.Reason, s.Attempt, Fraction(s), s.Units, "", s.FirstStartedAt, null),
            VerifyingStep s => Make(
                step, "running", "compacted; its files are checked and compared with the other members'", s.Attempt, 1, s.Units, "", s.FirstStartedAt, null),
            SteppingDownStep s => Make(
                step, "running", $"{s.ExpectedPrimary} steps down in favour of {s.To}", s.Attempt, 0, s.Units, "", s.FirstStartedAt, null),
            RetryingStep s => Make(step, "waiting", Reason(s), s.Attempt, 0, s.Units, "", s.FirstStartedAt, null),
            PausedStep s => Make(
                step, "paused", Obstacles(s) is { Length: > 0 } obstacles ? obstacles : s.Reason, s.Attempt, Fraction(s), s.Units, "", s.FirstStartedAt, null),
            CompactedStep s => Make(step, "completed", step.Reason, s.Attempt, 1, s.Units, "", s.StartedAt, s.FinishedAt),
            SteppedDownStep s => Make(step, "completed", step.Reason, s.Attempt, 1, [], s.NewPrimary, s.StartedAt, s.FinishedAt),
            SkippedStep s => Make(step, "skipped", s.Reason, 0, 0, [], "", s.StartedAt, s.FinishedAt),
            FailedStep s => Make(step, "failed", s.Reason, s.Attempt, 0, s.Units, "", s.StartedAt, s.FinishedAt),
            CancelledStep s => Make(step, "cancelled", s.Reason, s.Attempt, 0, s.Units, "", s.StartedAt, s.FinishedAt),
            _ => throw new InvalidOperationException($"unknown state {state.GetType().Name}"),
        };
        var planned = step as CompactMemberStep;
        return view with
        {
            EstimatedBytesFreed = planned?.BytesFreed ?? 0,
            EstimatedDuration = TimeSpan.FromTicks(planned?.Units.Sum(unit => unit.Duration.Ticks) ?? 0),
            Progress = state is CompactingStep or PausingStep or PausedStep or VerifyingStep ? progress.GetValueOrDefault((step.Number, view.Attempt))?.Progress : null,
            Duration = TimeSpan.FromTicks(view.Units.Sum(unit => unit.Duration.Ticks)),

            // Those of finished steps are in the history; here they would make the view of a long run large.
            Checks = state is FinishedStep
                ? []
                : [.. state.Checks.Values.Select(check =>
                    new CheckView(check.Result.Check, check.Result.Passed, check.Result.Message, check.Since))],
        };

        double Fraction(StartedStep started) => progress.GetValueOrDefault((step.Number, started.Attempt))?.Fraction ?? 0;
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
        .Where(check => check.Result.Failed)
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

/// <summary>How far an attempt is, as last observed.</summary>
/// <param name="Progress">Null once it has ended.</param>
internal sealed record StepWork(double Fraction, CompactionProgress? Progress);
