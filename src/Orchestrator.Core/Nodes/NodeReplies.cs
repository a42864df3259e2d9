using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>Every unit of a node with its sizes and estimate.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Mode">The mode that was estimated.</param>
/// <param name="Capabilities">What its engine can do.</param>
/// <param name="Units">In order of database, collection, documents before indexes.</param>
/// <param name="TakenAt">When, by the node's clock.</param>
public sealed record NodeInventory(
    string Node,
    string Mode,
    EngineCapabilities Capabilities,
    IReadOnlyList<UnitEstimate> Units,
    DateTimeOffset TakenAt)
{
    /// <summary>The units of the node's own databases (<see cref="SystemDatabases"/>), which are compacted only where they are named.</summary>
    public IReadOnlyList<UnitEstimate> SystemUnits { get; init; } = [];

    /// <summary>The only replica set whose units these are, where that was asked; null for all that the node has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReplicaSet { get; init; }

    /// <summary>The inventory with what has since been measured of one replica set.</summary>
    public NodeInventory With(NodeInventory part) => this with
    {
        Units = [.. Units.Where(unit => unit.ReplicaSet != part.ReplicaSet), .. part.Units],
        SystemUnits = [.. SystemUnits.Where(unit => unit.ReplicaSet != part.ReplicaSet), .. part.SystemUnits],
    };
}

/// <summary>The member has the promise on disk.</summary>
/// <param name="Positions">Its last change in every collection at the moment of the promise.</param>
public sealed record TermPromised(string Node, string Address, long Term, IReadOnlyList<FeedPosition> Positions);

/// <summary>The primary takes no more writes; <paramref name="Positions"/> are final for this step-down.</summary>
/// <param name="StepDown">Number of the step-down: writes were taken again after an earlier one.</param>
public sealed record WritesStopped(string Node, long Term, IReadOnlyList<FeedPosition> Positions, long StepDown = 0);

/// <summary>The primary takes writes again.</summary>
public sealed record WritesResumed(string Node, long Term);

/// <summary>The member has the appointment on disk and acts by it.</summary>
public sealed record AppointmentFollowed(string Node, long Term);

/// <summary>Another member has the role of primary now.</summary>
/// <param name="Term">The new primary's term.</param>
public sealed record PrimaryTransferred(string Node, string ReplicaSet, string NewPrimary, long Term);

/// <summary>The node did nothing.</summary>
/// <param name="Node">Who refused.</param>
/// <param name="Code">Why, for programs.</param>
/// <param name="Reason">Why and what to do, for the operator.</param>
/// <param name="Epoch">Highest epoch that the node has seen.</param>
/// <param name="Term">Highest term that the node has promised.</param>
public sealed record CommandRefused(string Node, RefusalCode Code, string Reason, long Epoch, long Term)
{
    /// <summary>The attempt whose order was refused; null where the order was none to a compaction.</summary>
    public CompactionTicket? Ticket { get; init; }

    /// <summary>With <see cref="RefusalCode.StaleEpoch"/>: how many seconds ago the supervisor of the higher epoch was last heard of; null for not since the node has started.</summary>
    public double? OtherHeardSecondsAgo { get; init; }
}

/// <summary>Why a node refuses a command.</summary>
public enum RefusalCode
{
    StaleEpoch,
    StaleTerm,
    Busy,
    WrongState,
    NotFound,
    Invalid,
    DiskSpace,

    /// <summary>What the node needs for it fails now, for example a disk that is full.</summary>
    Unavailable,
}
