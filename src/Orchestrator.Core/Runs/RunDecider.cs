using System.Collections.Immutable;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;
using RunDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Runs.RunEvent,
    Orchestrator.Core.Runs.RunEffect,
    Orchestrator.Core.Runs.RunReply>;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The rules of a run. Invariants: the steps of a replica set are done one after another in the plan's order; a step
/// begins only when all its checks pass against what is observed at that moment; a finished step is never begun again;
/// when a step fails the run ends, so no primary steps down after a secondary of its set has failed.
/// </summary>
public static class RunDecider
{
    private static readonly RunReply NoReply = new RunReply.None();

    private static readonly ImmutableSortedDictionary<string, RecordedCheck> NoChecks =
        ImmutableSortedDictionary.Create<string, RecordedCheck>(StringComparer.Ordinal);

    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static RunDecision Decide(RunState state, RunCommand command, CompactionPolicy policy) => (state, command) switch
    {
        (NoRun, CreateRun create) => new RunDecision(
            [new RunPlanned(create.RunId, create.Plan, create.Now)], [], new RunReply.Accepted(create.RunId)),
        (ExistingRun run, CreateRun create) when run.RunId == create.RunId =>
            new RunDecision([], [], new RunReply.Accepted(run.RunId)),
        (ExistingRun run, CreateRun create) => Reject(
            FailureCode.Conflict, $"this is run {run.RunId}; {create.RunId} is another one", run.RunId),
        (NoRun, _) => Reject(FailureCode.NotFound, "there is no such run", ""),
        (ExistingRun run, RecordNodeState record) => Record(run, record),
        (PlannedRun or RunningRun, AssessRun assess) => RunAssessment.Assess((ExistingRun)state, assess, policy),
        (RunningRun run, ReportCompaction report) => Report(run, report, policy),
        (RunningRun run, ReportRefusal report) => Report(run, report, policy),
        (RunningRun run, ReportStepDown report) => Report(run, report, policy),
        (RunningRun run, ReportStepDownFailure report) => Report(run, report, policy),
        (ExistingRun, AssessRun or ReportCompaction or ReportRefusal or ReportStepDown or ReportStepDownFailure) => Nothing,
        _ => throw new InvalidOperationException($"unknown command {command.GetType().Name}"),
    };

    /// <summary>The state after an event.</summary>
    public static RunState Apply(RunState state, RunEvent @event) => (state, @event) switch
    {
        (NoRun, RunPlanned e) => Planned(e),
        (PlannedRun s, RunStarted e) => new RunningRun(s.RunId, s.Plan, s.CreatedAt, s.Steps, s.NodeStates, e.At),
        (ExistingRun s, NodeStateRecorded e) => s with
        {
            NodeStates = s.NodeStates.SetItem(e.Change.Node, new RecordedNodeState(e.Change.To, e.At)),
        },
        (RunningRun s, RunCompleted e) =>
            new CompletedRun(s.RunId, s.Plan, s.CreatedAt, s.Steps, s.NodeStates, e.WithSkips, e.At),
        (RunningRun s, RunFailed e) =>
            new FailedRun(s.RunId, s.Plan, s.CreatedAt, s.Steps, s.NodeStates, e.Reason, e.At),
        (RunningRun s, CheckEvaluated e) => Change(s, e.Step, step => step with
        {
            Checks = step.Checks.SetItem(e.Result.Check, new RecordedCheck(e.Result, e.At)),
        }),
        (RunningRun s, StepStarted e) => Change(s, e.Step, step => Start(step, e)),
        (RunningRun s, StepAccepted e) => Change(s, e.Step, step => step is CompactingStep compacting
            ? compacting with { Accepted = true }
            : throw Misfit(step, e)),
        (RunningRun s, StepDownOrdered e) => Change(s, e.Step, step => Order(step, e)),
        (RunningRun s, StepRetried e) => Change(s, e.Step, step => step is StartedStep started
            ? new RetryingStep(
                step.Step, step.Checks, e.FailedAttempt, started.FirstStartedAt, started.Units.AddRange(e.Units), e.Reason, e.NotBefore)
            : throw Misfit(step, e)),
        (RunningRun s, PrimarySteppedDown e) => Change(s, e.Step, step => StepDown(step, e)) with { ProgressedAt = e.At },
        (RunningRun s, MemberCompacted e) => Change(s, e.Step, step => Complete(step, e)) with { ProgressedAt = e.At },
        (RunningRun s, StepSkipped e) => Change(s, e.Step, step => Skip(step, e)) with { ProgressedAt = e.At },
        (RunningRun s, StepFailed e) => Change(s, e.Step, step => Fail(step, e)) with { ProgressedAt = e.At },
        _ => throw new InvalidOperationException($"{@event.GetType().Name} does not fit {state.GetType().Name}"),
    };

    /// <summary>Whether nothing is left to do in a step.</summary>
    public static bool IsFinished(StepState step) => step is CompactedStep or SteppedDownStep or SkippedStep or FailedStep;

    private static RunDecision Nothing => new([], [], NoReply);

    private static RunDecision Record(ExistingRun run, RecordNodeState record)
    {
        var concerns = run is PlannedRun or RunningRun
            && run.Plan.ReplicaSets.Any(set => set.ReplicaSet == record.Change.ReplicaSet)
            && run.Plan.Request.Cluster == record.Change.Cluster;
        var known = run.NodeStates.TryGetValue(record.Change.Node, out var last) && last.State == record.Change.To;
        return concerns && !known
            ? new RunDecision([new NodeStateRecorded(record.Change, record.Now)], [], NoReply)
            : Nothing;
    }

    private static RunDecision Report(RunningRun run, ReportCompaction report, CompactionPolicy policy)
    {
        if (Find(run, report.Status.Ticket) is not { } step)
        {
            return Nothing;
        }

        var draft = new RunDraft(run, policy, report.Now);
        RunAssessment.Finish(draft, step, report.Status);
        return draft.ToDecision();
    }

    private static RunDecision Report(RunningRun run, ReportRefusal report, CompactionPolicy policy)
    {
        // A node that has seen a higher epoch obeys another supervisor, which has this run too.
        if (Find(run, report.Ticket) is not { } step || report.Refusal.Code == RefusalCode.StaleEpoch)
        {
            return Nothing;
        }

        var draft = new RunDraft(run, policy, report.Now);
        draft.Retry(step, $"{report.Refusal.Node} refused: {report.Refusal.Reason}", []);
        return draft.ToDecision();
    }

    private static RunDecision Report(RunningRun run, ReportStepDown report, CompactionPolicy policy)
    {
        if (FindOrder(run, report.Step, report.Attempt) is null)
        {
            return Nothing;
        }

        var draft = new RunDraft(run, policy, report.Now);
        draft.Add(new PrimarySteppedDown(
            report.Step, report.Result.OldPrimary, report.Result.NewPrimary, report.Result.Term, report.Now));
        return draft.ToDecision();
    }

    private static RunDecision Report(RunningRun run, ReportStepDownFailure report, CompactionPolicy policy)
    {
        if (FindOrder(run, report.Step, report.Attempt) is not { } step)
        {
            return Nothing;
        }

        var draft = new RunDraft(run, policy, report.Now);
        draft.Retry(step, report.Failure.Message, []);
        return draft.ToDecision();
    }

    private static CompactingStep? Find(RunningRun run, CompactionTicket ticket) => ticket.RunId == run.RunId
        ? run.Steps.OfType<CompactingStep>().FirstOrDefault(step => step.Step.Number == ticket.Step && step.Attempt == ticket.Attempt)
        : null;

    private static SteppingDownStep? FindOrder(RunningRun run, int step, int attempt) =>
        run.Steps.OfType<SteppingDownStep>().FirstOrDefault(state => state.Step.Number == step && state.Attempt == attempt);

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

        return new PlannedRun(
            e.RunId,
            e.Plan,
            e.At,
            steps.Select(step => (StepState)new PendingStep(step, NoChecks)).ToImmutableList(),
            ImmutableSortedDictionary.Create<string, RecordedNodeState>(StringComparer.Ordinal));
    }

    private static StepState Start(StepState step, StepStarted e)
    {
        var (first, units) = step switch
        {
            PendingStep => (e.At, []),
            RetryingStep retrying => (retrying.FirstStartedAt, retrying.Units),
            _ => throw Misfit(step, e),
        };

        // A step-down is under way only once its order, with the successor, is recorded too.
        return step.Step is CompactMemberStep
            ? new CompactingStep(step.Step, step.Checks, e.Attempt, first, units, e.At, false)
            : new RetryingStep(step.Step, step.Checks, e.Attempt - 1, first, units, "", e.At);
    }

    private static SteppingDownStep Order(StepState step, StepDownOrdered e)
    {
        var (first, units) = step switch
        {
            PendingStep => (e.At, []),
            RetryingStep retrying => (retrying.FirstStartedAt, retrying.Units),
            _ => throw Misfit(step, e),
        };
        return new SteppingDownStep(step.Step, step.Checks, e.Attempt, first, units, e.ExpectedPrimary, e.To, e.At);
    }

    private static StepState StepDown(StepState step, PrimarySteppedDown e) => (step, step.Step) switch
    {
        (SteppingDownStep s, StepDownStep) => new SteppedDownStep(
            s.Step, s.Checks, s.Attempt, s.FirstStartedAt, e.At, e.NewPrimary, e.Term),
        (SteppingDownStep s, CompactMemberStep) => new RetryingStep(
            s.Step, s.Checks, s.Attempt - 1, s.FirstStartedAt, s.Units, "", e.At),
        _ => throw Misfit(step, e),
    };

    private static CompactedStep Complete(StepState step, MemberCompacted e) => step is StartedStep started
        ? new CompactedStep(step.Step, step.Checks, started.Attempt, started.FirstStartedAt, e.At, [.. e.Units])
        : throw Misfit(step, e);

    private static SkippedStep Skip(StepState step, StepSkipped e) => IsFinished(step)
        ? throw Misfit(step, e)
        : new SkippedStep(step.Step, step.Checks, e.Reason, e.At);

    private static FailedStep Fail(StepState step, StepFailed e) => step switch
    {
        PendingStep => new FailedStep(step.Step, step.Checks, 0, [], e.Reason, e.At),
        StartedStep s => new FailedStep(s.Step, s.Checks, s.Attempt, s.Units, e.Reason, e.At),
        _ => throw Misfit(step, e),
    };

    private static RunningRun Change(RunningRun run, int number, Func<StepState, StepState> change)
    {
        var index = IndexOf(run, number);
        return run with { Steps = run.Steps.SetItem(index, change(run.Steps[index])) };
    }

    private static int IndexOf(ExistingRun run, int number) => number >= 1 && number <= run.Steps.Count
        ? number - 1
        : throw new InvalidOperationException($"run {run.RunId} has no step {number}");

    private static InvalidOperationException Misfit(StepState step, RunEvent e) =>
        new($"{e.GetType().Name} does not fit step {step.Step.Number} in {step.GetType().Name}");

    private static RunDecision Reject(FailureCode code, string message, string runId) =>
        new([], [], new RunReply.Rejected(new RequestFailed(code, message, runId)));
}
