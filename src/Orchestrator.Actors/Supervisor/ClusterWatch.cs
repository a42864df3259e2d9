using System.Collections.Immutable;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>What the supervisor has seen of one cluster in its reign: members, changes of state, inventories. Pure.</summary>
/// <param name="History">The latest changes of each node, oldest first, bounded.</param>
/// <param name="Inventories">The last inventory of each node that gave one.</param>
internal sealed record ClusterWatch(
    ClusterSightings Sightings,
    ImmutableDictionary<string, ImmutableList<NodeStateChanged>> History,
    ImmutableDictionary<string, NodeInventory> Inventories)
{
    public ClusterDefinition Definition => Sightings.Definition;

    /// <summary>All configured nodes.</summary>
    public IEnumerable<string> Nodes => Definition.ReplicaSets.SelectMany(set => set.Members);

    public static ClusterWatch Start(ClusterDefinition definition) => new(
        ClusterSightings.Start(definition),
        ImmutableDictionary.Create<string, ImmutableList<NodeStateChanged>>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, NodeInventory>(StringComparer.Ordinal));

    /// <summary>The watch with new sightings and what changed with them.</summary>
    /// <param name="historyLength">How many changes are remembered for each node.</param>
    public ClusterWatch With(ClusterSightings sightings, IReadOnlyList<NodeStateChanged> changes, int historyLength)
    {
        var history = History;
        foreach (var change in changes)
        {
            var longer = history.GetValueOrDefault(change.Node, []).Add(change);
            history = history.SetItem(change.Node, longer.RemoveRange(0, Math.Max(0, longer.Count - historyLength)));
        }

        return this with { Sightings = sightings, History = history };
    }

    /// <summary>What planner and runs look at.</summary>
    public ClusterSnapshot Snapshot(DateTimeOffset now) => Sightings.Snapshot(
        Inventories.Values.FirstOrDefault()?.Capabilities ?? EngineCapabilities.Embedded, Inventories, now);

    /// <summary>The cluster as people look at it.</summary>
    public ClusterView View(SupervisorState state, string host) => new(
        Definition.Name,
        Definition.Engine,
        state.Epoch,
        host,
        state.Holder(Definition.Name, Definition.ReplicaSets.Select(set => set.Name))?.RunId ?? "",
        [.. Definition.ReplicaSets.Select(set => View(set, state.Sets[new ReplicaSetKey(Definition.Name, set.Name)]))]);

    private ReplicaSetView View(ReplicaSetDefinition set, ReplicaSetState state) => new(
        set.Name,
        state.Term,
        state.Primary,
        [.. set.Members.Select(node => Sightings.Members.TryGetValue(node, out var sighting)
            ? new MemberView(true, sighting.Observation, History.GetValueOrDefault(node, []))
            : new MemberView(false, NodeObservation.Never(Definition.Name, set.Name, node), []))]);
}
