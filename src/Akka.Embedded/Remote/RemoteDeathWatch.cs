using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Remote;

/// <summary>
/// The watches between this system and others. A watch of a remote actor is kept until it is answered: it is repeated on
/// every new connection, so that no lost message loses it, and answered by this side when the other system is given up:
/// when the cluster removed its node or, for a system outside of the cluster, when it did not answer pings for too long.
/// </summary>
internal sealed class RemoteDeathWatch(RemoteActorRefProvider provider)
{
    /// <summary>Every so many heartbeats all watches are sent again, for what no connection has noticed losing.</summary>
    private const int RepeatEvery = 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<Address, WatchedSystem> _systems = [];
    private readonly Cancelable _stopped = new(provider.System.Scheduler);
    private int _ticks;

    /// <summary>Decides which systems are not judged by pings, because the cluster judges them.</summary>
    public Func<Address, bool> IsClusterMember { get; set; } = _ => false;

    private long NowMs => (long)provider.System.Scheduler.MonotonicClock.TotalMilliseconds;

    public void Start()
    {
        var interval = provider.RemoteSettings.WatchHeartbeatInterval;
        provider.System.Scheduler.Advanced.ScheduleRepeatedly(interval, interval, Tick, _stopped);
    }

    public void Stop() => _stopped.Cancel();

    /// <summary>A local actor watches a remote one.</summary>
    public void Watch(RemoteActorRef watchee, IInternalActorRef watcher)
    {
        lock (_lock)
        {
            SystemAt(watchee.Path.Address).Outgoing.Add((watchee, watcher));
        }

        watchee.SendSystemMessageOnly(new Watch(watchee, watcher));
    }

    /// <summary>A local actor no longer watches a remote one.</summary>
    public void Unwatch(RemoteActorRef watchee, IInternalActorRef watcher)
    {
        lock (_lock)
        {
            SystemAt(watchee.Path.Address).Outgoing.Remove((watchee, watcher));
        }

        watchee.SendSystemMessageOnly(new Unwatch(watchee, watcher));
    }

    /// <summary>A remote actor watches a local one: remembered so that it ends with the remote system.</summary>
    public void WatchedFrom(IInternalActorRef watchee, IInternalActorRef watcher)
    {
        lock (_lock)
        {
            SystemAt(watcher.Path.Address).Incoming.Add((watchee, watcher));
        }
    }

    /// <summary>A remote actor no longer watches a local one.</summary>
    public void UnwatchedFrom(IInternalActorRef watchee, IInternalActorRef watcher)
    {
        lock (_lock)
        {
            SystemAt(watcher.Path.Address).Incoming.Remove((watchee, watcher));
        }
    }

    /// <summary>
    /// A remote actor has ended. The watcher may know it by a ref without uid, so it is told of the ref that it watches.
    /// </summary>
    public void Ended(IInternalActorRef actor, IInternalActorRef watcher, bool existenceConfirmed, bool addressTerminated)
    {
        List<RemoteActorRef> known;
        lock (_lock)
        {
            var outgoing = SystemAt(actor.Path.Address).Outgoing;
            known = [.. outgoing.Where(w => w.Watcher.Equals(watcher) && IsSame(w.Watchee.Path, actor.Path)).Select(w => w.Watchee)];
            outgoing.RemoveWhere(w => w.Watcher.Equals(watcher) && IsSame(w.Watchee.Path, actor.Path));
        }

        foreach (var watchee in known)
        {
            watcher.SendSystemMessage(new DeathWatchNotification(watchee, existenceConfirmed, addressTerminated));
        }
    }

    /// <summary>A connection to the system was made (again).</summary>
    public void Connected(Address address, bool isNewIncarnation)
    {
        List<(RemoteActorRef Watchee, IInternalActorRef Watcher)> outgoing;
        lock (_lock)
        {
            if (!_systems.TryGetValue(address, out var system))
            {
                return;
            }

            outgoing = [.. system.Outgoing];
        }

        if (isNewIncarnation)
        {
            ForgetIncoming(address);
        }

        foreach (var (watchee, watcher) in outgoing)
        {
            watchee.SendSystemMessageOnly(new Watch(watchee, watcher));
        }
    }

    /// <summary>The system has answered a ping.</summary>
    public void Answered(Address address)
    {
        lock (_lock)
        {
            if (_systems.TryGetValue(address, out var system))
            {
                system.Detector?.Heartbeat(NowMs);
            }
        }
    }

    /// <summary>The system is given up: all its actors count as ended.</summary>
    public void AddressTerminated(Address address)
    {
        List<(RemoteActorRef Watchee, IInternalActorRef Watcher)> outgoing;
        lock (_lock)
        {
            if (!_systems.TryGetValue(address, out var system))
            {
                return;
            }

            outgoing = [.. system.Outgoing];
            system.Outgoing.Clear();
            system.Detector = null;
        }

        ForgetIncoming(address);
        foreach (var (watchee, watcher) in outgoing)
        {
            watcher.SendSystemMessage(new DeathWatchNotification(watchee, ExistenceConfirmed: true, AddressTerminated: true));
        }
    }

    private static bool IsSame(ActorPath watched, ActorPath ended) => watched.Equals(ended) && (watched.Uid == 0 || watched.Uid == ended.Uid);

    private void ForgetIncoming(Address address)
    {
        List<(IInternalActorRef Watchee, IInternalActorRef Watcher)> incoming;
        lock (_lock)
        {
            incoming = _systems.TryGetValue(address, out var system) ? [.. system.Incoming] : [];
            system?.Incoming.Clear();
        }

        foreach (var (watchee, watcher) in incoming)
        {
            watchee.SendSystemMessage(new Unwatch(watchee, watcher));
        }
    }

    private void Tick()
    {
        var lost = new List<Address>();
        var watched = new List<(Address Address, WatchedSystem System)>();
        var repeat = Interlocked.Increment(ref _ticks) % RepeatEvery == 0;
        lock (_lock)
        {
            foreach (var idle in _systems.Where(s => s.Value.IsIdle).Select(s => s.Key).ToList())
            {
                _systems.Remove(idle);
            }

            foreach (var (address, system) in _systems.Where(s => s.Value.Outgoing.Count > 0))
            {
                watched.Add((address, system));
                if (IsLost(address, system))
                {
                    lost.Add(address);
                }
            }
        }

        foreach (var (address, _) in watched)
        {
            provider.Transport.AssociationWith(address).Ping();
            if (repeat)
            {
                Connected(address, isNewIncarnation: false);
            }
        }

        foreach (var address in lost)
        {
            provider.System.Log.Warning("Detected unreachable: [{0}]; its actors count as terminated", address);
            AddressTerminated(address);
        }
    }

    private bool IsLost(Address address, WatchedSystem system)
    {
        if (IsClusterMember(address))
        {
            system.Detector = null;
            return false;
        }

        if (system.Detector is null)
        {
            system.Detector = new PhiAccrualFailureDetector(provider.RemoteSettings.WatchFailureDetector);
            system.WatchedSinceMs = NowMs;
        }

        if (!system.Detector.IsMonitoring && NowMs - system.WatchedSinceMs >= provider.RemoteSettings.WatchExpectedResponseAfter.TotalMilliseconds)
        {
            system.Detector.Heartbeat(NowMs);
        }

        return !system.Detector.IsAvailable(NowMs);
    }

    private WatchedSystem SystemAt(Address address)
    {
        if (!_systems.TryGetValue(address, out var system))
        {
            _systems.Add(address, system = new WatchedSystem());
        }

        return system;
    }

    private sealed class WatchedSystem
    {
        public HashSet<(RemoteActorRef Watchee, IInternalActorRef Watcher)> Outgoing { get; } = [];

        public HashSet<(IInternalActorRef Watchee, IInternalActorRef Watcher)> Incoming { get; } = [];

        public PhiAccrualFailureDetector? Detector { get; set; }

        public long WatchedSinceMs { get; set; }

        public bool IsIdle => Outgoing.Count == 0 && Incoming.Count == 0;
    }
}
