using System.Text.Json.Serialization;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>A fact in the supervisor's journal.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(SupervisorStarted), "supervisor-started")]
[JsonDerivedType(typeof(ReplicaSetRecorded), "replica-set-recorded")]
[JsonDerivedType(typeof(RunRegistered), "run-registered")]
[JsonDerivedType(typeof(RunReleased), "run-released")]
[JsonDerivedType(typeof(RunForgotten), "run-forgotten")]
[JsonDerivedType(typeof(ScheduleRecorded), "schedule-recorded")]
[JsonDerivedType(typeof(FreezeRecorded), "freeze-recorded")]
[JsonDerivedType(typeof(HoldRecorded), "hold-recorded")]
[JsonDerivedType(typeof(AuditRecorded), "audit-recorded")]
[JsonDerivedType(typeof(AuditSegmentStored), "audit-segment-stored")]
[JsonDerivedType(typeof(AuditSegmentForgotten), "audit-segment-forgotten")]
[JsonDerivedType(typeof(NodeConditionRecorded), "node-condition-recorded")]
[JsonDerivedType(typeof(NodeOrdersNoted), "node-orders-noted")]
[JsonDerivedType(typeof(VerificationBegun), "verification-begun")]
[JsonDerivedType(typeof(VerificationRecorded), "verification-recorded")]
public abstract record SupervisorEvent(DateTimeOffset At);

/// <summary>A new reign began.</summary>
/// <param name="Epoch">Higher than every one before.</param>
/// <param name="Host">Remoting address of the process that hosts it.</param>
public sealed record SupervisorStarted(long Epoch, string Host, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A fact about a replica set of a cluster.</summary>
public sealed record ReplicaSetRecorded(string Cluster, DurableReplicaSetEvent Event, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A run holds its replica sets from now on; its own history is kept by itself.</summary>
public sealed record RunRegistered(string RunId, string Cluster, IReadOnlyList<string> ReplicaSets, DateTimeOffset At) : SupervisorEvent(At)
{
    /// <summary>Who or what started it, and the window that it keeps to.</summary>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;
}

/// <summary>A run has ended, or never came to be, and gives its replica sets back.</summary>
public sealed record RunReleased(string RunId, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A run that ended long ago has left the list of runs, and its history the journal.</summary>
public sealed record RunForgotten(string RunId, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A fact about schedules, or about what compactions gave.</summary>
public sealed record ScheduleRecorded(ScheduleEvent Event, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A fact about freezes.</summary>
public sealed record FreezeRecorded(FreezeEvent Event, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A fact about holds.</summary>
public sealed record HoldRecorded(HoldEvent Event, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>Somebody ordered something.</summary>
public sealed record AuditRecorded(AuditEntry Entry, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>Older entries of the audit trail are in a journal of their own from now on.</summary>
public sealed record AuditSegmentStored(AuditSegment Segment, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>The oldest entries of the audit trail have left the journal.</summary>
/// <param name="First">Number of the segment's first entry.</param>
public sealed record AuditSegmentForgotten(long First, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A condition of a node began or ended; what is said of it stands in the audit trail.</summary>
public sealed record NodeConditionRecorded(NodeConditionChange Change, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>The orders of a node's book up to a number are in the audit trail.</summary>
/// <param name="LastGivenAt">When the last of them was given, by the node's clock.</param>
public sealed record NodeOrdersNoted(string Cluster, string Node, string Book, long Through, DateTimeOffset LastGivenAt, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>Somebody ordered a verification; until it is recorded as ended, a new reign begins it anew under the same id.</summary>
public sealed record VerificationBegun(string Id, StartVerification Order, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>A verification has ended, well or not.</summary>
public sealed record VerificationRecorded(VerificationView View, DateTimeOffset At) : SupervisorEvent(At);

/// <summary>
/// A snapshot: the shortest history that adds up to the same state, so that recovery does not grow with the journal.
/// </summary>
/// <param name="Facts">Applied in order to the initial state.</param>
public sealed record SupervisorSnapshot(IReadOnlyList<SupervisorEvent> Facts);
