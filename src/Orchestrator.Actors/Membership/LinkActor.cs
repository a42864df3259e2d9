using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Membership;

/// <summary>
/// Takes this process out of the cluster when another member tells that it was removed, for example while it was frozen: else it would find the
/// others unreachable one by one and go on alone. The same when the supervisor tells that another process is the node that this one would be. Owns nothing; nothing survives a restart.
/// </summary>
internal sealed class LinkActor : ReceiveActor
{
    private readonly MembershipOptions _options;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _isLeaving;

    public LinkActor(MembershipOptions options)
    {
        _options = options;
        Receive<ThisActorSystemQuarantinedEvent>(OnQuarantined);
        Receive<NodeNameTaken>(taken => Leave(
            $"{taken.Address} is {taken.Node} of {taken.Cluster} already. Give this process another name (orchestrator.node.name), or stop the other one."));
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(NodeNameTaken));
    }

    private void OnQuarantined(ThisActorSystemQuarantinedEvent told)
    {
        if (MembershipView.Living(_cluster).Any(member => member.Address.Equals(told.RemoteAddress)))
        {
            Leave($"{JoinDecision.Text([told.RemoteAddress])} has removed it from the cluster: it was frozen, overloaded or cut off for too long. "
                + "Start it again, and it joins anew.");
        }
    }

    private void Leave(string reason)
    {
        if (_isLeaving)
        {
            return;
        }

        _isLeaving = true;
        _log.Error("this process leaves the cluster: {0}", reason);
        _options.Leaving(reason);
        _cluster.Down(_cluster.SelfAddress);
    }
}
