using Akka.Actor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Clusters;

/// <summary>Under which actor each member of a cluster is found: the one that was heard last. A plain class on the cluster actor's mailbox.</summary>
internal sealed class ClusterMembers
{
    private readonly Dictionary<string, IActorRef> _actors = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, string> _names = [];

    public void Heard(string node, IActorRef actor)
    {
        if (_actors.TryGetValue(node, out var former) && !former.Equals(actor))
        {
            _names.Remove(former);
        }

        _actors[node] = actor;
        _names[actor] = node;
    }

    /// <summary>Forgets the members that are no longer there.</summary>
    public void Keep(IReadOnlySet<string> nodes)
    {
        foreach (var (node, actor) in _actors.Where(entry => !nodes.Contains(entry.Key)).ToList())
        {
            _actors.Remove(node);
            _names.Remove(actor);
        }
    }

    public IActorRef? Find(string node) => _actors.GetValueOrDefault(node);

    /// <summary>The member that an actor stands for; null if it is none, or no longer the one that was heard last.</summary>
    public string? NameOf(IActorRef actor) => _names.GetValueOrDefault(actor);

    /// <summary>A member that was never heard of gets nothing; whoever waits for it goes by observation.</summary>
    public void Tell(string node, INodeCommand command, IActorRef replyTo) => Find(node)?.Tell(command, replyTo);
}
