using System.Collections.Immutable;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Topology;

/// <summary>What the supervisor knows of a replica set's reigns.</summary>
/// <param name="Definition">The configured members.</param>
/// <param name="HighestTerm">The highest term ever requested; never goes down.</param>
public abstract record ReplicaSetState(ReplicaSetDefinition Definition, long HighestTerm)
{
    /// <summary>Before the first event.</summary>
    public static ReplicaSetState Initial(ReplicaSetDefinition definition) => new NoPrimary(definition, 0);

    /// <summary>Term of the last appointment; 0 before the first.</summary>
    public virtual long Term => 0;

    /// <summary>The appointed primary; empty before the first appointment.</summary>
    public virtual string Primary => "";
}

/// <summary>No primary was ever appointed.</summary>
public sealed record NoPrimary(ReplicaSetDefinition Definition, long HighestTerm) : ReplicaSetState(Definition, HighestTerm);

/// <summary>Members are asked to promise <see cref="ReplicaSetState.HighestTerm"/>.</summary>
/// <param name="LastTerm">Term of the appointment before; 0 if there was none.</param>
/// <param name="LastPrimary">Its primary; empty if there was none.</param>
/// <param name="Epoch">The reign that asked.</param>
/// <param name="Goal">What for.</param>
/// <param name="Promises">Promises received, by node.</param>
/// <param name="RequestedAt">When the term was requested.</param>
public sealed record CollectingPromises(
    ReplicaSetDefinition Definition,
    long HighestTerm,
    long LastTerm,
    string LastPrimary,
    long Epoch,
    TermGoal Goal,
    ImmutableSortedDictionary<string, TermPromised> Promises,
    DateTimeOffset RequestedAt) : ReplicaSetState(Definition, HighestTerm)
{
    public override long Term => LastTerm;

    public override string Primary => LastPrimary;
}

/// <summary>A primary has been appointed.</summary>
public abstract record WithPrimary(ReplicaSetDefinition Definition, long HighestTerm, Appointment Appointment)
    : ReplicaSetState(Definition, HighestTerm)
{
    public override long Term => Appointment.Term;

    public override string Primary => Appointment.Primary;
}

/// <summary>The appointed primary has not yet shown that it acts by the appointment.</summary>
public sealed record Announcing(
    ReplicaSetDefinition Definition,
    long HighestTerm,
    Appointment Appointment,
    TermGoal Goal,
    DateTimeOffset AppointedAt) : WithPrimary(Definition, HighestTerm, Appointment);

/// <summary>The primary acts by the appointment.</summary>
/// <param name="ConfirmedAt">Since when; earlier observations say nothing about it.</param>
public sealed record Appointed(
    ReplicaSetDefinition Definition,
    long HighestTerm,
    Appointment Appointment,
    DateTimeOffset ConfirmedAt) : WithPrimary(Definition, HighestTerm, Appointment);

/// <summary>A step-down has begun; the primary was told to stop writes.</summary>
public sealed record StoppingWrites(
    ReplicaSetDefinition Definition,
    long HighestTerm,
    Appointment Appointment,
    long Epoch,
    string To,
    DateTimeOffset StartedAt) : WithPrimary(Definition, HighestTerm, Appointment)
{
    /// <summary>Tells an answer to this step-down from one to an earlier step-down of the same term.</summary>
    public long Number => StartedAt.UtcTicks;
}

/// <summary>Writes are stopped; the successor must reach the primary's last positions.</summary>
public sealed record AwaitingSuccessor(
    ReplicaSetDefinition Definition,
    long HighestTerm,
    Appointment Appointment,
    long Epoch,
    string To,
    DateTimeOffset StartedAt,
    IReadOnlyList<FeedPosition> FinalPositions) : WithPrimary(Definition, HighestTerm, Appointment);
