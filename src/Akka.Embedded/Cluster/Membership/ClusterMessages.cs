using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>What the cluster daemons of two nodes say to each other.</summary>
internal abstract record ClusterMessage;

/// <summary>"Are you in a cluster that I can join?"</summary>
internal sealed record InitJoin(Address From) : ClusterMessage;

/// <summary>"Yes, join me."</summary>
internal sealed record InitJoinAck(Address From) : ClusterMessage;

/// <summary>"No, I am not in a cluster."</summary>
internal sealed record InitJoinNack(Address From) : ClusterMessage;

/// <summary>"Admit me." Repeated until the answer comes.</summary>
internal sealed record JoinRequest(UniqueAddress Node, ImmutableHashSet<string> Roles) : ClusterMessage;

/// <summary>"You are admitted; this is what we know."</summary>
internal sealed record Welcome(UniqueAddress From, UniqueAddress To, Gossip Gossip) : ClusterMessage;

/// <summary>The sender's whole state.</summary>
/// <param name="From">The sender.</param>
/// <param name="To">The incarnation that it is meant for: a later one at the address must not take it.</param>
/// <param name="Gossip">The state.</param>
/// <param name="IsFate">True when it tells the receiver that it is out; such a message is never answered.</param>
internal sealed record GossipEnvelope(UniqueAddress From, UniqueAddress To, Gossip Gossip, bool IsFate) : ClusterMessage;

/// <summary>"Are you there?", meant for one incarnation.</summary>
internal sealed record Heartbeat(UniqueAddress From, UniqueAddress To, long Sequence) : ClusterMessage;

/// <summary>"I am."</summary>
internal sealed record HeartbeatResponse(UniqueAddress From, UniqueAddress To, long Sequence) : ClusterMessage;
