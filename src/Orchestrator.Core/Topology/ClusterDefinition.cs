namespace Orchestrator.Core.Topology;

/// <summary>A configured cluster: a named set of replica sets of one engine.</summary>
public sealed record ClusterDefinition(string Name, string Engine, IReadOnlyList<ReplicaSetDefinition> ReplicaSets);

/// <summary>The configured members of a replica set. A majority is counted from these, reachable or not.</summary>
/// <param name="Name">Name of the replica set, unique in its cluster.</param>
/// <param name="Members">Node names, in configured order; the first is preferred as the first primary.</param>
public sealed record ReplicaSetDefinition(string Name, IReadOnlyList<string> Members)
{
    /// <summary>The number of members that make a majority.</summary>
    public int Majority => (Members.Count / 2) + 1;
}
