using Akka.Actor;
using Orchestrator.Core;
using Orchestrator.Core.Engines;
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
    private static readonly TimeSpan PartsMeasuredTogether = TimeSpan.FromMilliseconds(20);

    private readonly InventoryRounds _rounds = new();

    // What a run waits for, and since when: a member's sizes, or those of what it has of one replica set.
    private readonly Dictionary<(string Node, string? ReplicaSet), DateTimeOffset> _measuring = [];

    private CompactionPolicy Policy => cluster.Task.Options.Compaction;

    public void Report(ReportCluster request, IActorRef asker, IActorRef self) => Take("", asker, self, missing =>
    {
        var report = new StorageReport(
            cluster.Name,
            [.. cluster.Watch.Nodes.Except(missing).Where(cluster.Watch.Inventories.ContainsKey).Select(node => cluster.Watch.Inventories[node])],
            missing,
            cluster.Now);

        // Off the mailbox: with many units it takes longer than others can wait.
        Task.Run(() => report with { LastCompactions = UnitLastCompaction.Of(report.Cluster, report.Nodes, request.History) }).PipeTo(
            asker, self, failure: error => new RequestFailed(FailureCode.Unavailable, $"the report could not be made: {ErrorText.Shown(error.Message, out bool _)}", ""));
    });

    public void Take(TakeInventories request, IActorRef asker, IActorRef self) =>
        Take(request.Mode, asker, self, missing => asker.Tell(new InventoriesTaken(cluster.Watch.Snapshot(cluster.Now), missing)));

    public void Explain(ExplainCluster request, IActorRef asker, IActorRef self) => Take("", asker, self, _ =>
    {
        var (now, sources) = (cluster.Now, request.Sources(cluster.Watch.Snapshot(cluster.Now)));

        // Off the mailbox: with many units it takes longer than others can wait.
        Task.Run(() => Explainer.Explain(sources, request.Request, now)).PipeTo(
            asker,
            self,
            explained => (object?)explained.Answer ?? explained.Failure!,
            error => new RequestFailed(FailureCode.Unavailable, $"it could not be explained: {ErrorText.Shown(error.Message, out bool _)}", ""));
    });

    public void Plan(CompactionRequest request, IActorRef asker, IActorRef self)
    {
        // Estimated is what the plan will choose.
        var mode = ModeChoice.WithDefault(request, cluster.Watch.Snapshot(cluster.Now), Policy).Options.Mode;
        Take(mode, asker, self, _ => Plan(cluster.Watch.Snapshot(cluster.Now), request, asker, self), request.Options.EngineOptions);
    }

    public void OnPlanComputed(PlanComputed computed, IActorRef asker, IActorRef self)
    {
        var (snapshot, request) = (computed.Snapshot, computed.Request);
        switch (computed.Result)
        {
            case PlanResult.Refused refused:
                asker.Tell(refused.ToFailure());
                break;
            case PlanResult.Planned planned when ModeChoice.WithoutEstimate(planned.Plan, snapshot) is { Length: > 0 } mode:
                // The planner has chosen a mode of which nobody has estimated anything yet.
                Take(mode, asker, self, _ => Plan(cluster.Watch.WithFrugal(snapshot, mode), request, asker, self), request.Options.EngineOptions);
                break;
            case PlanResult.Planned planned:
                asker.Tell(new PlanMade(planned.Plan));
                break;
        }
    }

    /// <summary>Off the mailbox: a plan of many units takes longer than others can wait.</summary>
    private void Plan(ClusterSnapshot snapshot, CompactionRequest request, IActorRef asker, IActorRef self)
    {
        var policy = Policy;
        Task.Run(() => Planner.Plan(snapshot, request, policy)).PipeTo(
            self,
            asker,
            result => new PlanComputed(snapshot, request, result),
            error => new PlanComputed(snapshot, request, PlanFailed(error)));
    }

    private static PlanResult.Refused PlanFailed(Exception error) =>
        new([new PlanProblem(FailureCode.Unavailable, "plan", $"the plan could not be made: {ErrorText.Shown(error.Message, out bool _)}")]);

    /// <summary>A run asks at each of its looks; the member is asked again only when its answer is long due.</summary>
    public void Measure(MeasureMember order, IActorRef self)
    {
        // A part is told only beside what is known in the same mode.
        var set = cluster.Watch.Inventories.TryGetValue(order.Node, out var known) && (order.Mode.Length == 0 || order.Mode == known.Mode) ? order.ReplicaSet : null;
        if (!_measuring.TryGetValue((order.Node, set), out var askedAt) || cluster.Now - askedAt >= MeasureAgainAfter)
        {
            _measuring[(order.Node, set)] = cluster.Now;
            cluster.Members.Tell(
                order.Node, new TakeInventory(cluster.Task.Epoch, order.Mode) { EngineOptions = order.Options, ReplicaSet = set }, self);
        }
    }

    public void Arrived(NodeInventory inventory)
    {
        cluster.Change(cluster.Watch.With(inventory, cluster.Now));
        var awaited = _measuring.Keys.Where(key => key.Node == inventory.Node && (inventory.ReplicaSet is null || key.ReplicaSet == inventory.ReplicaSet)).ToList();
        awaited.ForEach(key => _measuring.Remove(key));
        if (awaited.Count > 0 && !timers.IsTimerActive(Measured.Instance))
        {
            // A look at a large cluster costs more than an inventory: one for all that come in a moment.
            timers.StartSingleTimer(Measured.Instance, Measured.Instance, inventory.ReplicaSet is null ? MeasuredTogether : PartsMeasuredTogether);
        }

        if (inventory.ReplicaSet is null)
        {
            CompleteAll(_rounds.Answered(inventory.Node));
        }
    }

    public void Refused(string node, string reason)
    {
        cluster.Change(cluster.Watch.WithoutInventory(node, reason));
        CompleteAll(_rounds.Refused(node));
    }

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
        OptionValues? engineOptions = null)
    {
        if (_rounds.Refusal is { } refusal)
        {
            asker.Tell(refusal);
            return;
        }

        // Members that are not reachable are asked too, but not waited for.
        var round = _rounds.Begin(cluster.Watch, then);
        foreach (var node in cluster.Watch.Nodes)
        {
            var estimated = cluster.Watch.CapabilitiesOf(node).Modes.Contains(mode) ? mode : "";
            cluster.Members.Tell(node, new TakeInventory(cluster.Task.Epoch, estimated) { EngineOptions = engineOptions ?? OptionValues.None }, self);
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

    internal sealed record PlanComputed(ClusterSnapshot Snapshot, CompactionRequest Request, PlanResult Result) : LocalMessage;

    internal sealed record RoundTimedOut(long Round) : LocalMessage;

    /// <summary>Members have told their sizes, for which runs wait.</summary>
    internal sealed record Measured : LocalMessage
    {
        public static Measured Instance { get; } = new();
    }
}
