using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// What a node knows of its place in the replica set. Invariants: <see cref="Epoch"/> and <see cref="PromisedTerm"/>
/// never go down; a followed appointment's term is never above <see cref="PromisedTerm"/>; a member takes writes only
/// as <see cref="LeadingMember"/>, in which both are equal.
/// </summary>
/// <param name="Node">Its own name.</param>
/// <param name="ReplicaSet">Its replica set.</param>
/// <param name="Epoch">Highest epoch seen.</param>
/// <param name="PromisedTerm">Highest term promised, or followed.</param>
/// <param name="PromisedEpoch">The epoch to which that term was promised.</param>
public abstract record MemberState(string Node, string ReplicaSet, long Epoch, long PromisedTerm, long PromisedEpoch)
{
    /// <summary>The term that is followed; 0 before the first appointment.</summary>
    public virtual long Term => 0;

    /// <summary>The primary that is followed; empty before the first appointment.</summary>
    public virtual string Primary => "";

    /// <summary>Base URL of the primary; empty before the first appointment.</summary>
    public virtual string PrimaryAddress => "";

    /// <summary>The role in the followed term.</summary>
    public virtual MemberRole Role => MemberRole.Secondary;

    /// <summary>What a node state follows from this alone, with its reason; compactions and lag may add to it.</summary>
    public abstract (NodeState State, string Reason) Condition { get; }

    /// <summary>What must survive a restart.</summary>
    public abstract MemberRecord Record { get; }
}

/// <summary>The durable part of a member's state, as it is stored on disk.</summary>
/// <param name="Appointments">The followed appointment; empty before the first.</param>
public sealed record MemberRecord(long Epoch, long PromisedTerm, long PromisedEpoch, IReadOnlyList<Appointment> Appointments)
{
    public static MemberRecord Fresh { get; } = new(0, 0, 0, []);
}

/// <summary>No appointment was ever followed.</summary>
public sealed record UnappointedMember(string Node, string ReplicaSet, long Epoch, long PromisedTerm, long PromisedEpoch)
    : MemberState(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch)
{
    public override (NodeState State, string Reason) Condition => (NodeState.Recovering, "waits for its first appointment");

    public override MemberRecord Record => new(Epoch, PromisedTerm, PromisedEpoch, []);
}

/// <summary>Follows an appointment.</summary>
public abstract record AppointedMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment) : MemberState(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch)
{
    public sealed override long Term => Appointment.Term;

    public sealed override string Primary => Appointment.Primary;

    public sealed override string PrimaryAddress => Appointment.PrimaryAddress;

    public sealed override MemberRecord Record => new(Epoch, PromisedTerm, PromisedEpoch, [Appointment]);
}

/// <summary>A secondary of the promised term: pulls from its primary and confirms to it.</summary>
public sealed record FollowingMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment) : AppointedMember(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch, Appointment)
{
    public override (NodeState State, string Reason) Condition => (NodeState.Online, "");
}

/// <summary>Has promised a higher term than it follows: takes no writes, pulls nothing, confirms nothing, until the next appointment.</summary>
public sealed record PromisedMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment) : AppointedMember(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch, Appointment)
{
    public override (NodeState State, string Reason) Condition => Appointment.Primary == Node
        ? (NodeState.SteppingDown, $"has promised term {PromisedTerm} and waits for its primary")
        : (NodeState.Online, "");
}

/// <summary>Primary of the promised term that still lacks changes which other promisers have.</summary>
public sealed record CatchingUpMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment) : AppointedMember(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch, Appointment)
{
    public override MemberRole Role => MemberRole.Primary;

    public override (NodeState State, string Reason) Condition =>
        (NodeState.Recovering, $"catches up in {Appointment.CatchUp.Count} collections before it accepts writes");
}

/// <summary>Primary of the promised term; takes writes while its lease lasts.</summary>
public sealed record LeadingMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment) : AppointedMember(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch, Appointment)
{
    public override MemberRole Role => MemberRole.Primary;

    public override (NodeState State, string Reason) Condition => (NodeState.Online, "");
}

/// <summary>Primary that has stopped writes for a step-down.</summary>
/// <param name="StepDown">Number of the step-down.</param>
/// <param name="Since">Since when it has taken no writes.</param>
/// <param name="Until">When it takes writes again if nothing else happens.</param>
public sealed record HaltedMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment,
    long StepDown,
    DateTimeOffset Since,
    DateTimeOffset Until) : AppointedMember(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch, Appointment)
{
    public override MemberRole Role => MemberRole.Primary;

    public override (NodeState State, string Reason) Condition =>
        (NodeState.SteppingDown, "has stopped writes and waits for its successor");
}

/// <summary>Primary that learnt of a higher term, which it has not promised: somebody else reigns.</summary>
/// <param name="SeenTerm">The higher term.</param>
public sealed record DeposedMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment,
    long SeenTerm) : AppointedMember(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch, Appointment)
{
    public override (NodeState State, string Reason) Condition =>
        (NodeState.SteppingDown, $"has heard of term {SeenTerm} and waits for its primary");
}

/// <summary>
/// Was primary of the promised term and does not go on with that: it has started again, or has found out that its files may lack
/// changes of its own term. Whoever has most is to be appointed, in a new term.
/// </summary>
/// <param name="Cause">Why, as a clause about the member.</param>
public sealed record ResignedMember(
    string Node,
    string ReplicaSet,
    long Epoch,
    long PromisedTerm,
    long PromisedEpoch,
    Appointment Appointment,
    string Cause) : AppointedMember(Node, ReplicaSet, Epoch, PromisedTerm, PromisedEpoch, Appointment)
{
    /// <summary>The cause after a start.</summary>
    public const string StartedAgain = "has started again";

    public override (NodeState State, string Reason) Condition =>
        (NodeState.Recovering, $"{Cause} since it was appointed primary of term {Term}, and waits for a new appointment");
}
