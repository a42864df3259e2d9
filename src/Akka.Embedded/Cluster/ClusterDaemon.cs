using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;
using Akka.Remote;
using Akka.Remote.Transport;

namespace Akka.Cluster;

/// <summary>
/// The shell around this process's <see cref="ClusterNode"/>: gives it time and messages, sends what it wants sent and
/// publishes what has changed. Owns the subscriptions; nothing of it survives the process.
/// </summary>
internal sealed class ClusterDaemon : ReceiveActor
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100);

    private readonly Cluster _cluster;
    private readonly RemoteActorRefProvider _provider;
    private readonly ClusterNode _node;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Subscriptions _subscriptions = new();
    private readonly List<Action> _onUp = [];
    private readonly List<Action> _onRemoved = [];
    private readonly Dictionary<Address, RemoteActorRef> _daemons = [];
    private readonly ICancelable _ticking;

    public ClusterDaemon(Cluster cluster)
    {
        _cluster = cluster;
        _provider = cluster.Provider;
        _node = new ClusterNode(cluster.SelfUniqueAddress, cluster.Settings.Roles, cluster.Settings.Node, NowMs);
        _ticking = new Cancelable(Context.System.Scheduler);
        Context.System.Scheduler.ScheduleTellRepeatedly(TickInterval, TickInterval, Self, new DaemonCommand.Tick(), ActorRefs.NoSender, _ticking);
        Receive<ClusterMessage>(message => Run(_node.Receive(message, NowMs, UnixMs)));
        Receive<DaemonCommand.Tick>(_ => Run(_node.Tick(NowMs, UnixMs)));
        Receive<DaemonCommand.JoinTo>(m => Run(_node.Join(m.Address, NowMs, UnixMs)));
        Receive<DaemonCommand.JoinSeeds>(m => Run(_node.JoinSeedNodes(m.Seeds, NowMs, UnixMs)));
        Receive<DaemonCommand.Leave>(m => Run(_node.Command(new LeaveNode(m.Address), NowMs, UnixMs)));
        Receive<DaemonCommand.Down>(m => Run(_node.Command(new DownNode(m.Address), NowMs, UnixMs)));
        Receive<DaemonCommand.ConfirmOwnExit>(_ => Run(_node.Command(new ConfirmExit(), NowMs, UnixMs)));
        Receive<DaemonCommand.Subscribe>(Subscribe);
        Receive<DaemonCommand.Unsubscribe>(m => _subscriptions.Remove(m.Subscriber, m.To));
        Receive<DaemonCommand.SendState>(m => m.Receiver.Tell(DomainEvents.State(_node.View), ActorRefs.NoSender));
        Receive<DaemonCommand.OnUp>(m => Register(_onUp, m.Callback, _cluster.SelfMember.Status == MemberStatus.Up));
        Receive<DaemonCommand.OnRemoved>(m => Register(_onRemoved, m.Callback, _node.View is OutOfCluster));
        Receive<Terminated>(m => _subscriptions.Remove(m.ActorRef, null));
    }

    private long NowMs => (long)Context.System.Scheduler.MonotonicClock.TotalMilliseconds;

    private long UnixMs => Context.System.Scheduler.Now.ToUnixTimeMilliseconds();

    protected override void PostStop()
    {
        _ticking.Cancel();
        RunAll(_onRemoved);
        _cluster.Stopped();
    }

    private void Subscribe(DaemonCommand.Subscribe command)
    {
        _subscriptions.Add(command.Subscriber, command.To);
        Context.Watch(command.Subscriber);
        if (command.Mode == ClusterEvent.InitialStateAsSnapshot)
        {
            command.Subscriber.Tell(DomainEvents.State(_node.View), ActorRefs.NoSender);
            return;
        }

        foreach (var happened in DomainEvents.Initial(_node.View).Where(e => command.To.Any(t => t.IsInstanceOfType(e))))
        {
            command.Subscriber.Tell(happened, ActorRefs.NoSender);
        }
    }

    private void Run(IReadOnlyList<ClusterEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case ClusterEffect.Send send:
                    Send(send.To, send.Message);
                    break;
                case ClusterEffect.ViewChanged changed:
                    OnViewChanged(changed);
                    break;
                case ClusterEffect.JoinFailed:
                    _log.Warning("No cluster was found in the allowed time; shutting down");
                    CoordinatedShutdown.Get(Context.System).Run(CoordinatedShutdown.ClusterJoinUnsuccessfulReason.Instance);
                    break;
            }
        }

        // Also without a visible change: who has seen the state may be new.
        _cluster.View = _node.View;
    }

    private void Send(Address to, ClusterMessage message)
    {
        if (!_daemons.TryGetValue(to, out var daemon))
        {
            daemon = _provider.MakeRemote(new RootActorPath(to) / "system" / Cluster.DaemonName);
            _daemons.Add(to, daemon);
        }

        _provider.Transport.AssociationWith(to).SendUrgent(new Outbound(daemon, message, null));
    }

    private void OnViewChanged(ClusterEffect.ViewChanged changed)
    {
        _cluster.View = changed.After;
        foreach (var happened in DomainEvents.Between(changed.Before, changed.After))
        {
            LogChange(happened);
            _subscriptions.Publish(happened);
            switch (happened)
            {
                case ClusterEvent.MemberUp up when IsSelf(up.Member):
                    RunAll(_onUp);
                    break;
                case ClusterEvent.MemberExited exited when IsSelf(exited.Member):
                    _cluster.Exiting();
                    break;
                case ClusterEvent.MemberRemoved removed when !IsSelf(removed.Member):
                    OnOtherRemoved(removed.Member.Address);
                    break;
            }
        }

        if (changed.After is OutOfCluster ended)
        {
            RunAll(_onRemoved);
            _cluster.Ended(ended.Downed);
        }
    }

    private void OnOtherRemoved(Address address)
    {
        _daemons.Remove(address);
        _provider.DeathWatch.AddressTerminated(address);
    }

    private void LogChange(ClusterEvent.IClusterDomainEvent happened)
    {
        switch (happened)
        {
            case ClusterEvent.MemberDowned or ClusterEvent.UnreachableMember:
                _log.Warning("Cluster Node [{0}] - {1}", _cluster.SelfAddress, happened);
                break;
            case ClusterEvent.IMemberEvent or ClusterEvent.ReachableMember or ClusterEvent.LeaderChanged:
                _log.Info("Cluster Node [{0}] - {1}", _cluster.SelfAddress, happened);
                break;
        }
    }

    private bool IsSelf(Member member) => member.UniqueAddress.Equals(_cluster.SelfUniqueAddress);

    private void Register(List<Action> callbacks, Action callback, bool isDue)
    {
        callbacks.Add(callback);
        if (isDue)
        {
            RunAll(callbacks);
        }
    }

    private void RunAll(List<Action> callbacks)
    {
        foreach (var callback in callbacks)
        {
            try
            {
                callback();
            }
            catch (Exception cause)
            {
                _log.Error(cause, "A callback of the cluster failed");
            }
        }

        callbacks.Clear();
    }
}
