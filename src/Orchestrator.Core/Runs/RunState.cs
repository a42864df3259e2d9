using System.Collections.Immutable;
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

/// <summary>What a run has in every state.</summary>
/// <param name="Steps">One for each step of the plan, in its order.</param>
/// <param name="NodeStates">The last recorded state of each member.</param>
/// <param name="MaxBytesPerSecond">Limit of the copying rate of each member; 0 is unlimited.</param>
/// <param name="ThrottledAt">When an operator last changed that limit; the beginning of time if nobody has.</param>
/// <param name="ApprovedBy">Who has approved the plan; empty if nobody has.</param>
/// <param name="ResumedAt">When the run was last resumed, else when it was created: nothing is late by what was before.</param>
public sealed record RunBody(
    string RunId,
    CompactionPlan Plan,
    RunOrigin Origin,
    DateTimeOffset CreatedAt,
    ImmutableList<StepState> Steps,
    ImmutableSortedDictionary<string, RecordedNodeState> NodeStates,
    long MaxBytesPerSecond,
    DateTimeOffset ThrottledAt,
    string ApprovedBy,
    DateTimeOffset ResumedAt)
{
    /// <summary>Whether a second person has yet to approve the plan. One without steps does nothing, and waits for nobody.</summary>
    public bool LacksApproval => Origin.NeedsApproval && ApprovedBy.Length == 0 && Steps.Count > 0;
}

/// <summary>A run with a plan.</summary>
public abstract record ExistingRun(RunBody Body) : RunState
{
    public string RunId => Body.RunId;

    public CompactionPlan Plan => Body.Plan;

    public DateTimeOffset CreatedAt => Body.CreatedAt;

    public ImmutableList<StepState> Steps => Body.Steps;

    public ImmutableSortedDictionary<string, RecordedNodeState> NodeStates => Body.NodeStates;
}

/// <summary>Planned, not yet started.</summary>
public sealed record PlannedRun(RunBody Body) : ExistingRun(Body);

/// <summary>A run that has begun, or waits to, and has not ended.</summary>
/// <param name="Since">Since when it is in this state.</param>
public abstract record OpenRun(RunBody Body, DateTimeOffset Since) : ExistingRun(Body);

/// <summary>At work, between two steps, or before another attempt.</summary>
public sealed record RunningRun(RunBody Body, DateTimeOffset Since) : OpenRun(Body, Since);

/// <summary>Nothing is at work, and nothing may be begun.</summary>
/// <param name="For"><see cref="RunWaiting.Approval"/>, or the names of the checks that fail, separated by commas.</param>
/// <param name="Reason">The same for the operator, as it was when the waiting began.</param>
public sealed record WaitingRun(RunBody Body, string For, string Reason, DateTimeOffset Since) : OpenRun(Body, Since);

/// <summary>To be paused: nothing new begins, what is at work comes to its next safe point.</summary>
public sealed record PausingRun(RunBody Body, string By, string Reason, DateTimeOffset Since) : OpenRun(Body, Since);

/// <summary>Paused by an operator: nothing is at work.</summary>
public sealed record PausedRun(RunBody Body, string By, string Reason, DateTimeOffset Since) : OpenRun(Body, Since);

/// <summary>To be cancelled: nothing new begins, what is at work is cancelled or finished.</summary>
public sealed record CancellingRun(RunBody Body, string By, string Reason, DateTimeOffset Since) : OpenRun(Body, Since);

/// <summary>A run that will do nothing more.</summary>
public abstract record EndedRun(RunBody Body, DateTimeOffset FinishedAt) : ExistingRun(Body);

/// <summary>Cancelled by an operator; what it has done stays.</summary>
public sealed record CancelledRun(RunBody Body, string By, string Reason, DateTimeOffset FinishedAt) : EndedRun(Body, FinishedAt);

/// <summary>Every step has been completed, skipped or, where the failure policy allows that, given up.</summary>
public sealed record CompletedRun(RunBody Body, bool WithSkips, DateTimeOffset FinishedAt) : EndedRun(Body, FinishedAt);

/// <summary>A step failed; the steps after it are not done.</summary>
public sealed record FailedRun(RunBody Body, string Reason, DateTimeOffset FinishedAt) : EndedRun(Body, FinishedAt);

/// <summary>A member's state, and since when.</summary>
public sealed record RecordedNodeState(NodeState State, DateTimeOffset Since);
