using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Members;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// Who the members of a cluster are, as its engine tells: keeps a member's actor for each, and requests waiting until all were looked at
/// for the first time. A plain class on the cluster actor's mailbox.
/// </summary>
internal sealed class ClusterDiscovery(ObservedCluster cluster, ILoggingAdapter log)
{
    private const int MaxWaiting = 100;

    private readonly Dictionary<string, IActorRef> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _awaited = new(StringComparer.Ordinal);
    private readonly List<(object Request, IActorRef Sender)> _waiting = [];
    private RequestFailed? _trouble;
    private bool _isSeen = cluster.Task.Engine is null;
    private int _starts;

    public bool IsDrivenHere(string node) => _members.ContainsKey(node);

    public void Found(EngineTopology topology, IActorContext context)
    {
        if (_trouble is not null)
        {
            log.Info("{0} reports its members again", cluster.Name);
            _trouble = null;
        }

        var sightings = cluster.Watch.Sightings.Of(cluster.Task.Definition with { ReplicaSets = topology.ReplicaSets });
        cluster.Change(cluster.Watch with { Undiscovered = "", Sightings = sightings });
        var names = cluster.Watch.Nodes.ToHashSet(StringComparer.Ordinal);
        cluster.Members.Keep(names);
        foreach (var gone in _members.Keys.Where(name => !names.Contains(name)).ToList())
        {
            log.Info("{0} is no longer a member of {1}", gone, cluster.Name);
            context.Stop(_members[gone]);
            _members.Remove(gone);
            _awaited.Remove(gone);
        }

        var memberships = topology.ReplicaSets.SelectMany(set => set.Members.Select(name => (set.Name, Member: name))).ToLookup(pair => pair.Member, pair => pair.Name);
        foreach (var name in names)
        {
            List<string> sets = [.. memberships[name]];
            var address = topology.Addresses.GetValueOrDefault(name, "");
            if (!_members.ContainsKey(name))
            {
                log.Info("{0} at {1} is a member of {2}", name, address, cluster.Name);
                _members[name] = context.ActorOf(
                    MemberActor.Props(cluster.Task.Engine!, sets, name, cluster.Task.Options.Time), $"member-{++_starts}");
            }

            _members[name].Tell(new AddressKnown(address, topology.Learners.Contains(name), sets));
        }

        Observe(context.Self);

        // A cluster may have no members that could be waited for.
        EndWaitingIfSeen(context.Self);
    }

    public void NotFound(RequestFailed failure, IActorRef self)
    {
        if (failure.Message != _trouble?.Message)
        {
            log.Warning("{0}", failure.Message);
        }

        _trouble = failure;
        if (cluster.Watch.Definition.ReplicaSets.Count == 0)
        {
            cluster.Change(cluster.Watch with { Undiscovered = failure.Message });
            EndWaiting(self);
        }
    }

    /// <summary>Members that are driven from here are asked; others report by themselves.</summary>
    public void Observe(IActorRef self)
    {
        foreach (var member in _members.Values)
        {
            member.Tell(new ObserveNode(cluster.Task.Epoch), self);
        }
    }

    /// <summary>Looks at all members for runs that wait for it.</summary>
    public void LookForRuns(IActorRef self)
    {
        _awaited.UnionWith(_members.Keys);
        Observe(self);
    }

    /// <summary>To be called after each observation.</summary>
    /// <returns>Whether it was the last one that runs have waited for.</returns>
    public bool EndLook(string node) => _awaited.Remove(node) && _awaited.Count == 0;

    /// <summary>After a start, a request waits until the members have been looked at for the first time.</summary>
    public void WhenSeen(object request, IActorRef sender, Action act)
    {
        if (cluster.Watch.Definition.ReplicaSets.Count == 0 && _trouble is { } trouble)
        {
            sender.Tell(trouble);
        }
        else if (_isSeen)
        {
            act();
        }
        else if (_waiting.Count >= MaxWaiting)
        {
            sender.Tell(new RequestFailed(
                FailureCode.Unavailable, $"{cluster.Name} has not been discovered yet, and {MaxWaiting} requests already wait for that", ""));
        }
        else
        {
            _waiting.Add((request, sender));
        }
    }

    /// <summary>To be called after each observation.</summary>
    public void EndWaitingIfSeen(IActorRef self)
    {
        if (!_isSeen && cluster.Watch.Nodes.All(cluster.Watch.Sightings.Members.ContainsKey))
        {
            EndWaiting(self);
        }
    }

    private void EndWaiting(IActorRef self)
    {
        _isSeen = true;
        foreach (var (request, sender) in _waiting)
        {
            self.Tell(request, sender);
        }

        _waiting.Clear();
    }
}
