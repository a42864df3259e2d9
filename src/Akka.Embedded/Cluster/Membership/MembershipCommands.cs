using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>What can happen to a node's view.</summary>
internal abstract record MembershipCommand;

/// <summary>Found a new cluster with this node as its only member.</summary>
internal sealed record FoundCluster(ImmutableHashSet<string> Roles) : MembershipCommand;

/// <summary>A member has admitted this node.</summary>
internal sealed record AcceptWelcome(UniqueAddress From, Gossip Gossip) : MembershipCommand;

/// <summary>A node asks to be admitted.</summary>
internal sealed record AdmitNode(UniqueAddress Node, ImmutableHashSet<string> Roles) : MembershipCommand;

/// <summary>A peer has sent its state.</summary>
internal sealed record ReceiveGossip(UniqueAddress From, Gossip Gossip, bool IsFate) : MembershipCommand;

/// <summary>What this node's failure detector says of another.</summary>
/// <param name="Node">The other.</param>
/// <param name="Unreachable">Whether it counts as lost from sight.</param>
/// <param name="LastHeardMs">When it last gave a sign of life.</param>
internal sealed record ObserveNode(UniqueAddress Node, bool Unreachable, long LastHeardMs) : MembershipCommand;

/// <summary>An operator or the member itself wants it to leave.</summary>
internal sealed record LeaveNode(Address Address) : MembershipCommand;

/// <summary>An operator declares every incarnation at the address dead.</summary>
internal sealed record DownNode(Address Address) : MembershipCommand;

/// <summary>This exiting node has nothing left to hand over.</summary>
internal sealed record ConfirmExit : MembershipCommand;

/// <summary>This process was halted for a while: what it saw before says nothing about now.</summary>
internal sealed record RestartStability : MembershipCommand;

/// <summary>Do what is due: the leader's actions, downing, forgetting old tombstones.</summary>
internal sealed record AssessCluster : MembershipCommand;
