using Akka.Actor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Clusters;

/// <summary>Under which actor each member of a cluster is found: the one that was heard last. A plain class on the cluster actor's mailbox.</summary>
internal sealed class ClusterMembers
{
    private readonly Dictionary<string, IActorRef> _actors = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, string> _names = [];
    private readonly Dictionary<string, IActorRef> _impostors = new(StringComparer.Ordinal);

    /// <summary>Whom the actor that answers as a node is held for. While one process is that node, no other one is.</summary>
    /// <param name="isLost">Whether the node has not been heard of for so long that another process may take its place.</param>
    /// <returns>False: another process is that node.</returns>
    public bool Heard(string node, IActorRef actor, bool isLost)
    {
        if (_actors.TryGetValue(node, out var former) && !former.Equals(actor))
        {
            if (!isLost && former.Path.Address != actor.Path.Address)
            {
                _impostors[node] = actor;
                return false;
            }

            _names.Remove(former);
        }

        _actors[node] = actor;
        _names[actor] = node;
        return true;
    }

    /// <summary>Another process that answered as a node before that node did again, so that both are alive; null if there is none.</summary>
    public IActorRef? TakeImpostor(string node) => _impostors.Remove(node, out var impostor) && !impostor.Equals(_actors[node]) ? impostor : null;

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
