using System.Collections.Immutable;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>Where a run stands. Folding its events with <see cref="RunDecider.Apply"/> from <see cref="Initial"/> gives it.</summary>
public abstract record RunState
{
    private protected RunState()
    {
    }

    /// <summary>Before the first event.</summary>
    public static RunState Initial { get; } = new NoRun();
}

/// <summary>There is no run yet.</summary>
public sealed record NoRun : RunState;

/// <summary>A run with a plan.</summary>
/// <param name="Steps">One for each step of the plan, in its order.</param>
/// <param name="NodeStates">The last recorded state of each member.</param>
public abstract record ExistingRun(
    string RunId,
    CompactionPlan Plan,
    DateTimeOffset CreatedAt,
    ImmutableList<StepState> Steps,
    ImmutableSortedDictionary<string, RecordedNodeState> NodeStates) : RunState;

/// <summary>Planned, not yet started.</summary>
public sealed record PlannedRun(
    string RunId,
    CompactionPlan Plan,
    DateTimeOffset CreatedAt,
    ImmutableList<StepState> Steps,
    ImmutableSortedDictionary<string, RecordedNodeState> NodeStates) : ExistingRun(RunId, Plan, CreatedAt, Steps, NodeStates);

/// <summary>At work, or waiting on a check.</summary>
/// <param name="ProgressedAt">When the run started or last finished a step.</param>
public sealed record RunningRun(
    string RunId,
    CompactionPlan Plan,
    DateTimeOffset CreatedAt,
    ImmutableList<StepState> Steps,
    ImmutableSortedDictionary<string, RecordedNodeState> NodeStates,
    DateTimeOffset ProgressedAt) : ExistingRun(RunId, Plan, CreatedAt, Steps, NodeStates);

/// <summary>Every step has been completed or skipped.</summary>
public sealed record CompletedRun(
    string RunId,
    CompactionPlan Plan,
    DateTimeOffset CreatedAt,
    ImmutableList<StepState> Steps,
    ImmutableSortedDictionary<string, RecordedNodeState> NodeStates,
    bool WithSkips,
    DateTimeOffset FinishedAt) : ExistingRun(RunId, Plan, CreatedAt, Steps, NodeStates);

/// <summary>A step failed; the steps after it are not done.</summary>
public sealed record FailedRun(
    string RunId,
    CompactionPlan Plan,
    DateTimeOffset CreatedAt,
    ImmutableList<StepState> Steps,
    ImmutableSortedDictionary<string, RecordedNodeState> NodeStates,
    string Reason,
    DateTimeOffset FinishedAt) : ExistingRun(RunId, Plan, CreatedAt, Steps, NodeStates);

/// <summary>A member's state, and since when.</summary>
public sealed record RecordedNodeState(NodeState State, DateTimeOffset Since);

/// <summary>Where one step of a run stands.</summary>
/// <param name="Step">The step as planned.</param>
/// <param name="Checks">The last recorded verdict of each check.</param>
public abstract record StepState(PlanStep Step, ImmutableSortedDictionary<string, RecordedCheck> Checks);

/// <summary>A verdict, and since when it stands.</summary>
public sealed record RecordedCheck(CheckResult Result, DateTimeOffset Since);

/// <summary>Has not been tried.</summary>
public sealed record PendingStep(PlanStep Step, ImmutableSortedDictionary<string, RecordedCheck> Checks) : StepState(Step, Checks);

/// <summary>An attempt has begun.</summary>
/// <param name="FirstStartedAt">When the first attempt began.</param>
/// <param name="Units">What earlier attempts compacted.</param>
public abstract record StartedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset FirstStartedAt,
    ImmutableList<UnitCompacted> Units) : StepState(Step, Checks);

/// <summary>A compaction was ordered.</summary>
/// <param name="StartedAt">When this attempt began.</param>
/// <param name="Accepted">Whether the member was seen at work on this attempt; if it then knows nothing of it, it has restarted.</param>
public sealed record CompactingStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset FirstStartedAt,
    ImmutableList<UnitCompacted> Units,
    DateTimeOffset StartedAt,
    bool Accepted) : StartedStep(Step, Checks, Attempt, FirstStartedAt, Units);

/// <summary>
/// A step-down was ordered: by a step of its own, or ahead of a compaction whose member has become primary since the
/// plan was made.
/// </summary>
public sealed record SteppingDownStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset FirstStartedAt,
    ImmutableList<UnitCompacted> Units,
    string ExpectedPrimary,
    string To,
    DateTimeOffset OrderedAt) : StartedStep(Step, Checks, Attempt, FirstStartedAt, Units);

/// <summary>
/// Between two attempts. <see cref="StartedStep.Attempt"/> is the last one that counts as tried: 0 if so far only a
/// step-down ahead of the first one was done.
/// </summary>
/// <param name="Reason">Why the last attempt failed; empty if none did.</param>
public sealed record RetryingStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset FirstStartedAt,
    ImmutableList<UnitCompacted> Units,
    string Reason,
    DateTimeOffset NotBefore) : StartedStep(Step, Checks, Attempt, FirstStartedAt, Units);

/// <summary>The member was compacted.</summary>
public sealed record CompactedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    ImmutableList<UnitCompacted> Units) : StepState(Step, Checks);

/// <summary>The primary has moved.</summary>
public sealed record SteppedDownStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    string NewPrimary,
    long Term) : StepState(Step, Checks);

/// <summary>The step was not needed.</summary>
public sealed record SkippedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    string Reason,
    DateTimeOffset FinishedAt) : StepState(Step, Checks);

/// <summary>The step was given up.</summary>
public sealed record FailedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    ImmutableList<UnitCompacted> Units,
    string Reason,
    DateTimeOffset FinishedAt) : StepState(Step, Checks);
