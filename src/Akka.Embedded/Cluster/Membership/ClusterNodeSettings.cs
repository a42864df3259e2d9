using Akka.Remote;

namespace Akka.Cluster.Membership;

/// <summary>The settings of one cluster node; times in milliseconds.</summary>
internal sealed record ClusterNodeSettings(
    MembershipSettings Membership,
    PhiAccrualSettings FailureDetector,
    long HeartbeatIntervalMs,
    long ExpectedResponseAfterMs,
    long GossipIntervalMs,
    long LeaderActionsIntervalMs,
    long ReaperIntervalMs,
    long SeedNodeTimeoutMs,
    long RetryUnsuccessfulJoinAfterMs,
    long ShutdownAfterUnsuccessfulJoinMs);

/// <summary>What a node wants to be done.</summary>
internal abstract record ClusterEffect
{
    /// <summary>Send the message to the cluster daemon at the address.</summary>
    internal sealed record Send(Actor.Address To, ClusterMessage Message) : ClusterEffect;

    /// <summary>The node's view has changed.</summary>
    internal sealed record ViewChanged(MembershipView Before, MembershipView After) : ClusterEffect;

    /// <summary>No cluster was found in the allowed time.</summary>
    internal sealed record JoinFailed : ClusterEffect;
}
