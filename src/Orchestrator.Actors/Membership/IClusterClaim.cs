namespace Orchestrator.Actors.Membership;

/// <summary>
/// The record, in the journal that all processes that can host the supervisor share, of the one cluster that runs. Only who holds it
/// may found a cluster, and a cluster that has lost it ends.
/// </summary>
public interface IClusterClaim
{
    /// <summary>The record; null if there is none.</summary>
    Task<ClusterClaim?> Read(CancellationToken cancellationToken);

    /// <summary>
    /// Writes the record in one step if there is none, if it is that of this cluster, or if it was not renewed for <paramref name="staleAfter"/>.
    /// </summary>
    /// <param name="replaced">Id of a cluster that is known to have ended, whose record is free too; empty: of none.</param>
    /// <returns>Whether it was written.</returns>
    Task<bool> Take(string cluster, string replaced, IReadOnlyList<string> members, TimeSpan staleAfter, CancellationToken cancellationToken);

    /// <summary>Takes the record of this cluster away: its last member leaves.</summary>
    Task Release(string cluster, CancellationToken cancellationToken);
}

/// <summary>Who holds the claim.</summary>
/// <param name="Cluster">Id of the cluster.</param>
/// <param name="Members">Addresses of its members at that time.</param>
/// <param name="Age">Time since it was last renewed, by the journal's clock.</param>
public sealed record ClusterClaim(string Cluster, IReadOnlyList<string> Members, TimeSpan Age);
