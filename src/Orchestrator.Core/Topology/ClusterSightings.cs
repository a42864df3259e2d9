using System.Collections.Immutable;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Topology;

/// <summary>What a supervisor has heard of one cluster's members in its reign, and the changes of state that follow from it.</summary>
public sealed record ClusterSightings
{
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

    /// <summary>
    /// An observation arrived. Observations of one member must be given in the order in which they arrive. Members that
    /// are not configured are ignored.
    /// </summary>
    public (ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) Heard(NodeObservation observation, DateTimeOffset now) =>
        throw new NotSupportedException();

    /// <summary>A member told of a change itself; it counts as a change once, however it is learnt.</summary>
    public (ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) Heard(NodeStateChanged change, DateTimeOffset now) =>
        throw new NotSupportedException();

    /// <summary>Time passed: members unheard of for too long become <see cref="NodeState.Unreachable"/>.</summary>
    public (ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) Elapsed(DateTimeOffset now, TimeSpan unreachableAfter) =>
        throw new NotSupportedException();

    /// <summary>The sightings of one replica set's members.</summary>
    public IReadOnlyList<MemberSighting> Of(ReplicaSetDefinition set) =>
        set.Members.Where(Members.ContainsKey).Select(node => Members[node]).ToList();

    /// <summary>What planner and runs look at.</summary>
    /// <param name="inventories">The last inventory of each node that gave one, by name.</param>
    public ClusterSnapshot Snapshot(
        EngineCapabilities capabilities,
        IReadOnlyDictionary<string, NodeInventory> inventories,
        DateTimeOffset now) => throw new NotSupportedException();
}
