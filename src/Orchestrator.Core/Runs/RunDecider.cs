using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;
using RunDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Runs.RunEvent,
    Orchestrator.Core.Runs.RunEffect,
    Orchestrator.Core.Runs.RunReply>;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The rules of a run. Invariants: the steps of a replica set are done one after another in the plan's order; a step
/// begins only when all its checks pass against what is observed at that moment, its window is open and nothing is frozen;
/// a finished step is never begun again; no primary steps down after a secondary of its set has failed, unless the request
/// says that the run shall continue; nothing begins while the run is being paused or cancelled.
/// </summary>
public static class RunDecider
{
    private static readonly RunReply NoReply = new RunReply.None();

    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static RunDecision Decide(RunState state, RunCommand command, CompactionPolicy policy) => (state, command) switch
    {
        (NoRun, CreateRun create) => new RunDecision(
            [new RunPlanned(create.RunId, create.Plan, create.Now) { Origin = create.Origin }], [], new RunReply.Accepted(create.RunId)),
        (ExistingRun run, CreateRun create) when run.RunId == create.RunId =>
            new RunDecision([], [], new RunReply.Accepted(run.RunId)),
        (ExistingRun run, CreateRun create) => Reject(
            FailureCode.Conflict, $"this is run {run.RunId}, not {create.RunId}", run.RunId),
        (NoRun, _) => Reject(FailureCode.NotFound, "there is no such run", ""),
        (ExistingRun run, ControlRun control) => RunControlDecisions.Decide(run, control, policy),
        (EndedRun, _) => Nothing,
        (ExistingRun run, RecordNodeState record) => Record(run, record),
        (ExistingRun run, AssessRun assess) => RunAssessment.Assess(run, assess, policy),
        (ExistingRun run, ReportCompaction report) => RunReports.Decide(run, report, policy),
        (ExistingRun run, ReportRefusal report) => RunReports.Decide(run, report, policy),
        (ExistingRun run, ReportVerification report) => RunReports.Decide(run, report, policy),
        (ExistingRun run, ReportStepDown report) => RunReports.Decide(run, report, policy),
        (ExistingRun run, ReportStepDownFailure report) => RunReports.Decide(run, report, policy),
        _ => throw new InvalidOperationException($"unknown command {command.GetType().Name}"),
    };

    /// <summary>The state after an event.</summary>
    public static RunState Apply(RunState state, RunEvent @event) => RunTransitions.Apply(state, @event);

    /// <summary>Whether nothing is left to do in a step.</summary>
    public static bool IsFinished(StepState step) => step is FinishedStep;

    internal static RunDecision Nothing => new([], [], NoReply);

    internal static RunDecision Reject(FailureCode code, string message, string runId) =>
        new([], [], new RunReply.Rejected(new RequestFailed(code, message, runId)));

    private static RunDecision Record(ExistingRun run, RecordNodeState record)
    {
        var concerns = run.Plan.Request.Cluster == record.Change.Cluster
            && (run.Plan.ReplicaSets.Any(set => set.ReplicaSet == record.Change.ReplicaSet) || run.Plan.Steps.Any(step => step.Node == record.Change.Node));

        // A new reign sees every member as if it had been away; whether it was is what the run has recorded.
        var change = record.Change;
        var last = run.NodeStates.TryGetValue(change.Node, out var recorded) ? recorded.State : NodeState.Online;
        return concerns && last != change.To
            ? new RunDecision(
                [new NodeStateRecorded(change.From == NodeState.Unreachable ? change with { From = last } : change, record.Now)], [], NoReply)
            : Nothing;
    }
}
