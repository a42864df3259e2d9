using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>
/// Forwards every message to the singleton, wherever it runs, and keeps a bounded number of them while it moves. Delivery
/// is at most once, as always: a message on its way when the host is lost, is lost.
/// </summary>
public sealed class ClusterSingletonProxy : ReceiveActor
{
    private readonly string[] _singletonPath;
    private readonly ClusterSingletonProxySettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<(object Message, IActorRef Sender)> _buffer = new();
    private readonly Cancelable _ticking = new(Context.System.Scheduler);
    private ImmutableSortedSet<Member> _byAge = ImmutableSortedSet.Create(Member.AgeOrdering);
    private IActorRef? _singleton;

    /// <summary>Creates the proxy; use <see cref="Props"/>.</summary>
    internal ClusterSingletonProxy(string singletonManagerPath, ClusterSingletonProxySettings settings)
    {
        _settings = settings;
        _singletonPath = [.. singletonManagerPath.Split('/', StringSplitOptions.RemoveEmptyEntries), settings.SingletonName];
        Receive<ClusterEvent.MemberUp>(m => Change(m.Member, isHost: true));
        Receive<ClusterEvent.MemberLeft>(m => Change(m.Member, isHost: true));
        Receive<ClusterEvent.IMemberEvent>(m => Change(m.Member, isHost: false));
        Receive<TryToIdentify>(_ => Identify());
        Receive<ActorIdentity>(Identified);
        Receive<Terminated>(OnTerminated);
        ReceiveAny(OnMessage);
    }

    /// <summary>Props of a proxy.</summary>
    /// <param name="singletonManagerPath">Path of the managers, without address: <c>/user/name</c>.</param>
    /// <param name="settings">The settings.</param>
    public static Props Props(string singletonManagerPath, ClusterSingletonProxySettings settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(singletonManagerPath);
        ArgumentNullException.ThrowIfNull(settings);
        return Akka.Actor.Props.Create(() => new ClusterSingletonProxy(singletonManagerPath, settings));
    }

    /// <inheritdoc />
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Context.System.Scheduler.ScheduleTellRepeatedly(
            _settings.SingletonIdentificationInterval, _settings.SingletonIdentificationInterval, Self, TryToIdentify.Instance, Self, _ticking);
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        _ticking.Cancel();
        _cluster.Unsubscribe(Self);
        while (_buffer.TryDequeue(out var kept))
        {
            Drop(kept.Message, kept.Sender);
        }
    }

    /// <summary>Only members that are Up or Leaving can have the singleton, or get it next.</summary>
    private void Change(Member member, bool isHost)
    {
        if (!string.IsNullOrEmpty(_settings.Role) && !member.HasRole(_settings.Role))
        {
            return;
        }

        var before = Host();
        var others = _byAge.Where(m => !m.Equals(member));
        _byAge = (isHost ? others.Append(member) : others).ToImmutableSortedSet(Member.AgeOrdering);

        // While the singleton is known it is used until it ends, so that nothing overtakes during a hand-over.
        if (!Equals(before, Host()) && _singleton is null)
        {
            Identify();
        }
    }

    private Member? Host() => _byAge.Count > 0 ? _byAge[0] : null;

    private void Identify()
    {
        if (_singleton is null && Host() is { } host)
        {
            Context.ActorSelection(new RootActorPath(host.Address) / _singletonPath).Tell(new Identify(_singletonPath[^1]), Self);
        }
    }

    private void Identified(ActorIdentity identity)
    {
        // An answer of a host that has handed over meanwhile comes too late.
        var address = identity.Subject?.Path.Address;
        var isHost = address is not null && Equals(address.HasLocalScope ? _cluster.SelfAddress : address, Host()?.Address);
        if (identity.Subject is null || _singleton is not null || !isHost)
        {
            return;
        }

        _singleton = Context.Watch(identity.Subject);
        _log.Debug("Singleton identified at [{0}]", _singleton.Path);
        while (_buffer.TryDequeue(out var kept))
        {
            _singleton.Tell(kept.Message, kept.Sender);
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_singleton))
        {
            _log.Debug("Singleton at [{0}] has ended", terminated.ActorRef.Path);
            _singleton = null;
            Identify();
        }
    }

    private void OnMessage(object message)
    {
        if (_singleton is not null)
        {
            _singleton.Forward(message);
            return;
        }

        if (_settings.BufferSize == 0)
        {
            Drop(message, Sender);
            return;
        }

        if (_buffer.Count >= _settings.BufferSize)
        {
            var (oldest, sender) = _buffer.Dequeue();
            _log.Warning("The buffer of [{0}] messages is full; the oldest, {1}, is dropped", _settings.BufferSize, oldest.GetType());
            Drop(oldest, sender);
        }

        _buffer.Enqueue((message, Sender));
    }

    private void Drop(object message, IActorRef sender) =>
        Context.System.DeadLetters.Tell(new DeadLetter(message, sender ?? Context.System.DeadLetters, Self), sender);

    private sealed class TryToIdentify : INoSerializationVerificationNeeded
    {
        public static readonly TryToIdentify Instance = new();
    }
}
