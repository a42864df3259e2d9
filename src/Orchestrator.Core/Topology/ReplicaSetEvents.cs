using System.Text.Json.Serialization;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Topology;

/// <summary>A fact about a replica set.</summary>
public abstract record ReplicaSetEvent(string ReplicaSet, DateTimeOffset At);

/// <summary>A fact that the supervisor stores before it acts upon it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TermRequested), "term-requested")]
[JsonDerivedType(typeof(PrimaryAppointed), "primary-appointed")]
[JsonDerivedType(typeof(StepDownStarted), "step-down-started")]
[JsonDerivedType(typeof(StepDownAbandoned), "step-down-abandoned")]
public abstract record DurableReplicaSetEvent(string ReplicaSet, DateTimeOffset At) : ReplicaSetEvent(ReplicaSet, At);

/// <summary>Members are asked to promise a term.</summary>
/// <param name="Term">Higher than every term requested before.</param>
/// <param name="Epoch">The reign that asks.</param>
/// <param name="Goal">What the term is for.</param>
/// <param name="Reason">Why, for the operator.</param>
public sealed record TermRequested(string ReplicaSet, long Term, long Epoch, TermGoal Goal, string Reason, DateTimeOffset At)
    : DurableReplicaSetEvent(ReplicaSet, At);

/// <summary>The primary of a term that a majority has promised.</summary>
public sealed record PrimaryAppointed(string ReplicaSet, Appointment Appointment, DateTimeOffset At)
    : DurableReplicaSetEvent(ReplicaSet, At);

/// <summary>A planned step-down begins with stopping writes.</summary>
public sealed record StepDownStarted(string ReplicaSet, long Term, long Epoch, string From, string To, DateTimeOffset At)
    : DurableReplicaSetEvent(ReplicaSet, At);

/// <summary>The step-down was given up; the primary stays.</summary>
public sealed record StepDownAbandoned(string ReplicaSet, long Term, string Reason, DateTimeOffset At)
    : DurableReplicaSetEvent(ReplicaSet, At);

/// <summary>A fact that a new reign need not know.</summary>
public abstract record VolatileReplicaSetEvent(string ReplicaSet, DateTimeOffset At) : ReplicaSetEvent(ReplicaSet, At);

/// <summary>A member's promise arrived.</summary>
public sealed record PromiseReceived(string ReplicaSet, TermPromised Promise, DateTimeOffset At) : VolatileReplicaSetEvent(ReplicaSet, At);

/// <summary>The primary's final positions arrived.</summary>
public sealed record FinalPositionsKnown(string ReplicaSet, IReadOnlyList<FeedPosition> Positions, DateTimeOffset At)
    : VolatileReplicaSetEvent(ReplicaSet, At);

/// <summary>The appointed primary acts by its appointment.</summary>
public sealed record AppointmentConfirmed(string ReplicaSet, long Term, DateTimeOffset At) : VolatileReplicaSetEvent(ReplicaSet, At);

/// <summary>What a term is requested for.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Unplanned), "unplanned")]
[JsonDerivedType(typeof(Instead), "instead")]
[JsonDerivedType(typeof(Planned), "planned")]
public abstract record TermGoal
{
    private TermGoal()
    {
    }

    /// <summary>There is no primary that works.</summary>
    /// <param name="Previous">The primary of the term before; empty for the first.</param>
    public sealed record Unplanned(string Previous) : TermGoal;

    /// <summary>The appointee does not take up its appointment: somebody else shall be primary, if anybody else can be.</summary>
    public sealed record Instead(string Of) : TermGoal;

    /// <summary>A step-down: <paramref name="To"/> has everything that <paramref name="From"/> had.</summary>
    public sealed record Planned(string From, string To) : TermGoal;
}
