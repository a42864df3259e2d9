using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Plans and runs. A run holds its replica sets from the moment it is registered until it has ended.</content>
internal sealed partial class SupervisorActor
{
    private readonly Dictionary<string, IActorRef> runActors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunView> runViews = new(StringComparer.Ordinal);

    private void ReceiveRuns()
    {
        Command<MakePlan>(request => WhenSeen(request.Request.Cluster, request, OnMakePlan));
        Command<StartRun>(OnOrderedRun);
        Command<BeginPlanning>(order => WhenSeen(order.Request.Request.Cluster, order, begin => OnStartRun(begin.Request)));
        Command<GetRun>(request => ForwardToRun(request.RunId, request));
        Command<ReadRunEvents>(request => ForwardToRun(request.RunId, request));
        Command<IRunControl>(control =>
        {
            Audited(Describe(control), AskRun(control));
        });
        Command<ListRuns>(_ => Sender.Tell(new RunList([.. runViews.Values.OrderByDescending(view => view.CreatedAt).Take(options.RunsKept)])));
        Command<OrderToNode>(order => Tell(order.Cluster, order.Node, order.Command, Sender));
        Command<RunReported>(OnRunReported);
        Command<Terminated>(OnRunStopped);
        Command<RunNeverBegan>(never =>
        {
            Release(never.RunId);
            RecoverNextRun();
        });
    }

    private void OnMakePlan(MakePlan request)
    {
        var sender = Sender;
        WithPlan(request.Request, sender, plan => sender.Tell(new PlanMade(plan)));
    }

    /// <summary>That a person's run was refused is recorded too; schedules have a record of their own.</summary>
    private void OnOrderedRun(StartRun request)
    {
        var origin = request.Origin;
        if (origin.Schedule.Length > 0)
        {
            Self.Forward(new BeginPlanning(request));
            return;
        }

        Audited(
            new AuditedOrder(origin.By, "start-run", request.Request.Cluster, request.RunId, request.Request.Options.Comment, OnlyRefusals: true),
            Self.Ask<object>(new BeginPlanning(request), options.InventoryTimeout * 4));
    }

    private Task<object> AskRun(IRunControl control) => ActorOf(control.RunId) is { } run
        ? run.Ask<object>(control, options.InventoryTimeout)
        : Task.FromResult<object>(NoSuchRun(control.RunId));

    private static RequestFailed NoSuchRun(string runId) => new(FailureCode.NotFound, $"there is no run '{runId}'", "");

    private void OnStartRun(StartRun request)
    {
        if (!IsRunId(request.RunId))
        {
            Sender.Tell(new RequestFailed(FailureCode.Invalid, $"the run id '{request.RunId}' must be 1 to 64 letters, digits, '-' and '_'", ""));
        }
        else if (state.Find(request.RunId) is not null)
        {
            ForwardToRun(request.RunId, new GetRun(request.RunId));
        }
        else if ((Problem(request.Origin) ?? Conflict(request.Request)) is { } conflict)
        {
            Sender.Tell(conflict);
        }
        else
        {
            var sender = Sender;
            WithPlan(request.Request, sender, plan => WithClaim(
                request.Request.Cluster, request.RunId, sender, () => Register(request.RunId, plan, request.Origin, sender)));
        }
    }

    private static bool IsRunId(string id) =>
        id.Length is >= 1 and <= 64 && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    /// <summary>What an active run holds is refused at once, before anything is measured.</summary>
    private RequestFailed? Conflict(CompactionRequest request)
    {
        if (!watches.TryGetValue(request.Cluster, out var watch))
        {
            return null;
        }

        var wanted = request.Scope.ReplicaSets.Count > 0
            ? request.Scope.ReplicaSets
            : [.. watch.Definition.ReplicaSets.Select(set => set.Name)];
        return Conflict(request.Cluster, wanted);
    }

    private RequestFailed? Conflict(string cluster, IEnumerable<string> replicaSets) =>
        state.Holder(cluster, replicaSets) is { } holder
            ? new RequestFailed(FailureCode.Conflict, $"run {holder.RunId} is active on {string.Join(", ", holder.ReplicaSets)}; wait for it", holder.RunId)
            : null;

    private void WithPlan(CompactionRequest request, IActorRef sender, Action<CompactionPlan> use)
    {
        if (!watches.ContainsKey(request.Cluster))
        {
            sender.Tell(NoSuchCluster(request.Cluster));
            return;
        }

        // Estimated is what the plan will choose.
        var mode = ModeChoice.WithDefault(request, watches[request.Cluster].Snapshot(Now).Capabilities, options.Compaction).Options.Mode;
        TakeInventories(request.Cluster, mode, _ =>
        {
            switch (Planner.Plan(watches[request.Cluster].Snapshot(Now), request, options.Compaction))
            {
                case PlanResult.Planned planned:
                    use(planned.Plan);
                    break;
                case PlanResult.Refused refused:
                    sender.Tell(refused.ToFailure());
                    break;
            }
        }, request.Options.EngineOptions);
    }

    private void Register(string runId, CompactionPlan plan, RunOrigin origin, IActorRef sender)
    {
        var sets = plan.ReplicaSets.Select(set => set.ReplicaSet).ToList();
        if (Conflict(plan.Request.Cluster, sets) is { } conflict)
        {
            sender.Tell(conflict);
            return;
        }

        Persist(new RunRegistered(runId, plan.Request.Cluster, sets, Now) { Origin = origin }, registered =>
        {
            state = state.Apply(registered);
            Audit(origin.By, "start-run", registered.Cluster, runId, plan.Request.Options.Comment);
            StartRunActor(runId, isNew: true).Tell(new BeginRun(plan, origin), sender);
        });
    }

    private IActorRef StartRunActor(string runId, bool isNew)
    {
        var actor = Context.ActorOf(RunActor.Props(runId, state.Epoch, isNew, OptionsFor(state.Find(runId)?.Cluster ?? "")), $"run-{runId}");
        runActors[runId] = Context.Watch(actor);
        return actor;
    }

    /// <summary>A run stops by itself when its journal fails, which is the supervisor's too: all begins anew, after a pause.</summary>
    private void OnRunStopped(Terminated stopped)
    {
        if (runActors.ContainsValue(stopped.ActorRef))
        {
            throw new InvalidOperationException($"{stopped.ActorRef.Path.Name} has stopped: its history could not be read or stored");
        }
    }

    private void ForwardToRun(string runId, object message)
    {
        if (ActorOf(runId) is { } run)
        {
            run.Forward(message);
        }
        else
        {
            Sender.Tell(NoSuchRun(runId));
        }
    }

    private void AssessRuns()
    {
        foreach (var run in state.Runs.Where(run => run.Active))
        {
            // Until the members of an external cluster are known, every planned one would seem to have left.
            if (watches.TryGetValue(run.Cluster, out var watch) && watch.Definition.ReplicaSets.Count > 0 && runActors.TryGetValue(run.RunId, out var actor))
            {
                actor.Tell(new LookAt(watch.Snapshot(Now), GateFor(run)));
            }
        }
    }

    private void TellRuns(NodeStateChanged change)
    {
        foreach (var run in state.Runs.Where(run => run.Active && run.Cluster == change.Cluster))
        {
            if (runActors.TryGetValue(run.RunId, out var actor))
            {
                actor.Tell(new MemberChanged(change));
            }
        }
    }

    private void OnRunReported(RunReported reported)
    {
        RecoverNextRun();
        if (forgetting == reported.View.Id)
        {
            return;
        }

        runViews[reported.View.Id] = reported.View;
        NoteResults(reported);
        if (reported.Ended)
        {
            Release(reported.View.Id);
        }
    }

    private void Release(string runId)
    {
        if (state.Find(runId) is not { Active: true } run)
        {
            return;
        }

        ReleaseClaim(run.Cluster, runId);

        Store(new RunReleased(runId, Now), () => { });
    }

    private sealed record BeginPlanning(StartRun Request) : LocalMessage;
}
