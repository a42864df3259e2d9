using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Observing nodes.</content>
internal sealed partial class SupervisorActor
{
    private void ReceiveObservations()
    {
        Command<NodesKnown>(known =>
        {
            candidates = known.Nodes;
            host = known.Host;
            ObserveAll();
        });
        Command<Tick>(tick => tick == Tick.Observe, _ => OnObserveTick());
        Command<Tick>(tick => tick == Tick.Assess, _ => OnAssessTick());
        Command<Tick>(tick => tick == Tick.Measured, _ => AssessRuns());
        Command<NodeObservation>(OnObservation);
        Command<NodeStateChanged>(OnStateChanged);
    }

    private void ObserveAll()
    {
        foreach (var candidate in candidates)
        {
            candidate.Tell(new ObserveNode(state.Epoch), Self);
        }

        ObserveExternals();
    }

    private void OnObserveTick()
    {
        ObserveAll();
        foreach (var watch in watches.Values.ToList())
        {
            var (next, changes) = watch.Sightings.Elapsed(Now, options.ReplicaSets.UnreachableAfter);
            Note(watch, next, changes);
        }

        AssessReplicaSets();
        ExpireTransfers();
        NoteConditions();
    }

    private void OnAssessTick()
    {
        SaveSnapshotIfDue();
        ForgetOldRuns();
        StoreAuditSegments();
        EndFreezes();
        AssessRuns();
        AssessSchedules();
    }

    private void OnObservation(NodeObservation observation)
    {
        if (!watches.TryGetValue(observation.Cluster, out var watch) || !watch.Nodes.Contains(observation.Node))
        {
            log.Warning("{0} of cluster {1} is not configured and is ignored", observation.Node, observation.Cluster);
            return;
        }

        var key = new NodeKey(observation.Cluster, observation.Node);
        if (nodes.TryGetValue(key, out var former) && !former.Equals(Sender))
        {
            nodesByRef.Remove(former);
        }

        nodes[key] = Sender;
        nodesByRef[Sender] = key;
        var (next, changes) = watch.Sightings.Heard(observation, Now);
        Note(watch, next, changes);
        if (externals.TryGetValue(observation.Cluster, out var external))
        {
            OnExternalObserved(external, observation);
        }
        else
        {
            Assess(new ReplicaSetKey(observation.Cluster, observation.ReplicaSet));
        }
    }

    private void OnStateChanged(NodeStateChanged change)
    {
        if (watches.TryGetValue(change.Cluster, out var watch))
        {
            var (next, changes) = watch.Sightings.Heard(change, Now);
            Note(watch, next, changes);
        }
    }

    private void Note(ClusterWatch watch, ClusterSightings sightings, IReadOnlyList<NodeStateChanged> changes)
    {
        // To be heard of for the first time in a reign is no return: the member was there all the time, as far as anybody knows.
        var isNew = changes.Where(change => !watch.Sightings.Members.ContainsKey(change.Node)).ToHashSet();
        var news = changes.Where(change => change.To != NodeState.Online || !isNew.Contains(change)).ToList();
        watches[watch.Definition.Name] = watch.With(sightings, news, options.HistoryLength);
        foreach (var change in changes)
        {
            if (isNew.Contains(change))
            {
                log.Info("{0}: {1} {2}", change.Node, change.To, change.Reason);
            }
            else
            {
                log.Info("{0}: {1} -> {2} {3}", change.Node, change.From, change.To, change.Reason);
            }

            TellRuns(change);
        }
    }

    private void Tell(string cluster, string node, INodeCommand command) => Tell(cluster, node, command, Self);

    /// <summary>A node that was never heard of gets nothing; whoever waits for it goes by observation.</summary>
    private void Tell(string cluster, string node, INodeCommand command, IActorRef replyTo)
    {
        if (nodes.TryGetValue(new NodeKey(cluster, node), out var actor))
        {
            actor.Tell(command, replyTo);
        }
    }
}
