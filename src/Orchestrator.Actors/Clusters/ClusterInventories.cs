using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>Questions that need the members' sizes: reports, plans, explanations, and what runs measure. A plain class on the cluster actor's mailbox.</summary>
internal sealed class ClusterInventories(ObservedCluster cluster, ITimerScheduler timers)
{
    private static readonly TimeSpan MeasureAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MeasuredTogether = TimeSpan.FromMilliseconds(200);

    private readonly InventoryRounds _rounds = new();

    // Members whose sizes a run waits for, and since when.
    private readonly Dictionary<string, DateTimeOffset> _measuring = new(StringComparer.Ordinal);

    public void Report(IActorRef asker, IActorRef self) => Take("", asker, self, missing => asker.Tell(new StorageReport(
        cluster.Name,
        [.. cluster.Watch.Nodes.Except(missing).Where(cluster.Watch.Inventories.ContainsKey).Select(node => cluster.Watch.Inventories[node])],
        missing,
        cluster.Now)));

    public void Take(TakeInventories request, IActorRef asker, IActorRef self) =>
        Take(request.Mode, asker, self, missing => asker.Tell(new InventoriesTaken(cluster.Watch.Snapshot(cluster.Now), missing)));

    public void Explain(ExplainCluster request, IActorRef asker, IActorRef self) => Take("", asker, self, _ =>
    {
        var (answer, failure) = Explainer.Explain(request.Sources(cluster.Watch.Snapshot(cluster.Now)), request.Request, cluster.Now);
        asker.Tell((object?)answer ?? failure!);
    });

    public void Plan(CompactionRequest request, IActorRef asker, IActorRef self)
    {
        // Estimated is what the plan will choose.
        var policy = cluster.Task.Options.Compaction;
        var mode = ModeChoice.WithDefault(request, cluster.Watch.Snapshot(cluster.Now).Capabilities, policy).Options.Mode;
        Take(
            mode,
            asker,
            self,
            _ => asker.Tell(Planner.Plan(cluster.Watch.Snapshot(cluster.Now), request, policy) switch
            {
                PlanResult.Planned planned => new PlanMade(planned.Plan),
                PlanResult.Refused refused => refused.ToFailure(),
                var other => throw new InvalidOperationException($"unknown result {other.GetType().Name}"),
            }),
            request.Options.FreeSpaceTargetMB);
    }

    /// <summary>A run asks at each of its looks; the member is asked again only when its answer is long due.</summary>
    public void Measure(MeasureMember order, IActorRef self)
    {
        if (!_measuring.TryGetValue(order.Node, out var askedAt) || cluster.Now - askedAt >= MeasureAgainAfter)
        {
            _measuring[order.Node] = cluster.Now;
            cluster.Members.Tell(
                order.Node, new TakeInventory(cluster.Task.Epoch, order.Mode) { FreeSpaceTargetMB = order.FreeSpaceTargetMB }, self);
        }
    }

    public void Arrived(NodeInventory inventory)
    {
        cluster.Change(cluster.Watch.With(inventory, cluster.Now));
        if (_measuring.Remove(inventory.Node) && !timers.IsTimerActive(Measured.Instance))
        {
            // A look at a large cluster costs more than an inventory: one for all that come in a moment.
            timers.StartSingleTimer(Measured.Instance, Measured.Instance, MeasuredTogether);
        }

        CompleteAll(_rounds.Answered(inventory.Node));
    }

    public void Refused(string node) => CompleteAll(_rounds.Refused(node));

    public void Complete(long round)
    {
        timers.Cancel(round);
        _rounds.Complete(round);
    }

    /// <summary>Asks every member for its inventory and goes on when all have answered or the time is over.</summary>
    /// <param name="mode">A mode that the engine does not have is for the planner to refuse or to choose; members would not answer for it.</param>
    /// <param name="then">Is told which members have not answered.</param>
    private void Take(
        string mode,
        IActorRef asker,
        IActorRef self,
        Action<IReadOnlyList<string>> then,
        int freeSpaceTargetMB = CompactionOptions.DefaultFreeSpaceTargetMB)
    {
        if (_rounds.Refusal is { } refusal)
        {
            asker.Tell(refusal);
            return;
        }

        // Members that are not reachable are asked too, but not waited for.
        var round = _rounds.Begin(cluster.Watch, then);
        var estimated = cluster.Watch.Snapshot(cluster.Now).Capabilities.Modes.Contains(mode) ? mode : "";
        foreach (var node in cluster.Watch.Nodes)
        {
            cluster.Members.Tell(node, new TakeInventory(cluster.Task.Epoch, estimated) { FreeSpaceTargetMB = freeSpaceTargetMB }, self);
        }

        timers.StartSingleTimer(round, new RoundTimedOut(round), cluster.Task.Options.InventoryTimeout);
        CompleteAll(_rounds.Complete());
    }

    private void CompleteAll(IReadOnlyList<long> rounds)
    {
        foreach (var round in rounds)
        {
            Complete(round);
        }
    }

    internal sealed record RoundTimedOut(long Round) : LocalMessage;

    /// <summary>Members have told their sizes, for which runs wait.</summary>
    internal sealed record Measured : LocalMessage
    {
        public static Measured Instance { get; } = new();
    }
}
