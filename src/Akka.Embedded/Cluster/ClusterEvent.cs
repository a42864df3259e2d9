using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster;

/// <summary>The messages that subscribers of <see cref="Cluster"/> receive.</summary>
public class ClusterEvent
{
    /// <summary>Send the state first as one <see cref="CurrentClusterState"/>.</summary>
    internal static readonly SubscriptionInitialStateMode InitialStateAsSnapshot = SubscriptionInitialStateMode.InitialStateAsSnapshot;

    /// <summary>Send the state first as the events that would have led to it.</summary>
    public static readonly SubscriptionInitialStateMode InitialStateAsEvents = SubscriptionInitialStateMode.InitialStateAsEvents;

    private ClusterEvent()
    {
    }

    /// <summary>How a new subscriber learns the state of the moment.</summary>
    public enum SubscriptionInitialStateMode
    {
        /// <summary>As one <see cref="CurrentClusterState"/>.</summary>
        InitialStateAsSnapshot,

        /// <summary>As events.</summary>
        InitialStateAsEvents,
    }

    /// <summary>Any change of the cluster.</summary>
    public interface IClusterDomainEvent : IDeadLetterSuppression
    {
    }

    /// <summary>A change of a member's status.</summary>
    public interface IMemberEvent : IClusterDomainEvent
    {
        /// <summary>The member with its new status.</summary>
        Member Member { get; }
    }

    /// <summary>A member was lost from sight or seen again.</summary>
    public interface IReachabilityEvent : IClusterDomainEvent
    {
    }

    /// <summary>The cluster as this node sees it.</summary>
    public sealed class CurrentClusterState : INoSerializationVerificationNeeded
    {
        private readonly ImmutableDictionary<string, Address?> _roleLeaders;

        internal CurrentClusterState(
            ImmutableSortedSet<Member> members,
            ImmutableHashSet<Member> unreachable,
            ImmutableHashSet<Address> seenBy,
            Address? leader,
            ImmutableDictionary<string, Address?> roleLeaderMap)
        {
            Members = members;
            Unreachable = unreachable;
            SeenBy = seenBy;
            Leader = leader;
            _roleLeaders = roleLeaderMap;
        }

        /// <summary>All members that are not removed, by address.</summary>
        public ImmutableSortedSet<Member> Members { get; }

        /// <summary>The members that at least one member cannot reach.</summary>
        public ImmutableHashSet<Member> Unreachable { get; }

        /// <summary>The members that are known to have this very state.</summary>
        internal ImmutableHashSet<Address> SeenBy { get; }

        /// <summary>The leader in this view, or null before the node is a member.</summary>
        public Address? Leader { get; }

        /// <summary>The first reachable member with the role by address, or null.</summary>
        public Address? RoleLeader(string role) => _roleLeaders.GetValueOrDefault(role);

        /// <summary>Every role that a member has.</summary>
        internal ImmutableHashSet<string> AllRoles => [.. Members.SelectMany(m => m.Roles)];
    }

    /// <summary>A member's status changed.</summary>
    public abstract class MemberStatusChange : IMemberEvent
    {
        private readonly Member _member;

        private protected MemberStatusChange(Member member, MemberStatus validStatus)
        {
            if (member.Status != validStatus)
            {
                throw new ArgumentException($"Expected {validStatus} state, got: {member}", nameof(member));
            }

            _member = member;
        }

        /// <inheritdoc />
        public Member Member => _member;

        /// <inheritdoc />
        public override bool Equals(object? obj) =>
            obj is MemberStatusChange other && other.GetType() == GetType() && _member.Equals(other._member) && _member.Status == other._member.Status;

        /// <inheritdoc />
        public override int GetHashCode() => HashCode.Combine(GetType(), _member);

        /// <inheritdoc />
        public override string ToString() => $"{GetType().Name}(Member={_member})";
    }

    /// <summary>A node was admitted.</summary>
    public sealed class MemberJoined(Member member) : MemberStatusChange(member, MemberStatus.Joining);

    /// <summary>A member is full member from now on.</summary>
    public sealed class MemberUp(Member member) : MemberStatusChange(member, MemberStatus.Up);

    /// <summary>A member was asked to leave.</summary>
    public sealed class MemberLeft(Member member) : MemberStatusChange(member, MemberStatus.Leaving);

    /// <summary>A leaving member hands over its work.</summary>
    public sealed class MemberExited(Member member) : MemberStatusChange(member, MemberStatus.Exiting);

    /// <summary>A member was declared dead.</summary>
    public sealed class MemberDowned(Member member) : MemberStatusChange(member, MemberStatus.Down);

    /// <summary>A member is gone for good.</summary>
    public sealed class MemberRemoved : MemberStatusChange
    {
        /// <summary>Creates the event.</summary>
        internal MemberRemoved(Member member, MemberStatus previousStatus)
            : base(member, MemberStatus.Removed) => PreviousStatus = previousStatus;

        /// <summary><see cref="MemberStatus.Down"/> when it was lost, <see cref="MemberStatus.Exiting"/> when it left.</summary>
        public MemberStatus PreviousStatus { get; }

        /// <inheritdoc />
        public override bool Equals(object? obj) => base.Equals(obj) && PreviousStatus == ((MemberRemoved)obj!).PreviousStatus;

        /// <inheritdoc />
        public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), PreviousStatus);
    }

    /// <summary>A member was lost from sight or seen again.</summary>
    public abstract class ReachabilityEvent : IReachabilityEvent
    {
        private protected ReachabilityEvent(Member member) => Member = member;

        /// <summary>The member in question.</summary>
        public Member Member { get; }

        /// <inheritdoc />
        public override bool Equals(object? obj) =>
            obj is ReachabilityEvent other && other.GetType() == GetType() && Member.Equals(other.Member);

        /// <inheritdoc />
        public override int GetHashCode() => HashCode.Combine(GetType(), Member);

        /// <inheritdoc />
        public override string ToString() => $"{GetType().Name}(Member={Member})";
    }

    /// <summary>A failure detector lost sight of the member.</summary>
    public sealed class UnreachableMember(Member member) : ReachabilityEvent(member);

    /// <summary>Every failure detector sees the member again.</summary>
    public sealed class ReachableMember(Member member) : ReachabilityEvent(member);

    /// <summary>Another member carries out the membership changes.</summary>
    public sealed class LeaderChanged(Address? leader) : IClusterDomainEvent
    {
        /// <summary>The leader, or null when there is none.</summary>
        internal Address? Leader { get; } = leader;

        /// <inheritdoc />
        public override bool Equals(object? obj) => obj is LeaderChanged other && Equals(Leader, other.Leader);

        /// <inheritdoc />
        public override int GetHashCode() => Leader?.GetHashCode() ?? 0;

        /// <inheritdoc />
        public override string ToString() => $"LeaderChanged(NewLeader={Leader})";
    }

    /// <summary>This node stops taking part.</summary>
    public sealed class ClusterShuttingDown : IClusterDomainEvent
    {
        /// <summary>The only instance.</summary>
        internal static readonly IClusterDomainEvent Instance = new ClusterShuttingDown();

        private ClusterShuttingDown()
        {
        }

        /// <inheritdoc />
        public override string ToString() => "ClusterShuttingDown";
    }
}
