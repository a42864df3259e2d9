using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>One replica set of a <see cref="ClusterSnapshot"/>, with every configured member.</summary>
/// <param name="Definition">The configured members.</param>
/// <param name="Capabilities">What the engine can do, as far as a member does not tell it.</param>
/// <param name="Members">In configured order; members never observed are unreachable.</param>
public sealed record ReplicaSetSnapshot(
    ReplicaSetDefinition Definition,
    EngineCapabilities Capabilities,
    IReadOnlyList<MemberSnapshot> Members)
{
    /// <summary>The reachable primary of the highest term; empty if there is none.</summary>
    public string Primary { get; } = Members
        .Select(member => member.Observation)
        .Where(observation => observation.Role == MemberRole.Primary && observation.State.IsReachable())
        .OrderByDescending(observation => observation.Term)
        .Select(observation => observation.Node)
        .FirstOrDefault("");

    /// <summary>The members that count towards a majority.</summary>
    public IReadOnlyList<MemberSnapshot> Voters => [.. Members.Where(member => member.Observation.Role != MemberRole.Learner)];

    /// <summary>The number of voters that make a majority.</summary>
    public int VotingMajority => (Voters.Count / 2) + 1;

    /// <summary>Whether nobody could take over from a member.</summary>
    public bool HasOneMember => Definition.Members.Count == 1;

    /// <summary>Whether it has a primary that must be stepped down before its turn, as its members tell.</summary>
    public bool HasPrimary => Members.Select(member => member.Capabilities).OfType<EngineCapabilities>().DefaultIfEmpty(Capabilities).Any(can => can.HasPrimary);

    /// <summary>What a member can do: the versions in a set may be mixed.</summary>
    public EngineCapabilities CapabilitiesOf(string node) => Member(node).Capabilities ?? Capabilities;

    /// <summary>How many voters must stay in service while a member compacts.</summary>
    public int MustStayWithout(string node) => CapabilitiesOf(node).MustStay == StayingMembers.One ? 1 : VotingMajority;

    /// <summary>The set as it is judged for a request, in one of the engine's modes.</summary>
    public ReplicaSetSnapshot For(CompactionOptions options, string mode) => new(
        Definition,
        Capabilities.For(options).InMode(mode),
        [.. Members.Select(member => member.Capabilities is { } can ? member with { Capabilities = can.For(options).InMode(mode) } : member)]);

    /// <summary>The replica set of that name.</summary>
    /// <exception cref="InvalidOperationException">The cluster has none of that name.</exception>
    public static ReplicaSetSnapshot Of(ClusterSnapshot snapshot, string replicaSet)
    {
        var definition = snapshot.Definition.ReplicaSets.FirstOrDefault(set => set.Name == replicaSet)
            ?? throw new InvalidOperationException($"cluster {snapshot.Definition.Name} has no replica set {replicaSet}");
        var observed = snapshot.Members
            .Where(member => definition.Members.Contains(member.Observation.Node))
            .ToDictionary(member => member.Observation.Node, member => (Func<string, MemberSnapshot>)member.In, StringComparer.Ordinal);
        return Of(snapshot, definition, observed);
    }

    /// <summary>Every replica set of the cluster, in configured order.</summary>
    public static IReadOnlyList<ReplicaSetSnapshot> All(ClusterSnapshot snapshot)
    {
        var observed = snapshot.Members.ToDictionary(member => member.Observation.Node, member => member.ByReplicaSet(), StringComparer.Ordinal);
        return snapshot.Definition.ReplicaSets.Select(definition => Of(snapshot, definition, observed)).ToList();
    }

    /// <summary>Finds replica sets by their names, each made when it is first asked for: of thousands a look needs few.</summary>
    public static Func<string, ReplicaSetSnapshot?> Finder(ClusterSnapshot snapshot)
    {
        var definitions = snapshot.Definition.ReplicaSets.ToDictionary(set => set.Name, StringComparer.Ordinal);
        var observed = snapshot.Members.ToDictionary(member => member.Observation.Node, member => member.ByReplicaSet(), StringComparer.Ordinal);
        var found = new Dictionary<string, ReplicaSetSnapshot>(StringComparer.Ordinal);
        return name =>
        {
            if (!found.TryGetValue(name, out var set) && definitions.TryGetValue(name, out var definition))
            {
                set = found[name] = Of(snapshot, definition, observed);
            }

            return set;
        };
    }

    /// <summary>A member by name.</summary>
    public MemberSnapshot Member(string node) => Members.First(member => member.Observation.Node == node);

    private static ReplicaSetSnapshot Of(
        ClusterSnapshot snapshot,
        ReplicaSetDefinition definition,
        Dictionary<string, Func<string, MemberSnapshot>> observed) => new(
        definition,
        snapshot.Capabilities,
        definition.Members
            .Select(node => observed.TryGetValue(node, out var member)
                ? member(definition.Name)
                : new MemberSnapshot(NodeObservation.Never(snapshot.Definition.Name, definition.Name, node), []))
            .ToList());
}
