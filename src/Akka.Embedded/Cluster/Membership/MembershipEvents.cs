namespace Akka.Cluster.Membership;

/// <summary>What has changed in a node's view.</summary>
internal abstract record MembershipEvent;

/// <summary>The node is a member from now on.</summary>
internal sealed record ClusterEntered(Gossip Gossip, long AtMs) : MembershipEvent;

/// <summary>A peer's knowledge was added to the node's own.</summary>
internal sealed record GossipMerged(UniqueAddress From, Gossip Incoming) : MembershipEvent;

/// <summary>A member was added or moved to a later stage.</summary>
internal sealed record EntryChanged(MemberEntry Entry) : MembershipEvent;

/// <summary>A member was removed for good.</summary>
internal sealed record NodeRemoved(UniqueAddress Node, Tombstone Tombstone) : MembershipEvent;

/// <summary>The node lost sight of another or sees it again.</summary>
internal sealed record NodeObserved(UniqueAddress Node, bool Unreachable) : MembershipEvent;

/// <summary>The picture of who cannot reach whom changed, or must be watched afresh.</summary>
internal sealed record CutsChanged(long AtMs) : MembershipEvent;

/// <summary>The node cannot reach a majority.</summary>
internal sealed record MajorityLost(long AtMs) : MembershipEvent;

/// <summary>The node can reach a majority again.</summary>
internal sealed record MajorityRegained : MembershipEvent;

/// <summary>Tombstones older than the given time were forgotten.</summary>
internal sealed record TombstonesPruned(long RemovedBeforeUnixMs) : MembershipEvent;

/// <summary>The node found itself downed or removed.</summary>
internal sealed record SelfEnded(bool Downed) : MembershipEvent;
