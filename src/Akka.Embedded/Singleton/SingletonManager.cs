using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>
/// Runs on every member that may host the singleton, at the same path. The manager on the oldest member has the one
/// instance, as its child; see <see cref="SingletonRules"/> for who may start one and when.
/// </summary>
internal sealed class SingletonManager : ReceiveActor
{
    private static readonly object TickMessage = new SingletonInput.Tick();

    private readonly Props _singletonProps;
    private readonly object _terminationMessage;
    private readonly ClusterSingletonManagerSettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly TaskCompletionSource<Done> _readyToExit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Cancelable _ticking = new(Context.System.Scheduler);
    private SingletonState _state;
    private IActorRef? _instance;

    public SingletonManager(Props singletonProps, object terminationMessage, ClusterSingletonManagerSettings settings)
    {
        var role = settings.Role ?? "";
        if (role.Length > 0 && !_cluster.SelfRoles.Contains(role))
        {
            throw new ArgumentException($"This cluster member [{_cluster.SelfAddress}] doesn't have the role [{role}]", nameof(settings));
        }

        _singletonProps = singletonProps;
        _terminationMessage = terminationMessage;
        _settings = settings;
        var margin = settings.RemovalMargin > TimeSpan.Zero ? settings.RemovalMargin : _cluster.Settings.DownRemovalMargin;
        _state = SingletonState.Initial(_cluster.SelfUniqueAddress, role, (long)margin.TotalMilliseconds);
        SingletonMessageSerializer.Register(Context.System);
        Receive<ClusterEvent.MemberRemoved>(m => Decide(new SingletonInput.Gone(m.Member, m.PreviousStatus)));
        Receive<ClusterEvent.IMemberEvent>(m => Decide(new SingletonInput.Seen(m.Member)));
        Receive<ClusterEvent.ClusterShuttingDown>(_ => Decide(new SingletonInput.ClusterEnded()));
        Receive<HandOverToMe>(m => Decide(new SingletonInput.HandOverAsked(m.From)));
        Receive<HandOverDone>(m => Decide(new SingletonInput.HandOverDone(m.From)));
        Receive<SingletonInput.Tick>(Decide);
        Receive<Terminated>(m => OnTerminated(m.ActorRef));
    }

    /// <inheritdoc />
    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.ClusterShuttingDown));
        var interval = _settings.HandOverRetryInterval;
        Context.System.Scheduler.ScheduleTellRepeatedly(interval, interval, Self, TickMessage, Self, _ticking);
        CoordinatedShutdown.Get(Context.System).AddTask(
            CoordinatedShutdown.PhaseClusterExiting, $"wait-singleton-exiting-{Self.Path.ToStringWithoutAddress()}", WaitForExit);
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        _ticking.Cancel();
        _cluster.Unsubscribe(Self);
        _readyToExit.TrySetResult(Done.Instance);
    }

    /// <summary>A node that was never a member, or is none any more, has nothing to hand over.</summary>
    private Task<Done> WaitForExit() =>
        _cluster.IsTerminated || _cluster.SelfMember.Status == MemberStatus.Removed ? Task.FromResult(Done.Instance) : _readyToExit.Task;

    private void Decide(SingletonInput input)
    {
        var blockedUntil = _state.BlockedUntilMs;
        (_state, var effects) = SingletonRules.Decide(_state, input, NowMs());
        foreach (var effect in effects)
        {
            Carry(effect);
        }

        if (_state.BlockedUntilMs > blockedUntil)
        {
            var pause = TimeSpan.FromMilliseconds(Math.Max(0, _state.BlockedUntilMs - NowMs()));
            Context.System.Scheduler.ScheduleTellOnce(pause, Self, TickMessage, Self);
        }
    }

    private void Carry(SingletonEffect effect)
    {
        switch (effect)
        {
            case SingletonEffect.Start:
                _log.Info("Singleton manager starting singleton actor [{0}]", Self.Path / _settings.SingletonName);
                _instance = Context.Watch(Context.ActorOf(_singletonProps, _settings.SingletonName));
                break;
            case SingletonEffect.StopGently:
                _log.Info("Singleton manager stopping singleton actor [{0}]", _instance?.Path!);
                _instance?.Tell(_terminationMessage, Self);
                break;
            case SingletonEffect.StopNow when _instance is not null:
                Context.Stop(_instance);
                break;
            case SingletonEffect.AskHandOver ask:
                ManagerAt(ask.Of).Tell(new HandOverToMe(_state.Self), Self);
                break;
            case SingletonEffect.TellHandedOver tell:
                ManagerAt(tell.To).Tell(new HandOverDone(_state.Self), Self);
                break;
            case SingletonEffect.ReadyToExit:
                _readyToExit.TrySetResult(Done.Instance);
                break;
        }
    }

    private void OnTerminated(IActorRef actor)
    {
        if (actor.Equals(_instance))
        {
            _instance = null;
            _log.Info("Singleton actor [{0}] was terminated", actor.Path);
            Decide(new SingletonInput.InstanceStopped());
        }
    }

    private ActorSelection ManagerAt(UniqueAddress node) =>
        Context.ActorSelection(new RootActorPath(node.Address) / Self.Path.Elements);

    private static long NowMs() => (long)Context.System.Scheduler.MonotonicClock.TotalMilliseconds;
}
