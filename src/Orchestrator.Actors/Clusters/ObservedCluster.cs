using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// What a cluster's actor and its parts know of the cluster: the last look at it, and under which actor each member is found. Tells the
/// supervisor after every change. A plain class on the cluster actor's mailbox.
/// </summary>
internal sealed class ObservedCluster(ClusterTask task, IActorRef supervisor, EventStream events, ILoggingAdapter log)
{
    public ClusterTask Task => task;

    public string Name => task.Definition.Name;

    public ClusterWatch Watch { get; private set; } = ClusterTask.StartWatch(task.Definition, task.Engine, task.Options);

    public ClusterMembers Members { get; } = new();

    public DateTimeOffset Now => task.Options.Time.GetUtcNow();

    public void Change(ClusterWatch watch)
    {
        Watch = watch;
        supervisor.Tell(new ClusterSeen(watch, []));
    }

    public void Heard((ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) heard)
    {
        // To be heard of for the first time in a reign is no return: the member was there all the time, as far as anybody knows.
        var isNew = heard.Changes.Where(change => !Watch.Sightings.Members.ContainsKey(change.Node)).ToHashSet();
        var news = heard.Changes.Where(change => change.To != NodeState.Online || !isNew.Contains(change)).ToList();
        Watch = Watch.With(heard.Next, news, task.Options.HistoryLength);
        foreach (var change in heard.Changes)
        {
            if (isNew.Contains(change))
            {
                log.Info("{0}: {1}{2}", change.Node, change.To, ReasonText.InBrackets(change.Reason));
            }
            else
            {
                log.Info("{0}: {1} -> {2}{3}", change.Node, change.From, change.To, ReasonText.InBrackets(change.Reason));
            }
        }

        supervisor.Tell(new ClusterSeen(Watch, heard.Changes));
    }

    /// <summary>
    /// A member obeys a later epoch. Of a replaced supervisor the next write into the journal fails; one that goes on has a journal
    /// that the other supervisor does not write, and without this would only find that nobody answers.
    /// </summary>
    public void NoteIfOutranked(CommandRefused refused)
    {
        if (refused.Code != RefusalCode.StaleEpoch || refused.Epoch <= task.Epoch || !Watch.Nodes.Contains(refused.Node))
        {
            return;
        }

        var before = Watch.OutrankedBy;
        var found = new Outranking(refused.Node, refused.Epoch, task.Epoch, refused.OtherHeardSecondsAgo);
        Change(Watch with { Outranked = Watch.Outranked.SetItem(refused.Node, found) });
        var now = Watch.OutrankedBy!;
        if (before is null || before.OtherReigns != now.OtherReigns)
        {
            log.Error("members cannot be managed: {0}", now.Trouble);
            events.Publish(new SupervisorOutranked(now.Trouble));
        }
    }
}
