using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>Asks for a <see cref="PlanMade"/>: a dry run that changes nothing.</summary>
public sealed record MakePlan(CompactionRequest Request) : ISupervisorRequest;

/// <summary>Makes a plan and starts its run. Answered with <see cref="RunView"/>. The id makes a repeated order harmless.</summary>
public sealed record StartRun(string RunId, CompactionRequest Request) : ISupervisorRequest
{
    /// <summary>Who or what starts it.</summary>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;
}

/// <summary>Asks for a <see cref="RunView"/>.</summary>
public sealed record GetRun(string RunId) : ISupervisorRequest;

/// <summary>Asks for a <see cref="RunList"/>, newest first.</summary>
public sealed record ListRuns : ISupervisorRequest;

/// <summary>
/// Asks for the events after a sequence number (<see cref="RunEventBatch"/>); if there are none yet, the answer waits
/// until there are, or the progress changed, at most <paramref name="Wait"/>.
/// </summary>
public sealed record ReadRunEvents(string RunId, long After, TimeSpan Wait) : ISupervisorRequest;

/// <summary>A plan that was made but not run.</summary>
public sealed record PlanMade(CompactionPlan Plan);

/// <summary>All runs that the supervisor remembers, newest first.</summary>
public sealed record RunList(IReadOnlyList<RunView> Runs);

/// <summary>Recorded events of a run and where it stands now.</summary>
public sealed record RunEventBatch(IReadOnlyList<RecordedRunEvent> Events, RunView Run);

/// <summary>An event with its number in the run's history, from 1 without gaps.</summary>
public sealed record RecordedRunEvent(long Sequence, RunEvent Event);

/// <summary>A run as people look at it.</summary>
/// <param name="State"><c>planned</c>, <c>running</c>, <c>completed</c>, <c>completed-with-skips</c> or <c>failed</c>.</param>
/// <param name="Reason">Why it waits or has failed; empty otherwise.</param>
public sealed record RunView(
    string Id,
    string State,
    string Reason,
    CompactionPlan Plan,
    IReadOnlyList<StepView> Steps,
    long BytesFreed,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt);

/// <summary>One step of a run.</summary>
/// <param name="Kind"><c>compact</c> or <c>step-down</c>.</param>
/// <param name="State"><c>pending</c>, <c>waiting</c>, <c>running</c>, <c>completed</c>, <c>skipped</c> or <c>failed</c>.</param>
/// <param name="Reason">Why it waits, was skipped or has failed, else why it is planned.</param>
/// <param name="NewPrimary">After a step-down: who is primary now; else empty.</param>
/// <param name="Units">What was compacted so far.</param>
public sealed record StepView(
    int Number,
    string ReplicaSet,
    string Kind,
    string Node,
    string State,
    string Reason,
    int Attempt,
    double Fraction,
    long BytesBefore,
    long BytesAfter,
    long BytesFreed,
    string NewPrimary,
    IReadOnlyList<UnitCompacted> Units,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt);
