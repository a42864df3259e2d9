using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>Everything that one look at a node told.</summary>
/// <param name="Cluster">The cluster that the node belongs to.</param>
/// <param name="ReplicaSet">Its replica set.</param>
/// <param name="Node">Its name, unique in the cluster.</param>
/// <param name="Address">Base URL of its HTTP server, without a trailing slash.</param>
/// <param name="State">What it does now.</param>
/// <param name="Reason">Why it is in that state, for the operator; empty when <see cref="NodeState.Online"/>.</param>
/// <param name="Role">Its role in the replica set.</param>
/// <param name="Term">The term of the appointment that it follows; 0 before the first.</param>
/// <param name="PromisedTerm">The highest term that it has promised; it confirms nothing to a primary of a lower one.</param>
/// <param name="Primary">The primary that it follows; empty before the first appointment.</param>
/// <param name="Lag">How far it is behind its primary.</param>
/// <param name="Disk">The file system that holds its data.</param>
/// <param name="Positions">What it has on disk, a position for each collection, the catalog included.</param>
/// <param name="Compactions">Running and lately finished compactions.</param>
/// <param name="ObservedAt">When the node looked, by its own clock.</param>
public sealed record NodeObservation(
    string Cluster,
    string ReplicaSet,
    string Node,
    string Address,
    NodeState State,
    string Reason,
    MemberRole Role,
    long Term,
    long PromisedTerm,
    string Primary,
    ReplicationLag Lag,
    DiskSpace Disk,
    IReadOnlyList<FeedPosition> Positions,
    IReadOnlyList<CompactionStatus> Compactions,
    DateTimeOffset ObservedAt)
{
    /// <summary>Version of the database software; empty if unknown.</summary>
    public string Version { get; init; } = "";

    /// <summary>Alarms that stand on the member, by the engine's names.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>Most bytes that its storage may take; 0 if unknown or unlimited.</summary>
    public long QuotaBytes { get; init; }

    /// <summary>Whether its engine never makes it primary, for example because it is hidden.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CannotLead { get; init; }

    /// <summary>Whether a backup of the member is being taken; null where its engine cannot tell.</summary>
    public bool? BackupRunning { get; init; }

    /// <summary>What the member can do, where that is observed: the versions in a cluster may be mixed; null where it is the engine's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EngineCapabilities? Capabilities { get; init; }

    /// <summary>What it is in each of its replica sets, where it belongs to several; what is said above is then that of the first.</summary>
    public IReadOnlyList<SetMembership> Memberships { get; init; } = [];

    /// <summary>Compactions that ended and are not among those shown, since their results are long.</summary>
    public IReadOnlyList<CompactionTicket> HiddenCompactions { get; init; } = [];

    /// <summary>Collections that the member cannot serve; it goes on serving the others.</summary>
    public IReadOnlyList<FailedCollection> FailedCollections { get; init; } = [];

    /// <summary>The member as one of its replica sets sees it.</summary>
    public NodeObservation In(string replicaSet) => MembershipIndex.Find(Memberships, replicaSet) switch
    {
        { } there when State.IsReachable() => this with
        {
            ReplicaSet = replicaSet,
            State = there.State,
            Reason = there.Reason,
            Role = there.Role,
            Term = there.Term,
            Primary = there.Primary,
            Lag = there.Lag,
        },
        _ when ReplicaSet == replicaSet => this,
        _ => this with { ReplicaSet = replicaSet },
    };

    /// <summary>A configured member that was never observed: only names, and <see cref="NodeState.Unreachable"/>.</summary>
    public static NodeObservation Never(string cluster, string replicaSet, string node) => new(
        cluster, replicaSet, node, "", NodeState.Unreachable, "it has never been observed", MemberRole.Secondary,
        0, 0, "", ReplicationLag.None, new DiskSpace(0, 0), [], [], DateTimeOffset.UnixEpoch);
}

/// <summary>What a member is in one of its replica sets.</summary>
/// <param name="State">What its copy in this set does: another one may be out while this one serves.</param>
/// <param name="Reason">Why; empty when <see cref="NodeState.Online"/>.</param>
/// <param name="Term">Term of the primary that it knows; 0 for engines without terms.</param>
/// <param name="Primary">Name of the primary that it knows; empty for none.</param>
public sealed record SetMembership(
    string ReplicaSet,
    NodeState State,
    string Reason,
    MemberRole Role,
    long Term,
    string Primary,
    ReplicationLag Lag);

/// <summary>How far a member is behind its primary. A primary and a member that has caught up have zeros.</summary>
/// <param name="Changes">Changes that the primary has and the member has not, all collections together.</param>
/// <param name="Seconds">Time since the member last had everything that the primary had.</param>
public sealed record ReplicationLag(long Changes, double Seconds)
{
    public static ReplicationLag None { get; } = new(0, 0);
}

/// <summary>A file system's space, in bytes.</summary>
/// <param name="FreeBytes">What an unprivileged process can still write.</param>
/// <param name="TotalBytes">Size of the file system.</param>
public sealed record DiskSpace(long FreeBytes, long TotalBytes)
{
    /// <summary>The disk of a member that runs elsewhere and does not tell of it.</summary>
    public static DiskSpace Unseen { get; } = new(-1, -1);

    /// <summary>Whether the space is known.</summary>
    [JsonIgnore]
    public bool IsSeen => TotalBytes >= 0;
}

/// <summary>A node went from one state to another.</summary>
public sealed record NodeStateChanged(
    string Cluster,
    string ReplicaSet,
    string Node,
    NodeState From,
    NodeState To,
    string Reason,
    DateTimeOffset At);
