using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Actors that subscribe to events by a classifier.</summary>
public abstract class ActorEventBus<TEvent, TClassifier>
{
    internal ActorEventBus()
    {
    }

    /// <summary>Sends an event to all subscribers of its class.</summary>
    public virtual void Publish(TEvent @event) => PublishEvent(@event);

    /// <summary>Subscribes an actor; false when it was subscribed already.</summary>
    public virtual bool Subscribe(IActorRef subscriber, TClassifier classifier) => AddSubscription(subscriber, classifier);

    /// <summary>Ends a subscription; false when there was none.</summary>
    public virtual bool Unsubscribe(IActorRef subscriber, TClassifier classifier) => RemoveSubscription(subscriber, classifier);

    /// <summary>Ends all subscriptions of an actor; false when there was none.</summary>
    public virtual bool Unsubscribe(IActorRef subscriber) => RemoveSubscriber(subscriber);

    internal abstract void PublishEvent(TEvent @event);

    internal abstract bool AddSubscription(IActorRef subscriber, TClassifier classifier);

    internal abstract bool RemoveSubscription(IActorRef subscriber, TClassifier classifier);

    internal abstract bool RemoveSubscriber(IActorRef subscriber);
}

/// <summary>A bus that log events go through.</summary>
public class LoggingBus : ActorEventBus<object, Type>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Type, HashSet<IActorRef>> _subscriptions = [];

    /// <summary>Subscribers by the class of the event; emptied whenever a subscription changes.</summary>
    private ConcurrentDictionary<Type, IActorRef[]> _subscribers = new();
    private volatile int _logLevel = (int)LogLevel.InfoLevel;

    internal LoggingBus()
    {
    }

    /// <summary>The lowest level that is logged.</summary>
    internal LogLevel LogLevel => (LogLevel)_logLevel;

    /// <summary>Loggers that get every log event at or above the level.</summary>
    internal List<IActorRef> Loggers { get; } = [];

    /// <summary>Sets the lowest level that is logged.</summary>
    internal void SetLogLevel(LogLevel logLevel)
    {
        _logLevel = (int)logLevel;
        foreach (var logger in Loggers)
        {
            SubscribeLogger(logger);
        }
    }

    /// <summary>Subscribes a logger to the events at or above the level, and to no others.</summary>
    internal void SubscribeLogger(IActorRef logger)
    {
        foreach (var level in Enum.GetValues<LogLevel>())
        {
            if (level >= LogLevel)
            {
                Subscribe(logger, Logging.ClassFor(level));
            }
            else
            {
                Unsubscribe(logger, Logging.ClassFor(level));
            }
        }
    }

    internal override void PublishEvent(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        foreach (var subscriber in SubscribersOf(@event.GetType()))
        {
            if (subscriber is IInternalActorRef { IsTerminated: true } and not MinimalActorRef)
            {
                Unsubscribe(subscriber);
            }
            else
            {
                subscriber.Tell(@event, ActorRefs.NoSender);
            }
        }
    }

    internal override bool AddSubscription(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(classifier);
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(classifier, out var subscribers))
            {
                _subscriptions.Add(classifier, subscribers = []);
            }

            var added = subscribers.Add(subscriber);
            _subscribers = new ConcurrentDictionary<Type, IActorRef[]>();
            return added;
        }
    }

    internal override bool RemoveSubscription(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(classifier);
        lock (_lock)
        {
            var removed = _subscriptions.TryGetValue(classifier, out var subscribers) && subscribers.Remove(subscriber);
            _subscribers = new ConcurrentDictionary<Type, IActorRef[]>();
            return removed;
        }
    }

    internal override bool RemoveSubscriber(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_lock)
        {
            var removed = false;
            foreach (var subscribers in _subscriptions.Values)
            {
                removed |= subscribers.Remove(subscriber);
            }

            _subscribers = new ConcurrentDictionary<Type, IActorRef[]>();
            return removed;
        }
    }

    private IActorRef[] SubscribersOf(Type type)
    {
        var cache = Volatile.Read(ref _subscribers);
        if (cache.TryGetValue(type, out var known))
        {
            return known;
        }

        lock (_lock)
        {
            var found = _subscriptions
                .Where(subscription => subscription.Key.IsAssignableFrom(type))
                .SelectMany(subscription => subscription.Value)
                .Distinct()
                .ToArray();
            _subscribers[type] = found;
            return found;
        }
    }
}

/// <summary>
/// The system's bus: subscribe to a class or interface, and get every published object of it, in the order of publishing.
/// Subscriptions of stopped actors are dropped.
/// </summary>
public class EventStream : LoggingBus
{
    internal EventStream()
    {
    }
}
