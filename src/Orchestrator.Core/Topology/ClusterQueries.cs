using System.Text.Json.Serialization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;

namespace Orchestrator.Core.Topology;

/// <summary>A question or order to the supervisor. Every one is answered, by its reply or by <see cref="RequestFailed"/>.</summary>
public interface ISupervisorRequest;

/// <summary>Asks for <see cref="ClusterList"/>.</summary>
public sealed record ListClusters : ISupervisorRequest
{
    /// <summary>The only one that is asked for, which need not exist; null for all. Unlike <see cref="GetCluster"/> it does not wait until members have been seen.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cluster { get; init; }
}

/// <summary>Asks for a <see cref="ClusterView"/>.</summary>
public sealed record GetCluster(string Cluster) : ISupervisorRequest;

/// <summary>Asks for a <see cref="StorageReport"/> from fresh inventories.</summary>
public sealed record GetStorageReport(string Cluster) : ISupervisorRequest;

/// <summary>
/// Orders a planned step-down; refused unless <paramref name="ExpectedPrimary"/> is the primary (compare-and-set).
/// Answered with <see cref="StepDownCompleted"/>.
/// </summary>
/// <param name="To">The wanted successor; empty lets the supervisor choose the most caught-up secondary.</param>
public sealed record RequestStepDown(string Cluster, string ReplicaSet, string ExpectedPrimary, string To) : ISupervisorRequest
{
    /// <summary>Who orders it; empty where nobody had to say.</summary>
    public string By { get; init; } = "";

    /// <summary>The attempt of a run's step that it is for; null for an operator's order.</summary>
    public CompactionTicket? Ticket { get; init; }
}

/// <summary>All clusters that the supervisor knows.</summary>
public sealed record ClusterList(IReadOnlyList<ClusterView> Clusters);

/// <summary>A cluster as last observed.</summary>
/// <param name="Epoch">Number of the supervisor's reign.</param>
/// <param name="SupervisorNode">Remoting address of the process that hosts the supervisor.</param>
/// <param name="ActiveRun">Id of the run at work on it; empty if none.</param>
public sealed record ClusterView(
    string Name,
    string Engine,
    long Epoch,
    string SupervisorNode,
    string ActiveRun,
    IReadOnlyList<ReplicaSetView> ReplicaSets)
{
    /// <summary>Why the supervisor cannot look after its members; empty where it can.</summary>
    public string Trouble { get; init; } = "";
}

/// <summary>A replica set as last observed.</summary>
/// <param name="Term">Present term; 0 before the first appointment.</param>
/// <param name="Primary">The appointed primary; empty before the first appointment.</param>
public sealed record ReplicaSetView(string Name, long Term, string Primary, IReadOnlyList<MemberView> Members)
{
    /// <summary>Why it does not work as it should, since when, what still works, and what to do; empty if nothing is known.</summary>
    public string Trouble { get; init; } = "";
}

/// <summary>A member as last observed, with its latest changes of state (oldest first, bounded).</summary>
/// <param name="Observed">Whether it was ever observed; if not, <paramref name="Observation"/> holds only names and <see cref="NodeState.Unreachable"/>.</param>
public sealed record MemberView(bool Observed, NodeObservation Observation, IReadOnlyList<NodeStateChanged> History);

/// <summary>The storage report: every node's units.</summary>
/// <param name="Missing">Configured nodes that did not answer in time.</param>
public sealed record StorageReport(string Cluster, IReadOnlyList<NodeInventory> Nodes, IReadOnlyList<string> Missing, DateTimeOffset TakenAt)
{
    /// <summary>The last compaction of every unit of which one is remembered.</summary>
    public IReadOnlyList<UnitLastCompaction> LastCompactions { get; init; } = [];
}

/// <summary>The primary has moved.</summary>
public sealed record StepDownCompleted(string ReplicaSet, string OldPrimary, string NewPrimary, long Term);

/// <summary>The supervisor did nothing; <paramref name="Message"/> names the thing and the remedy.</summary>
/// <param name="RunId">With <see cref="FailureCode.Conflict"/>: the run that is in the way; else empty.</param>
public sealed record RequestFailed(FailureCode Code, string Message, string RunId);

/// <summary>Why the supervisor does not do what was asked.</summary>
public enum FailureCode
{
    /// <summary>The named cluster, replica set, node, unit or run does not exist.</summary>
    NotFound,

    /// <summary>The state does not allow it now.</summary>
    Conflict,

    /// <summary>A check refused it.</summary>
    Refused,

    /// <summary>The request itself is wrong.</summary>
    Invalid,

    /// <summary>Too few members or no answer in time.</summary>
    Unavailable,
}
