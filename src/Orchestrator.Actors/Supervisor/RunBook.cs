using Akka.Actor;
using Orchestrator.Actors.Clusters;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// The runs: each holds its replica sets from the moment it is registered until it has ended. A plain class on the supervisor's mailbox.
/// </summary>
internal sealed class RunBook(IReign reign, AuditBook audit, RunActors actors)
{
    /// <summary>How long a list waits for active runs that are still being read, in the time that its asker waits for it.</summary>
    private static readonly TimeSpan ReadingPatience = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, RunView> _views = new(StringComparer.Ordinal);

    /// <summary>That a person's run was refused is recorded too; schedules have a record of their own.</summary>
    public void OnStart(StartRun request)
    {
        var origin = request.Origin;
        if (origin.Schedule.Length > 0)
        {
            Plan(request, reign.Sender);
            return;
        }

        var order = new AuditedOrder(origin.By, AuditAction.StartRun, request.Request.Cluster, request.RunId, request.Request.Options.Comment, OnlyRefusals: true);
        audit.Follow(order, reign.Self.Ask<object>(new BeginPlanning(request), reign.Options.InventoryTimeout * 4));
    }

    public void OnBeginPlanning(BeginPlanning order) => Plan(order.Request, reign.Sender);

    public void OnControl(IRunControl control) => audit.Follow(
        Describe(control),
        actors.Find(control.RunId) is { } run
            ? run.Ask<object>(control, reign.Options.InventoryTimeout)
            : Task.FromResult<object>(NoSuchRun(control.RunId)));

    /// <summary>All runs that have reported.</summary>
    public IReadOnlyList<RunView> Views => [.. _views.Values];

    /// <summary>Those that a schedule has started and that have reported.</summary>
    public IEnumerable<RunView> Of(string schedule) => _views.Values.Where(run => run.Origin.Schedule == schedule);

    /// <summary>Early in a reign the active runs are waited for; one that cannot be read does not hold the others back for long.</summary>
    public void OnList(ListRuns request)
    {
        var unread = ActiveOn(request.Cluster).Where(run => !_views.ContainsKey(run.RunId)).ToList();
        var sender = reign.Sender;
        if (unread.Count == 0)
        {
            List(request, sender);
        }
        else
        {
            reign.Await(Ask(unread, ReadingPatience), _ => List(request, sender));
        }
    }

    private void List(ListRuns request, IActorRef sender)
    {
        // Runs of a cluster that is no longer configured can still be listed.
        var isKnown = request.Cluster.Length == 0 || reign.Clusters.ContainsKey(request.Cluster)
            || _views.Values.Any(run => run.Plan.Request.Cluster == request.Cluster);
        sender.Tell(isKnown ? RunPage.Of(_views.Values, request) : reign.NoSuchCluster(request.Cluster));
    }

    public void Forward(string runId, object message) => Forward(runId, message, reign.Sender);

    public void OnPlan(MakePlan request)
    {
        if (RunGates.Problem(RunOrigin.Unknown with { Window = request.Window ?? "" }, reign.Options) is { } problem)
        {
            reign.Sender.Tell(problem);
            return;
        }

        reign.Forward(request.Request.Cluster, request);
    }

    public void OnReported(RunReported reported)
    {
        actors.RecoverNext();
        if (actors.IsForgetting(reported.View.Id))
        {
            return;
        }

        _views[reported.View.Id] = reported.View;
        if (reported.Ended)
        {
            Release(reported.View.Id);
        }
    }

    public void OnNeverBegan(RunNeverBegan never)
    {
        Release(never.RunId);
        actors.RecoverNext();
    }

    public void ForgetOld()
    {
        if (actors.ForgetOldest() is { } old)
        {
            _views.Remove(old);
        }
    }

    /// <summary>Has the active runs look at their clusters.</summary>
    /// <param name="cluster">Only runs on this one; empty for all.</param>
    public void Assess(string cluster = "")
    {
        foreach (var runs in ActiveOn(cluster).GroupBy(run => run.Cluster))
        {
            // Until the members of a cluster are discovered, every planned one would seem to have left.
            if (reign.Clusters.TryGetValue(runs.Key, out var watch) && watch.Definition.ReplicaSets.Count > 0)
            {
                var snapshot = watch.Snapshot(reign.Now);
                foreach (var run in runs)
                {
                    var gate = new RunGate(RunGates.WindowOf(run.Origin, reign.Options, reign.Now), reign.State.Freezes.On(run.Cluster, reign.Now))
                    {
                        Holds = [.. reign.State.Holds.InForce(run.Cluster, reign.Now)],
                    };
                    actors.Tell(run.RunId, new LookAt(snapshot, gate));
                }
            }
        }
    }

    public void OnChanged(IReadOnlyList<NodeStateChanged> changes)
    {
        foreach (var change in changes)
        {
            foreach (var run in ActiveOn(change.Cluster))
            {
                actors.Tell(run.RunId, new MemberChanged(change));
            }
        }
    }

    /// <summary>The active runs of a cluster, as far as they have reported.</summary>
    public IReadOnlyList<RunView> Active(string cluster) =>
        [.. ActiveOn(cluster).Where(run => _views.ContainsKey(run.RunId)).Select(run => _views[run.RunId])];

    /// <summary>Asks the active runs of a cluster where they are once they have worked off what they were told before. Gives a list of <see cref="RunView"/>.</summary>
    /// <param name="cluster">Empty for all.</param>
    public Task<object> AskActive(string cluster) => Ask(ActiveOn(cluster), reign.Options.InventoryTimeout);

    /// <param name="cluster">Empty for all.</param>
    private IEnumerable<RegisteredRun> ActiveOn(string cluster) =>
        reign.State.Runs.Where(run => run.Active && (cluster.Length == 0 || run.Cluster == cluster));

    private async Task<object> Ask(IEnumerable<RegisteredRun> runs, TimeSpan patience)
    {
        var asked = runs.Select(run => actors.Find(run.RunId)?.Ask<object>(new GetRun(run.RunId), patience)).OfType<Task<object>>().ToList();
        return (IReadOnlyList<RunView>)[.. (await Task.WhenAll(asked)).OfType<RunView>()];
    }

    private static RequestFailed NoSuchRun(string runId) => new(FailureCode.NotFound, $"there is no run '{runId}'", "");

    private static bool IsRunId(string id) =>
        id.Length is >= 1 and <= 64 && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    private void Forward(string runId, object message, IActorRef sender)
    {
        if (actors.Find(runId) is { } run)
        {
            run.Tell(message, sender);
        }
        else
        {
            sender.Tell(NoSuchRun(runId));
        }
    }

    private void Plan(StartRun start, IActorRef sender)
    {
        var (request, runId) = (start.Request, start.RunId);
        if (!IsRunId(runId))
        {
            sender.Tell(new RequestFailed(FailureCode.Invalid, $"the run id '{runId}' must be 1 to 64 letters, digits, '-' and '_'", ""));
        }
        else if (reign.State.Find(runId) is not null)
        {
            Forward(runId, new GetRun(runId), sender);
        }
        else if (RunGates.Problem(start.Origin, reign.Options) is { } problem)
        {
            sender.Tell(problem);
        }
        else if (Conflict(request) is { } conflict)
        {
            Refuse(request, conflict, sender);
        }
        else
        {
            reign.Await(reign.Ask(request.Cluster, new MakePlan(request), reign.Options.InventoryTimeout * 4), answer =>
            {
                if (answer is PlanMade made)
                {
                    Claim(start, made.Plan, sender);
                }
                else
                {
                    sender.Tell(answer);
                }
            });
        }
    }

    /// <summary>Whoever waits for the other run would only then learn that the request is wrong: its mistakes come first.</summary>
    private void Refuse(CompactionRequest request, RequestFailed conflict, IActorRef sender)
    {
        var (snapshot, policy) = (reign.Clusters[request.Cluster].Snapshot(reign.Now), reign.Options.Compaction);

        // Off the mailbox: looking many names up takes long.
        Task.Run(() => Planner.Mistakes(snapshot, request, policy) ?? conflict).PipeTo(sender, reign.Self, failure: _ => conflict);
    }

    /// <summary>Keeps other orchestrators away from the cluster before the run is registered.</summary>
    private void Claim(StartRun start, CompactionPlan plan, IActorRef sender)
    {
        if (Conflict(plan) is { } conflict)
        {
            sender.Tell(conflict);
            return;
        }

        reign.Await(reign.Ask(plan.Request.Cluster, new ClaimCluster(start.RunId), reign.Options.InventoryTimeout), answer =>
        {
            if (answer is ClusterClaimed)
            {
                Register(start, plan, sender);
            }
            else
            {
                sender.Tell(answer);
            }
        });
    }

    private void Register(StartRun start, CompactionPlan plan, IActorRef sender)
    {
        if (Conflict(plan) is { } conflict)
        {
            sender.Tell(conflict);
            return;
        }

        var (runId, cluster, origin) = (start.RunId, plan.Request.Cluster, start.Origin);
        reign.Store(new RunRegistered(runId, cluster, [.. plan.ReplicaSets.Select(set => set.ReplicaSet)], reign.Now) { Origin = origin }, () =>
        {
            audit.Record(origin.By, AuditAction.StartRun, cluster, runId, plan.Request.Options.Comment);
            actors.Start(runId, isNew: true).Tell(new BeginRun(plan, origin), sender);
        });
    }

    /// <summary>What an active run holds is refused at once, before anything is measured.</summary>
    private RequestFailed? Conflict(CompactionRequest request) => reign.Clusters.TryGetValue(request.Cluster, out var watch)
        ? Conflict(
            request.Cluster,
            request.Scope.ReplicaSets.Count > 0 ? request.Scope.ReplicaSets : watch.Definition.ReplicaSets.Select(set => set.Name))
        : null;

    private RequestFailed? Conflict(CompactionPlan plan) => Conflict(plan.Request.Cluster, plan.ReplicaSets.Select(set => set.ReplicaSet));

    private RequestFailed? Conflict(string cluster, IEnumerable<string> replicaSets) =>
        reign.State.Holder(cluster, reign.Clusters.TryGetValue(cluster, out var watch) ? watch.Definition.Touching(replicaSets) : replicaSets) is { } holder
            ? new RequestFailed(FailureCode.Conflict, $"run {holder.RunId} is active on {string.Join(", ", holder.ReplicaSets)}; wait for it", holder.RunId)
            : null;

    private void Release(string runId)
    {
        if (reign.State.Find(runId) is { Active: true } run)
        {
            reign.ActorOf(run.Cluster)?.Tell(new ReleaseCluster(runId));
            reign.Store(new RunReleased(runId, reign.Now), () => { });
        }
    }

    private AuditedOrder Describe(IRunControl control)
    {
        var (action, detail) = control switch
        {
            PauseRun pause => (AuditAction.PauseRun, pause.Reason),
            ResumeRun => (AuditAction.ResumeRun, ""),
            CancelRun cancel => (AuditAction.CancelRun, cancel.Reason),
            ApproveRun => (AuditAction.ApproveRun, ""),
            ThrottleRun throttle => (AuditAction.ThrottleRun, throttle.MaxBytesPerSecond == 0
                ? "unlimited"
                : $"{Core.ByteText.Of(throttle.MaxBytesPerSecond)}/s"),
            _ => throw new ArgumentOutOfRangeException(nameof(control), control, "not an order to a run"),
        };
        return new AuditedOrder(control.By, action, reign.State.Find(control.RunId)?.Cluster ?? "", control.RunId, detail);
    }

    internal sealed record BeginPlanning(StartRun Request) : LocalMessage;
}
