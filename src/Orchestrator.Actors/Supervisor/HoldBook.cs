using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Holds: who is about to take members out. Runs see them through their gate. A plain class on the supervisor's mailbox.
/// </summary>
/// <param name="runs">They look at once, and tell what is at work.</param>
internal sealed class HoldBook(IReign reign, AuditBook audit, RunBook runs)
{
    public void OnPlace(PlaceHold order)
    {
        var sender = reign.Sender;
        var renewal = HoldDecider.IsRenewal(reign.State.Holds, order, reign.Now);
        var members = reign.Clusters.TryGetValue(order.Cluster, out var watch) ? watch.Nodes.ToHashSet(StringComparer.Ordinal) : null;
        var decision = HoldDecider.Decide(reign.State.Holds, order, members, reign.Clusters.Keys, reign.Now);
        var described = new AuditedOrder(order.By, AuditAction.Hold, order.Cluster, order.Owner, AuditBook.Joined(string.Join(", ", order.Members), order.Reason));
        if (decision.Reply is HoldReply.Refused refused)
        {
            audit.Record(described, refused.Failure.Message, () => sender.Tell(refused.Failure));
            return;
        }

        if (!renewal)
        {
            audit.Record(described, refusal: "", then: () => { });
        }

        foreach (var placed in decision.Events.OfType<HoldPlaced>())
        {
            reign.Store(new HoldRecorded(placed, placed.At), () =>
            {
                if (!renewal)
                {
                    reign.Log.Info("{0}", placed.Hold.Sentence);
                }

                // A run may have begun a step by a look from before: only one that has looked since says what is at work.
                runs.Assess(order.Cluster);
                WithRuns(order.Cluster, active => sender.Tell(View(placed.Hold, active)), sender);
            });
        }
    }

    public void OnRelease(ReleaseHold order)
    {
        var sender = reign.Sender;
        var decision = HoldDecider.Decide(reign.State.Holds, order, reign.Clusters.Keys, reign.Now);
        var described = new AuditedOrder(order.By, AuditAction.ReleaseHold, order.Cluster, order.Owner, "");
        if (decision.Reply is HoldReply.Refused refused)
        {
            audit.Record(described, refused.Failure.Message, () => sender.Tell(refused.Failure));
            return;
        }

        if (decision.Events.Count == 0)
        {
            List(order.Cluster, sender);
            return;
        }

        audit.Record(described, refusal: "", then: () => { });
        foreach (var fact in decision.Events)
        {
            reign.Store(new HoldRecorded(fact, fact.At), () =>
            {
                runs.Assess(order.Cluster);
                List(order.Cluster, sender);
            });
        }
    }

    public void OnList(ListHolds request)
    {
        if (request.Cluster.Length > 0 && !reign.Clusters.ContainsKey(request.Cluster))
        {
            reign.Sender.Tell(reign.NoSuchCluster(request.Cluster));
            return;
        }

        List(request.Cluster, reign.Sender);
    }

    public void EndElapsed()
    {
        foreach (var fact in HoldDecider.Elapsed(reign.State.Holds, reign.Now))
        {
            reign.Log.Warning("the hold of {0} on {1} was not renewed and is over", fact.Owner, fact.Cluster);
            reign.Store(new HoldRecorded(fact, fact.At), () => runs.Assess(fact.Cluster));
            audit.Record("supervisor", AuditAction.EndHold, fact.Cluster, fact.Owner, "it has expired");
        }
    }

    private void List(string cluster, IActorRef sender) => WithRuns(
        cluster, active => sender.Tell(new HoldList([.. reign.State.Holds.InForce(cluster, reign.Now).Select(hold => View(hold, active))])), sender);

    /// <summary>Goes on with the active runs as they are when they have worked off what they were told.</summary>
    private void WithRuns(string cluster, Action<IReadOnlyList<RunView>> then, IActorRef sender) =>
        reign.Await(runs.AskActive(cluster), answer =>
        {
            if (answer is IReadOnlyList<RunView> active)
            {
                then(active);
            }
            else
            {
                sender.Tell(answer);
            }
        });

    private HoldView View(Hold hold, IReadOnlyList<RunView> active)
    {
        var cluster = reign.Clusters.GetValueOrDefault(hold.Cluster)?.Definition;
        return new HoldView(hold, [.. from run in active
                                      where run.Plan.Request.Cluster == hold.Cluster
                                      from step in run.Steps
                                      where step.State is "running" or "pausing"
                                      where hold.Covers(cluster?.Beside(step.ReplicaSet, step.Node) ?? [])
                                      select new HeldWork(step.Node, run.Id, step.Number)]);
    }
}
