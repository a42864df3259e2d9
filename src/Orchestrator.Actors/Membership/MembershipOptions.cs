using Akka.Actor;

namespace Orchestrator.Actors.Membership;

/// <summary>How a process becomes a member of the cluster, and leaves it.</summary>
public sealed record MembershipOptions
{
    /// <summary>The processes that it asks, in the configured order.</summary>
    public required IReadOnlyList<Address> Seeds { get; init; }

    /// <summary>Whether there are no others: seeds that were looked up may be some of those that are about to come. Then only the claim says who founds.</summary>
    public bool AreSeedsComplete { get; init; } = true;

    /// <summary>Whether it may found a cluster.</summary>
    public required bool CanFound { get; init; }

    /// <summary>Null in a process without a journal.</summary>
    public IClusterClaim? Claim { get; init; }

    /// <summary>A claim that was not renewed for so long is free.</summary>
    public required TimeSpan ClaimTimeout { get; init; }

    /// <summary>Role of the processes that share the claim.</summary>
    public required string Role { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Told why this process takes itself out of the cluster and what to do about it, in sentences, before it does so.</summary>
    public required Action<string> Leaving { get; init; }
}

/// <summary>Id of the cluster that this process is a member of; empty before. Written by the actor that joins, read by others.</summary>
internal sealed class ClusterIdentity
{
    private volatile string _cluster = "";

    public string Cluster
    {
        get => _cluster;
        set => _cluster = value;
    }
}
