using System.Collections.Immutable;

namespace Orchestrator.Core.Runs;

/// <summary>How events change the state of a run; <see cref="StepTransitions"/> has how they change its steps.</summary>
internal static class RunTransitions
{
    public static RunState Apply(RunState state, RunEvent @event) => (state, @event) switch
    {
        (NoRun, RunPlanned e) => Planned(e),
        (ExistingRun s, NodeStateRecorded e) => s with
        {
            Body = s.Body with { NodeStates = s.NodeStates.SetItem(e.Change.Node, new RecordedNodeState(e.Change.To, e.At)) },
        },
        (PlannedRun or WaitingRun, RunStarted e) => new RunningRun(Body(state), e.At),
        (PlannedRun or RunningRun or WaitingRun, RunWaiting e) => new WaitingRun(Body(state), e.For, e.Reason, e.At),
        (WaitingRun s, RunWentOn e) => new RunningRun(s.Body, e.At),
        (PlannedRun or OpenRun, RunApproved e) => With(state, Body(state) with { ApprovedBy = e.By }),
        (PlannedRun or OpenRun, RunThrottled e) => With(state, Body(state) with { MaxBytesPerSecond = e.MaxBytesPerSecond, ThrottledAt = e.At }),
        (PlannedRun or RunningRun or WaitingRun, RunPauseRequested e) => new PausingRun(Body(state), e.By, e.Reason, e.At),
        (PausingRun s, RunPaused e) => new PausedRun(s.Body, s.By, s.Reason, e.At),
        (PausingRun or PausedRun, RunResumed e) => new RunningRun(Body(state) with { ResumedAt = e.At }, e.At),
        (PlannedRun or OpenRun, RunCancelRequested e) => new CancellingRun(Body(state), e.By, e.Reason, e.At),
        (CancellingRun s, RunCancelled e) => new CancelledRun(s.Body, s.By, s.Reason, e.At),
        (OpenRun s, RunCompleted e) => new CompletedRun(s.Body, e.WithSkips, e.At),
        (OpenRun s, RunFailed e) => new FailedRun(s.Body, e.Reason, e.At),
        (OpenRun s, CheckEvaluated e) => Change(s, e.Step, e),

        // Nothing begins in any other state.
        (RunningRun s, StepStarted e) => Change(s, e.Step, e),
        (RunningRun s, StepDownOrdered e) => Change(s, e.Step, e),
        (OpenRun s, StepAccepted e) => Change(s, e.Step, e),
        (OpenRun s, StepPauseOrdered e) => Change(s, e.Step, e),
        (OpenRun s, StepPaused e) => Change(s, e.Step, e),
        (OpenRun s, StepRetried e) => Change(s, e.Step, e),
        (OpenRun s, PrimarySteppedDown e) => Change(s, e.Step, e),
        (OpenRun s, StepVerificationStarted e) => Change(s, e.Step, e),
        (OpenRun s, MemberCompacted e) => Change(s, e.Step, e),
        (OpenRun s, StepSkipped e) => Change(s, e.Step, e),
        (OpenRun s, StepFailed e) => Change(s, e.Step, e),
        (OpenRun s, StepCancelled e) => Change(s, e.Step, e),
        _ => throw new InvalidOperationException($"{@event.GetType().Name} does not fit {state.GetType().Name}"),
    };

    private static RunBody Body(RunState state) => ((ExistingRun)state).Body;

    private static ExistingRun With(RunState state, RunBody body) => (ExistingRun)state with { Body = body };

    private static ExistingRun Change(ExistingRun run, int number, RunEvent @event)
    {
        if (number < 1 || number > run.Steps.Count)
        {
            throw new InvalidOperationException($"run {run.RunId} has no step {number}");
        }

        var step = StepTransitions.Apply(run.Steps[number - 1], @event);
        return With(run, run.Body with { Steps = run.Steps.SetItem(number - 1, step) });
    }

    private static PlannedRun Planned(RunPlanned e)
    {
        var steps = e.Plan.Steps.ToList();
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Number != i + 1)
            {
                throw new InvalidOperationException($"the plan's step {i + 1} has the number {steps[i].Number}");
            }
        }

        return new PlannedRun(new RunBody(
            e.RunId,
            e.Plan,
            e.Origin,
            e.At,
            steps.Select(StepTransitions.Initial).ToImmutableList(),
            ImmutableSortedDictionary.Create<string, RecordedNodeState>(StringComparer.Ordinal),
            e.Plan.Request.Options.MaxBytesPerSecond,
            DateTimeOffset.MinValue,
            "",
            e.At));
    }
}
