using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>Where this node itself stands.</summary>
internal abstract record MembershipView(UniqueAddress Self);

/// <summary>Not yet admitted to a cluster.</summary>
internal sealed record OutsideCluster(UniqueAddress Self) : MembershipView(Self);

/// <summary>Member of a cluster.</summary>
/// <param name="Self">This incarnation.</param>
/// <param name="Gossip">All that this node knows.</param>
/// <param name="Reported">The last state that each peer has sent: what it is known to have seen.</param>
/// <param name="CutsChangedAtMs">When the picture of who cannot reach whom last changed.</param>
/// <param name="LosingSinceMs">
/// Since when this node cannot reach a majority, without interruption; <see cref="Never"/> while it can.
/// </param>
internal sealed record InsideCluster(
    UniqueAddress Self,
    Gossip Gossip,
    ImmutableDictionary<UniqueAddress, Gossip> Reported,
    long CutsChangedAtMs,
    long LosingSinceMs) : MembershipView(Self)
{
    /// <summary>The time that never comes.</summary>
    public const long Never = long.MaxValue;

    /// <summary>This node's own entry.</summary>
    public MemberEntry SelfEntry => Gossip.Members[Self];
}

/// <summary>Downed or removed: nothing changes this any more, the process must restart to join again.</summary>
/// <param name="Self">This incarnation.</param>
/// <param name="LastGossip">The state at the end.</param>
/// <param name="Downed">True when the node was declared dead, false when it left.</param>
internal sealed record OutOfCluster(UniqueAddress Self, Gossip LastGossip, bool Downed) : MembershipView(Self);
