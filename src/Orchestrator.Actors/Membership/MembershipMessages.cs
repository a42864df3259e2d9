namespace Orchestrator.Actors.Membership;

/// <summary>Asks another process which cluster it is a member of.</summary>
public sealed record WhereIsTheCluster(string From);

/// <summary>Which cluster a process is a member of: the answer to <see cref="WhereIsTheCluster"/>, and an invitation.</summary>
/// <param name="Cluster">Id of the cluster; empty: the process is no member of any.</param>
/// <param name="Members">Addresses of its members.</param>
/// <param name="CanFound">Whether the process may found a cluster when none is there.</param>
public sealed record ClusterIs(string Cluster, IReadOnlyList<string> Members, bool CanFound);
