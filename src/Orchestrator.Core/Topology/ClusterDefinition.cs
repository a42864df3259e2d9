namespace Orchestrator.Core.Topology;

/// <summary>A configured cluster: a named set of replica sets of one engine.</summary>
/// <remarks>A node may be a member of several sets.</remarks>
public sealed record ClusterDefinition(string Name, string Engine, IReadOnlyList<ReplicaSetDefinition> ReplicaSets)
{
    /// <summary>The members of a replica set and of all others in which a member is.</summary>
    public IEnumerable<string> Beside(string replicaSet, string member) =>
        ReplicaSets.Where(set => set.Name == replicaSet || set.Members.Contains(member)).SelectMany(set => set.Members);

    /// <summary>These replica sets and those that share a member with one of them: who works on the ones keeps the others from being worked on.</summary>
    public IReadOnlyList<string> Touching(IEnumerable<string> replicaSets)
    {
        var names = replicaSets.ToHashSet(StringComparer.Ordinal);
        var members = ReplicaSets.Where(set => names.Contains(set.Name)).SelectMany(set => set.Members).ToHashSet(StringComparer.Ordinal);
        return [.. names.Union(ReplicaSets.Where(set => set.Members.Any(members.Contains)).Select(set => set.Name), StringComparer.Ordinal)];
    }
}

/// <summary>The configured members of a replica set. A majority is counted from these, reachable or not.</summary>
/// <param name="Name">Name of the replica set, unique in its cluster.</param>
/// <param name="Members">Node names, in configured order; the first is preferred as the first primary.</param>
public sealed record ReplicaSetDefinition(string Name, IReadOnlyList<string> Members)
{
    /// <summary>The number of members that make a majority.</summary>
    public int Majority => (Members.Count / 2) + 1;
}
