using System.Collections.Immutable;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Topology;

/// <summary>What a supervisor has heard of one cluster's members in its reign, and the changes of state that follow from it.</summary>
public sealed record ClusterSightings
{
    private const string SilentFor = "no contact for ";

    private ClusterSightings(ClusterDefinition definition, ImmutableSortedDictionary<string, MemberSighting> members)
    {
        Definition = definition;
        Members = members;
    }

    /// <summary>The configured cluster.</summary>
    public ClusterDefinition Definition { get; }

    /// <summary>The members heard of, by name; <see cref="NodeState.Unreachable"/> where they went silent.</summary>
    public ImmutableSortedDictionary<string, MemberSighting> Members { get; private init; }

    /// <summary>At the start of a reign.</summary>
    public static ClusterSightings Start(ClusterDefinition definition) =>
        new(definition, ImmutableSortedDictionary.Create<string, MemberSighting>(StringComparer.Ordinal));

    /// <summary>The same sightings of a cluster whose members have changed; of former members nothing stays.</summary>
    public ClusterSightings Of(ClusterDefinition definition)
    {
        var members = definition.ReplicaSets.SelectMany(set => set.Members).ToHashSet(StringComparer.Ordinal);
        return new ClusterSightings(definition, Members.RemoveRange(Members.Keys.Where(node => !members.Contains(node))));
    }

    /// <summary>
    /// An observation arrived. Observations of one member must be given in the order in which they arrive. Members that
    /// are not configured are ignored.
    /// </summary>
    public (ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) Heard(NodeObservation observation, DateTimeOffset now)
    {
        if (!IsConfigured(observation.ReplicaSet, observation.Node))
        {
            return (this, []);
        }

        return Set(new MemberSighting(observation, now), observation.Reason, now);
    }

    /// <summary>
    /// A member told of a change itself; it counts as a change once, however it is learnt. It does not renew the time of
    /// the observation, whose other parts may be older than what will be decided by them.
    /// </summary>
    public (ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) Heard(NodeStateChanged change, DateTimeOffset now)
    {
        // Without a present observation there is nothing to change: the next one will tell the state.
        if (!Members.TryGetValue(change.Node, out var sighting)
            || sighting.Observation.State == NodeState.Unreachable
            || !IsConfigured(change.ReplicaSet, change.Node))
        {
            return (this, []);
        }

        var observation = sighting.Observation with { State = change.To, Reason = change.Reason };
        return Set(sighting with { Observation = observation }, change.Reason, now);
    }

    /// <summary>Time passed: members unheard of for too long become <see cref="NodeState.Unreachable"/>.</summary>
    public (ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) Elapsed(DateTimeOffset now, TimeSpan unreachableAfter)
    {
        var next = this;
        var changes = new List<NodeStateChanged>();
        foreach (var sighting in Members.Values)
        {
            var silent = now - sighting.HeardAt;
            if (silent <= unreachableAfter || sighting.Observation.State == NodeState.Unreachable)
            {
                continue;
            }

            var reason = Silence(silent);
            var observation = sighting.Observation with { State = NodeState.Unreachable, Reason = reason };
            (next, var made) = next.Set(sighting with { Observation = observation }, reason, now);
            changes.AddRange(made);
        }

        return (next, changes);
    }

    /// <summary>The observation of a member as people look at it: how long it has been silent grows.</summary>
    public static NodeObservation AsSeen(MemberSighting sighting, DateTimeOffset now) =>
        sighting.Observation is { State: NodeState.Unreachable } silent && silent.Reason.StartsWith(SilentFor, StringComparison.Ordinal)
            ? silent with { Reason = Silence(now - sighting.HeardAt) }
            : sighting.Observation;

    /// <summary>
    /// Why a set whose primaries are appointed does not work as it should: too few members can be reached, or its primary cannot. Empty if it does.
    /// </summary>
    public string TroubleWith(ReplicaSetDefinition set, string primary)
    {
        var reachable = set.Members.Where(IsReachable).ToList();
        var silent = set.Members.Except(reachable, StringComparer.Ordinal).ToList();
        if (reachable.Count < set.Majority)
        {
            var heard = Of(set).Select(sighting => sighting.HeardAt).OrderDescending().ElementAtOrDefault(set.Majority - 1);
            return $"no majority{(heard == default ? "" : $" since {heard.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")}: {reachable.Count} of {set.Members.Count} members can be reached, "
                + $"{set.Majority} are needed to acknowledge writes and to appoint a primary; "
                + (reachable.Count == 0 ? "nothing can be read" : $"{string.Join(", ", reachable)} {(reachable.Count == 1 ? "serves" : "serve")} only reads that may be stale")
                + $"; start {string.Join(" or ", silent)}";
        }

        return primary.Length > 0 && silent.Contains(primary) ? $"the primary {primary} cannot be reached; another one will be appointed" : "";
    }

    private bool IsReachable(string node) => Members.TryGetValue(node, out var sighting) && sighting.Observation.State.IsReachable();

    private static string Silence(TimeSpan silent) => $"{SilentFor}{silent.TotalSeconds:0.#} s";

    /// <summary>The sightings of one replica set's members.</summary>
    public IReadOnlyList<MemberSighting> Of(ReplicaSetDefinition set) =>
        set.Members
            .Where(Members.ContainsKey)
            .Select(node => Members[node] with { Observation = Members[node].Observation.In(set.Name) })
            .ToList();

    /// <summary>What planner and runs look at.</summary>
    /// <param name="inventories">The last inventory of each node that gave one, by name.</param>
    public ClusterSnapshot Snapshot(
        EngineCapabilities capabilities,
        IReadOnlyDictionary<string, NodeInventory> inventories,
        DateTimeOffset now) => new(
        Definition,
        capabilities,
        Members.Values
            .Select(sighting => new MemberSnapshot(
                sighting.Observation,
                inventories.TryGetValue(sighting.Observation.Node, out var inventory) ? inventory.Units : [])
            {
                HeardAt = sighting.HeardAt,
                SystemUnits = inventory?.SystemUnits ?? [],
                Capabilities = sighting.Observation.Capabilities ?? inventory?.Capabilities,
            })
            .ToList(),
        now);

    private bool IsConfigured(string replicaSet, string node) =>
        Definition.ReplicaSets.Any(set => set.Name == replicaSet && set.Members.Contains(node));

    private (ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) Set(MemberSighting sighting, string reason, DateTimeOffset now)
    {
        var observation = sighting.Observation;
        var next = this with { Members = Members.SetItem(observation.Node, sighting) };
        var from = Members.TryGetValue(observation.Node, out var before) ? before.Observation.State : NodeState.Unreachable;
        return from == observation.State
            ? (next, [])
            : (next, [new NodeStateChanged(
                Definition.Name, observation.ReplicaSet, observation.Node, from, observation.State, reason, now)]);
    }
}
