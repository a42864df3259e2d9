using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Orchestrator.Actors.Membership;

/// <summary>Writes a line into the log for what happens to the other processes of the cluster. Owns nothing; nothing survives a restart.</summary>
internal sealed class MemberLogActor : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _isMember;

    public MemberLogActor()
    {
        // When this process has become a member, it says who the others are.
        Receive<ClusterEvent.MemberUp>(up => !IsOther(up.Member), _ => _isMember = true);
        Receive<ClusterEvent.IClusterDomainEvent>(_ => !_isMember || _cluster.IsTerminated, _ => { });
        Receive<ClusterEvent.MemberUp>(up => _log.Info("{0} has become a member", Name(up.Member)));
        Receive<ClusterEvent.MemberRemoved>(removed => IsOther(removed.Member), OnRemoved);

        // Who leaves, or is left, ends its connections before the others have taken note: that is no trouble.
        Receive<ClusterEvent.UnreachableMember>(unreachable => IsLeaving(unreachable.Member) || IsLeaving(_cluster.SelfMember), _ => { });
        Receive<ClusterEvent.UnreachableMember>(
            unreachable => _log.Warning("{0} cannot be reached; if that lasts, it is removed from the cluster", Name(unreachable.Member)));
        Receive<ClusterEvent.ReachableMember>(reachable => _log.Info("{0} can be reached again", Name(reachable.Member)));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
    }

    protected override void PreStart() => _cluster.Subscribe(
        Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private bool IsOther(Member member) => !member.UniqueAddress.Equals(_cluster.SelfUniqueAddress);

    private static bool IsLeaving(Member member) => member.Status is MemberStatus.Leaving or MemberStatus.Exiting;

    private void OnRemoved(ClusterEvent.MemberRemoved removed)
    {
        if (removed.PreviousStatus == MemberStatus.Down)
        {
            _log.Warning("{0} was removed from the cluster", Name(removed.Member));
        }
        else
        {
            _log.Info("{0} has left the cluster", Name(removed.Member));
        }
    }

    private static string Name(Member member) => JoinDecision.Text([member.Address]);
}
