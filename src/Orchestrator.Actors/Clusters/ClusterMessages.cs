using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>Told to the supervisor after everything that was learnt of a cluster.</summary>
/// <param name="Changes">The members' changes of state that it brought.</param>
internal sealed record ClusterSeen(ClusterWatch Watch, IReadOnlyList<NodeStateChanged> Changes) : LocalMessage;

/// <summary>Told to the supervisor: sizes for which runs wait have arrived, or all members were looked at for them.</summary>
internal sealed record RunsAwaitNoMore(string Cluster) : LocalMessage;

/// <summary>Asks for a <see cref="ClusterView"/>, once the members have been seen.</summary>
/// <param name="Host">Remoting address of the process that hosts the supervisor.</param>
/// <param name="ActiveRun">Id of the run at work on the cluster; empty for none.</param>
/// <param name="Troubles">What else is in the way of its compactions.</param>
internal sealed record ShowCluster(string Host, string ActiveRun, IReadOnlyList<string> Troubles) : LocalMessage;

/// <summary>Asks for fresh inventories: answered with <see cref="InventoriesTaken"/>, or with <see cref="RequestFailed"/> if too many are under way.</summary>
/// <param name="Mode">The mode to estimate; empty for the default one.</param>
internal sealed record TakeInventories(string Mode) : LocalMessage;

/// <param name="Missing">Members that have not answered in time.</param>
internal sealed record InventoriesTaken(ClusterSnapshot Snapshot, IReadOnlyList<string> Missing) : LocalMessage;

/// <summary>Asks for a <see cref="StorageReport"/>.</summary>
/// <param name="History">What is remembered of compactions.</param>
internal sealed record ReportCluster(ScheduleState History) : LocalMessage;

/// <summary>A question about units together with what only the supervisor knows. Answered with <see cref="Explanation"/> or <see cref="RequestFailed"/>.</summary>
/// <param name="Sources">Makes the sources from a fresh snapshot.</param>
internal sealed record ExplainCluster(ExplainUnits Request, Func<ClusterSnapshot, ExplanationSources> Sources) : LocalMessage;

/// <summary>Orders something of one member that answers. Answered with the member's answer or with <see cref="RequestFailed"/>.</summary>
internal sealed record OrderMember(string Node, INodeCommand Command) : LocalMessage;

/// <summary>Asks for the cluster's claim for a run; answered with <see cref="ClusterClaimed"/> or <see cref="RequestFailed"/>.</summary>
internal sealed record ClaimCluster(string RunId) : LocalMessage;

/// <summary>No other orchestrator will work on the cluster while the run does.</summary>
internal sealed record ClusterClaimed(string RunId) : LocalMessage;

/// <summary>A run has ended: its claim is given back.</summary>
internal sealed record ReleaseCluster(string RunId) : LocalMessage;

/// <summary>What a cluster's actor needs in one reign.</summary>
/// <param name="Definition">Its members, as far as they are configured.</param>
/// <param name="Engine">Discovers and drives the members; null where they come and report by themselves, and need their primaries appointed.</param>
/// <param name="Facts">The stored facts about the replica sets, by their names.</param>
internal sealed record ClusterTask(
    ClusterDefinition Definition,
    IEngineCluster? Engine,
    IReadOnlyDictionary<string, IReadOnlyList<DurableReplicaSetEvent>> Facts,
    long Epoch,
    DateTimeOffset ReignStartedAt,
    SupervisorOptions Options)
{
    /// <summary>Whether the engine leaves it to the orchestrator who is primary.</summary>
    public bool AppointsPrimaries => Engine is null;

    /// <summary>What is known of a cluster before anything was seen of it.</summary>
    public static ClusterWatch StartWatch(ClusterDefinition definition, IEngineCluster? engine, SupervisorOptions options) =>
        ClusterWatch.Start(definition, engine?.Capabilities ?? options.NodeCapabilities);
}
