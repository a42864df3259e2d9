using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// A supervisor's order or question to a node. The node refuses an epoch lower than the highest it has seen
/// (<see cref="CommandRefused"/> with <see cref="RefusalCode.StaleEpoch"/>), so that a replaced supervisor does no harm.
/// </summary>
public interface INodeCommand
{
    /// <summary>Number of the supervisor's reign.</summary>
    long Epoch { get; }
}

/// <summary>Asks for a <see cref="NodeObservation"/>; the asker also becomes the receiver of <see cref="NodeStateChanged"/>.</summary>
public sealed record ObserveNode(long Epoch) : INodeCommand;

/// <summary>
/// Tells a process that another one, which is alive, is the node that it says it is: it must not take part, since what both promise and confirm
/// would count as one member's.
/// </summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Node">The name that both have.</param>
/// <param name="Address">Where the other one is, host and port.</param>
public sealed record NodeNameTaken(string Cluster, string Node, string Address);

/// <summary>Asks for a <see cref="NodeInventory"/>: the sizes of every unit, and what compacting it in a mode would free.</summary>
public sealed record TakeInventory(long Epoch, string Mode) : INodeCommand
{
    /// <summary>Options of the engine that the compaction would have.</summary>
    public OptionValues EngineOptions { get; init; } = OptionValues.None;

    /// <summary>Of a member of several replica sets, only what it has of this one is asked for; it may tell more. Null for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReplicaSet { get; init; }
}

/// <summary>
/// Starts a compaction. Idempotent by ticket: a ticket that runs or has ended is answered with its
/// <see cref="CompactionStatus"/>, a new one with <see cref="CompactionRunning"/>. Refused while another ticket runs.
/// </summary>
/// <remarks>
/// A member of an engine that does not know tickets is looked at before a repeated order begins anything: the job may be at
/// work, or done, since another process ordered it.
/// </remarks>
public sealed record CompactUnits(long Epoch, CompactionTicket Ticket, IReadOnlyList<StorageUnit> Units, CompactionSettings Settings) : INodeCommand
{
    /// <summary>Sizes of the units before the attempt.</summary>
    public IReadOnlyList<UnitSize> Before { get; init; } = [];

    /// <summary>The job that was begun for the attempt: nothing is begun, this job is watched. Null where none is known.</summary>
    public JobId? Job { get; init; }

    /// <summary>Whether the attempt may have been ordered before.</summary>
    public bool Repeated { get; init; }

    /// <summary>Whether nothing is to be begun: only if the attempt is at work, or done, that is told. The rest is <see cref="RefusalCode.NotFound"/>.</summary>
    public bool LookOnly { get; init; }
}

/// <summary>Stops a compaction at its next checkpoint. Answered with its <see cref="CompactionStatus"/>.</summary>
public sealed record CancelCompaction(long Epoch, CompactionTicket Ticket) : INodeCommand;

/// <summary>
/// Asks a member to promise a term: it stores the promise on disk, then answers <see cref="TermPromised"/> and from
/// then on confirms nothing to a primary of a lower term. A term that is not higher than one promised before is refused,
/// save that the same term may be promised again to the same epoch.
/// </summary>
public sealed record PromiseTerm(long Epoch, string ReplicaSet, long Term) : INodeCommand;

/// <summary>
/// Tells a primary to stop taking writes ahead of a step-down. Answered with <see cref="WritesStopped"/>. It takes
/// writes again by itself after <paramref name="AtMost"/> unless it was asked to promise a higher term meanwhile.
/// </summary>
/// <param name="StepDown">Number of the step-down, which comes back with the answer.</param>
public sealed record StopWrites(long Epoch, string ReplicaSet, long Term, TimeSpan AtMost, long StepDown = 0) : INodeCommand;

/// <summary>Takes a <see cref="StopWrites"/> back. Answered with <see cref="WritesResumed"/>.</summary>
public sealed record ResumeWrites(long Epoch, string ReplicaSet, long Term) : INodeCommand;

/// <summary>Announces who is primary. Answered with <see cref="AppointmentFollowed"/> once it is on disk. Idempotent.</summary>
public sealed record FollowAppointment(long Epoch, string ReplicaSet, Appointment Appointment) : INodeCommand;

/// <summary>
/// Tells the primary of a replica set whose engine elects its primaries to hand its role over. Answered with
/// <see cref="PrimaryTransferred"/> once the successor is seen to have it, or with <see cref="CommandRefused"/>.
/// </summary>
/// <param name="ExpectedPrimary">Compare-and-set: only if this one, which is told, is the primary.</param>
/// <param name="To">The successor.</param>
public sealed record TransferPrimary(long Epoch, string ReplicaSet, string ExpectedPrimary, string To) : INodeCommand
{
    /// <summary>The attempt of a run's step that it is for; null for an operator's order.</summary>
    public CompactionTicket? Ticket { get; init; }
}

/// <summary>Who is primary of a replica set in a term, and where it must catch up before it takes writes.</summary>
/// <param name="Term">The term; a majority has promised it.</param>
/// <param name="Primary">Name of the primary.</param>
/// <param name="PrimaryAddress">Base URL of its HTTP server.</param>
/// <param name="Members">All configured members, the primary included.</param>
/// <param name="CatchUp">For each collection in which another promiser is ahead: that promiser and how far it is.</param>
public sealed record Appointment(
    long Term,
    string Primary,
    string PrimaryAddress,
    IReadOnlyList<string> Members,
    IReadOnlyList<CatchUpSource> CatchUp);

/// <summary>The promiser that is most advanced in a collection.</summary>
public sealed record CatchUpSource(FeedPosition Position, string Node, string Address);
