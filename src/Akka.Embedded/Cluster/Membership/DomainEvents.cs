using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>Translates views and their changes into what applications see.</summary>
internal static class DomainEvents
{
    private static readonly ClusterEvent.CurrentClusterState EmptyState = new(
        ImmutableSortedSet<Member>.Empty, [], [], null, ImmutableDictionary<string, Address?>.Empty);

    /// <summary>The view as one state.</summary>
    public static ClusterEvent.CurrentClusterState State(MembershipView view)
    {
        if (view is not InsideCluster inside)
        {
            return EmptyState;
        }

        var gossip = inside.Gossip;
        var members = gossip.Members.Values.Select(m => m.ToMember()).ToImmutableSortedSet();
        var roles = members.SelectMany(m => m.Roles).Distinct();
        return new ClusterEvent.CurrentClusterState(
            members,
            [.. members.Where(m => IsUnreachable(inside, m.UniqueAddress))],
            [.. members.Where(m => Convergence.HasSeen(inside, m.UniqueAddress)).Select(m => m.Address)],
            Convergence.Leader(gossip, inside.Self)?.Address,
            roles.ToImmutableDictionary(r => r, r => Convergence.Leader(gossip, inside.Self, r)?.Address));
    }

    /// <summary>
    /// The events of a change: first reachability, then the members by age, then the leader. Since the older come first,
    /// whoever hears that a member is Up has heard of all older ones before. A status that a member passed between two
    /// views is not reported, only the one that it has now; except that who was lost is Down before it is removed. The previous status of a removed member is Exiting when it had
    /// left in order, else Down.
    /// </summary>
    public static IReadOnlyList<ClusterEvent.IClusterDomainEvent> Between(MembershipView before, MembershipView after)
    {
        var oldGossip = GossipOf(before);
        var newGossip = GossipOf(after);
        var events = new List<ClusterEvent.IClusterDomainEvent>();
        foreach (var entry in newGossip.Members.Values)
        {
            var was = IsUnreachable(before, entry.Node);
            var isNow = IsUnreachable(after, entry.Node);
            if (was != isNow)
            {
                events.Add(isNow ? new ClusterEvent.UnreachableMember(entry.ToMember()) : new ClusterEvent.ReachableMember(entry.ToMember()));
            }
        }

        foreach (var entry in newGossip.Members.Values.OrderBy(m => m.UpNumber))
        {
            var status = entry.Stage.ToStatus();
            if (oldGossip.Find(entry.Node)?.Stage.ToStatus() != status)
            {
                events.Add(StatusEvent(entry.ToMember()));
            }
        }

        foreach (var entry in oldGossip.Members.Values.Where(m => newGossip.Find(m.Node) is null))
        {
            var hasLeft = newGossip.Tombstones.GetValueOrDefault(entry.Node).HasLeft;
            if (!hasLeft && entry.Stage.IsAlive())
            {
                events.Add(new ClusterEvent.MemberDowned(entry.ToMember().Copy(MemberStatus.Down)));
            }

            events.Add(new ClusterEvent.MemberRemoved(
                entry.ToMember().Copy(MemberStatus.Removed), hasLeft ? MemberStatus.Exiting : MemberStatus.Down));
        }

        AddEnd(after, newGossip, events);
        var leader = LeaderOf(after);
        if (!Equals(LeaderOf(before), leader))
        {
            events.Add(new ClusterEvent.LeaderChanged(leader));
        }

        return events;
    }

    /// <summary>The events that would have led to the view.</summary>
    public static IReadOnlyList<ClusterEvent.IClusterDomainEvent> Initial(MembershipView view) =>
        Between(new OutsideCluster(view.Self), view);

    private static void AddEnd(MembershipView after, Gossip gossip, List<ClusterEvent.IClusterDomainEvent> events)
    {
        if (after is not OutOfCluster ended)
        {
            return;
        }

        if (gossip.Find(ended.Self) is { } self)
        {
            events.Add(new ClusterEvent.MemberRemoved(self.ToMember().Copy(MemberStatus.Removed), self.Stage.ToStatus()));
        }

        events.Add((ClusterEvent.IClusterDomainEvent)ClusterEvent.ClusterShuttingDown.Instance);
    }

    private static ClusterEvent.IClusterDomainEvent StatusEvent(Member member) => member.Status switch
    {
        MemberStatus.Joining => new ClusterEvent.MemberJoined(member),
        MemberStatus.Up => new ClusterEvent.MemberUp(member),
        MemberStatus.Leaving => new ClusterEvent.MemberLeft(member),
        MemberStatus.Exiting => new ClusterEvent.MemberExited(member),
        MemberStatus.Down => new ClusterEvent.MemberDowned(member),
        _ => throw new InvalidOperationException($"no event for {member}"),
    };

    private static bool IsUnreachable(MembershipView view, UniqueAddress node) =>
        view is InsideCluster inside && !node.Equals(inside.Self) && inside.Gossip.IsUnreachable(node);

    private static Address? LeaderOf(MembershipView view) =>
        view is InsideCluster inside ? Convergence.Leader(inside.Gossip, inside.Self)?.Address : null;

    private static Gossip GossipOf(MembershipView view) => view switch
    {
        InsideCluster inside => inside.Gossip,
        OutOfCluster ended => ended.LastGossip,
        _ => Gossip.Empty,
    };
}
