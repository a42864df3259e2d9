using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>Applies events to a view. Pure: no clock, no I/O.</summary>
internal static class MembershipState
{
    /// <summary>The view after the event.</summary>
    /// <exception cref="InvalidOperationException">The event cannot happen in this view.</exception>
    public static MembershipView Apply(MembershipView view, MembershipEvent happened) => (view, happened) switch
    {
        (OutsideCluster outside, ClusterEntered e) =>
            new InsideCluster(outside.Self, e.Gossip, ImmutableDictionary<UniqueAddress, Gossip>.Empty, e.AtMs, InsideCluster.Never),
        (InsideCluster inside, GossipMerged e) => WithGossip(inside, inside.Gossip.Merge(e.Incoming)) with
        {
            Reported = inside.Reported.SetItem(e.From, e.Incoming),
        },
        (InsideCluster inside, EntryChanged e) => WithGossip(inside, inside.Gossip.With(e.Entry)),
        (InsideCluster inside, NodeRemoved e) => WithGossip(inside, inside.Gossip.WithTombstone(e.Node, e.Tombstone)) with
        {
            Reported = inside.Reported.Remove(e.Node),
        },
        (InsideCluster inside, NodeObserved e) =>
            WithGossip(inside, inside.Gossip.WithObservation(inside.Self, e.Node, e.Unreachable)),
        (InsideCluster inside, CutsChanged e) => inside with { CutsChangedAtMs = e.AtMs },
        (InsideCluster inside, MajorityLost e) => inside with { LosingSinceMs = e.AtMs },
        (InsideCluster inside, MajorityRegained) => inside with { LosingSinceMs = InsideCluster.Never },
        (InsideCluster inside, TombstonesPruned e) =>
            WithGossip(inside, inside.Gossip.PruneTombstones(e.RemovedBeforeUnixMs)),
        (InsideCluster inside, SelfEnded e) => new OutOfCluster(inside.Self, inside.Gossip, e.Downed),
        (OutsideCluster outside, SelfEnded e) => new OutOfCluster(outside.Self, Gossip.Empty, e.Downed),
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to {view.GetType().Name}"),
    };

    private static InsideCluster WithGossip(InsideCluster view, Gossip gossip) =>
        ReferenceEquals(gossip, view.Gossip) ? view : view with { Gossip = gossip };
}
