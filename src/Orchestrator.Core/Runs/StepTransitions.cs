using System.Collections.Immutable;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>How events change one step.</summary>
internal static class StepTransitions
{
    private static readonly ImmutableSortedDictionary<string, RecordedCheck> NoChecks =
        ImmutableSortedDictionary.Create<string, RecordedCheck>(StringComparer.Ordinal);

    public static StepState Initial(PlanStep step) => new PendingStep(step, NoChecks);

    public static StepState Apply(StepState step, RunEvent @event) => (step, @event) switch
    {
        (_, CheckEvaluated e) => step with { Checks = step.Checks.SetItem(e.Result.Check, new RecordedCheck(e.Result, e.At)) },
        (PendingStep or RetryingStep or PausedStep, StepStarted e) => Start(step, e),
        (PendingStep or RetryingStep or PausedStep, StepDownOrdered e) => new SteppingDownStep(
            step.Step, step.Checks, Tries(step, e.At) with { Attempt = e.Attempt }, e.ExpectedPrimary, e.To, e.At),
        (OrderedStep s, StepAccepted { Advanced: true }) => s with { Advanced = true },
        (OrderedStep s, StepAccepted e) => s with { Accepted = true, AcceptedAt = e.Fraction, Job = e.Job },
        (CompactingStep s, StepPauseOrdered e) => new PausingStep(
            s.Step, s.Checks, s.Tries, s.StartedAt, s.Accepted, s.Later, e.Reason)
        {
            AcceptedAt = s.AcceptedAt,
            Advanced = s.Advanced,
            Job = s.Job,
            Measured = s.Measured,
        },
        (OrderedStep s, StepPaused e) => new PausedStep(
            s.Step, s.Checks, s.Tries with { Units = s.Units.AddRange(e.Units), CopiedBytes = e.CopiedBytes }, e.Reason, e.At),
        (StartedStep s, StepRetried e) => new RetryingStep(
            s.Step,
            s.Checks,
            s.Tries with { Attempt = e.FailedAttempt, Failures = s.Tries.Failures + 1, Units = s.Units.AddRange(e.Units), CopiedBytes = 0 },
            e.Reason,
            e.NotBefore),
        (StartedStep and not VerifyingStep, StepVerificationStarted e) => Verify((StartedStep)step, e),
        (SteppingDownStep s, PrimarySteppedDown e) => StepDown(s, e),
        (RetryingStep { Step: StepDownStep } s, PrimarySteppedDown e) => StepDown(s, e),
        (StartedStep s, MemberCompacted e) => new CompactedStep(s.Step, s.Checks, s.Attempt, s.FirstStartedAt, e.At, [.. e.Units]),
        (not FinishedStep, StepSkipped e) => new SkippedStep(step.Step, step.Checks, e.Reason, (step as StartedStep)?.FirstStartedAt, e.At),
        (PendingStep, StepFailed e) => new FailedStep(step.Step, step.Checks, 0, null, [.. e.Units], e.Reason, e.At),
        (StartedStep s, StepFailed e) => new FailedStep(s.Step, s.Checks, s.Attempt, s.FirstStartedAt, s.Units.AddRange(e.Units), e.Reason, e.At)
        {
            MembersDiffer = e.MembersDiffer,
        },
        (StartedStep s, StepCancelled e) => new CancelledStep(
            s.Step, s.Checks, s.Attempt, s.FirstStartedAt, s.Units.AddRange(e.Units), e.Reason, e.At),
        _ => throw new InvalidOperationException(
            $"{@event.GetType().Name} does not fit step {step.Step.Number} in {step.GetType().Name}"),
    };

    private static StepTries Tries(StepState step, DateTimeOffset at) =>
        step is StartedStep started ? started.Tries : new StepTries(0, 0, at, [], 0);

    private static StartedStep Start(StepState step, StepStarted e)
    {
        var tries = Tries(step, e.At);

        // A step-down is under way only once its order, with the successor, is recorded too.
        return step.Step is CompactMemberStep
            ? new CompactingStep(step.Step, step.Checks, tries with { Attempt = e.Attempt }, e.At, false, e.Later) { Measured = e.Measured }
            : new RetryingStep(step.Step, step.Checks, tries with { Attempt = e.Attempt - 1 }, "", e.At);
    }

    private static VerifyingStep Verify(StartedStep s, StepVerificationStarted e) =>
        new(s.Step, s.Checks, s.Tries with { Attempt = e.Attempt, Units = s.Units.AddRange(e.Units), CopiedBytes = 0 }, e.At);

    private static StepState StepDown(StartedStep s, PrimarySteppedDown e) => s.Step is StepDownStep
        ? new SteppedDownStep(s.Step, s.Checks, s.Attempt, s.FirstStartedAt, e.At, e.NewPrimary, e.Term)
        : new RetryingStep(s.Step, s.Checks, s.Tries with { Attempt = s.Attempt - 1 }, "", e.At);
}
