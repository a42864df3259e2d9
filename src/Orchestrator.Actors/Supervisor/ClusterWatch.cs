using System.Collections.Immutable;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>What the supervisor has seen of one cluster in its reign: members, changes of state, inventories. Pure.</summary>
/// <param name="History">The latest changes of each node, oldest first, bounded.</param>
/// <param name="Inventories">The last inventory of each node that gave one.</param>
/// <param name="Capabilities">What the cluster's engine can do, as far as no inventory tells.</param>
internal sealed record ClusterWatch(
    ClusterSightings Sightings,
    ImmutableDictionary<string, ImmutableList<NodeStateChanged>> History,
    ImmutableDictionary<string, NodeInventory> Inventories,
    EngineCapabilities Capabilities)
{
    public ClusterDefinition Definition => Sightings.Definition;

    /// <summary>When each of the inventories arrived.</summary>
    public ImmutableDictionary<string, DateTimeOffset> MeasuredAt { get; private init; } =
        ImmutableDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>All configured nodes.</summary>
    public IEnumerable<string> Nodes => Definition.ReplicaSets.SelectMany(set => set.Members);

    public static ClusterWatch Start(ClusterDefinition definition, EngineCapabilities capabilities) => new(
        ClusterSightings.Start(definition),
        ImmutableDictionary.Create<string, ImmutableList<NodeStateChanged>>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, NodeInventory>(StringComparer.Ordinal),
        capabilities);

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

    /// <summary>The watch with a node's new inventory.</summary>
    public ClusterWatch With(NodeInventory inventory, DateTimeOffset now) => this with
    {
        Inventories = Inventories.SetItem(inventory.Node, inventory),
        MeasuredAt = MeasuredAt.SetItem(inventory.Node, now),
    };

    /// <summary>What planner and runs look at.</summary>
    public ClusterSnapshot Snapshot(DateTimeOffset now)
    {
        var snapshot = Sightings.Snapshot(Inventories.Values.FirstOrDefault()?.Capabilities ?? Capabilities, Inventories, now);
        return snapshot with
        {
            Members = [.. snapshot.Members.Select(member => member with
            {
                MeasuredAt = MeasuredAt.GetValueOrDefault(member.Observation.Node, DateTimeOffset.MinValue),
            })],
        };
    }

    /// <summary>A snapshot with what has since been estimated in another mode.</summary>
    public ClusterSnapshot WithFrugal(ClusterSnapshot snapshot, string mode) => snapshot with
    {
        Members = [.. snapshot.Members.Select(member => member with
        {
            FrugalUnits = Inventories.TryGetValue(member.Observation.Node, out var inventory) && inventory.Mode == mode ? inventory.Units : member.Units,
        })],
    };

    /// <summary>The cluster as people look at it.</summary>
    public ClusterView View(SupervisorState state, string host, DateTimeOffset now) => new(
        Definition.Name,
        Definition.Engine,
        state.Epoch,
        host,
        state.Holder(Definition.Name, Definition.ReplicaSets.Select(set => set.Name))?.RunId ?? "",
        [.. Definition.ReplicaSets.Select(set => state.Sets.TryGetValue(new ReplicaSetKey(Definition.Name, set.Name), out var appointed)
            ? View(set, appointed.Term, appointed.Primary, now) with { Trouble = Sightings.TroubleWith(set, appointed.Primary) }
            : ViewObserved(set, now))]);

    /// <summary>Of an engine that elects its primaries itself.</summary>
    private ReplicaSetView ViewObserved(ReplicaSetDefinition set, DateTimeOffset now)
    {
        var seen = Sightings.Of(set).Select(sighting => sighting.Observation).ToList();
        var primary = seen.Where(member => member.Role == MemberRole.Primary && member.State.IsReachable()).MaxBy(member => member.Term);
        return View(set, seen.Select(member => member.Term).DefaultIfEmpty(0).Max(), primary?.Node ?? "", now);
    }

    private ReplicaSetView View(ReplicaSetDefinition set, long term, string primary, DateTimeOffset now) => new(
        set.Name,
        term,
        primary,
        [.. set.Members.Select(node => Sightings.Members.TryGetValue(node, out var sighting)
            ? new MemberView(true, ClusterSightings.AsSeen(sighting, now), History.GetValueOrDefault(node, []))
            : new MemberView(false, NodeObservation.Never(Definition.Name, set.Name, node), []))]);
}
