using Akka.Actor;

namespace Akka.Cluster;

/// <summary>Who wants which events.</summary>
internal sealed class Subscriptions
{
    private readonly Dictionary<IActorRef, HashSet<Type>> _wanted = [];

    public void Add(IActorRef subscriber, IEnumerable<Type> types)
    {
        if (!_wanted.TryGetValue(subscriber, out var known))
        {
            _wanted.Add(subscriber, known = []);
        }

        known.UnionWith(types);
    }

    /// <summary>Takes the subscription back; of one kind of event, or of all with null.</summary>
    public void Remove(IActorRef subscriber, Type? type)
    {
        if (type is null || (_wanted.TryGetValue(subscriber, out var known) && known.Remove(type) && known.Count == 0))
        {
            _wanted.Remove(subscriber);
        }
    }

    public void Publish(ClusterEvent.IClusterDomainEvent happened)
    {
        foreach (var (subscriber, types) in _wanted)
        {
            if (types.Any(t => t.IsInstanceOfType(happened)))
            {
                subscriber.Tell(happened, ActorRefs.NoSender);
            }
        }
    }
}
