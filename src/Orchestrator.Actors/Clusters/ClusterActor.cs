using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Membership;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// Stands for one cluster, whatever its engine: has its members discovered and observed, takes inventories, makes plans, hands on what is
/// ordered of members, and holds the claim that keeps other orchestrators away. Children: a member's actor for each member that is driven
/// from here, and an <see cref="AppointmentActor"/> where primaries are appointed. Messages come from the supervisor, its parent, and from
/// members. Tells the supervisor what it sees (<see cref="ClusterSeen"/>). Keeps nothing over a restart: all is asked and seen again.
/// </summary>
internal sealed class ClusterActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan OrderTimeout = TimeSpan.FromMinutes(10);

    private readonly ClusterTask _task;
    private readonly EngineCalls? _engine;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ObservedCluster _cluster;
    private readonly ClusterDiscovery _discovery;
    private readonly PrimaryTransfers _transfers;
    private ClusterInventories _inventories = null!;
    private IActorRef _appointments = ActorRefs.Nobody;

    public ClusterActor(ClusterTask task)
    {
        _task = task;
        _engine = task.Engine is null ? null : new EngineCalls(task.Engine);
        _cluster = new ObservedCluster(task, Context.Parent, Context.System.EventStream, _log);
        _discovery = new ClusterDiscovery(_cluster, _log);
        _transfers = new PrimaryTransfers(_cluster, _log);
        ReceiveDiscovery();
        ReceiveObservations();
        ReceiveQuestions();
        ReceiveOrders();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ClusterTask task) => Akka.Actor.Props.Create(() => new ClusterActor(task));

    protected override void PreStart()
    {
        _inventories = new ClusterInventories(_cluster, Timers);
        if (_task.Engine is { } engine)
        {
            Timers.StartPeriodicTimer(Tick.Discover, Tick.Discover, TimeSpan.Zero, engine.DiscoverInterval);
            Timers.StartPeriodicTimer(Tick.Renew, Tick.Renew, engine.RenewInterval, engine.RenewInterval);
        }

        if (_task.AppointsPrimaries)
        {
            _appointments = Context.ActorOf(AppointmentActor.Props(_task, Context.Parent), "appointments");
        }

        Timers.StartPeriodicTimer(Tick.Observe, Tick.Observe, TimeSpan.Zero, _task.Options.ObserveInterval);
    }

    protected override void PostStop() => _engine?.Dispose();

    /// <summary>The facts that the appointments were given are those of the reign's beginning.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new VitalChildrenStrategy(_appointments.Equals);

    private void ReceiveDiscovery()
    {
        Receive<Tick>(tick => tick == Tick.Discover, _ => _engine!.Discover(Self));
        Receive<EngineCalls.Discovered>(found =>
        {
            _engine!.EndDiscovery();
            _discovery.Found(found.Topology, Context);
        });
        Receive<EngineCalls.NotDiscovered>(failed =>
        {
            _engine!.EndDiscovery();
            _discovery.NotFound(failed.Failure, Self);
        });
        Receive<Tick>(tick => tick == Tick.Renew, _ => _engine!.Renew(Self));
        Receive<EngineCalls.Renewed>(_ => _engine!.EndRenewal());
        Receive<EngineCalls.ClaimNoted>(noted => _log.Warning("{0}: {1}", _cluster.Name, noted.Sentence));
        Receive<ClaimCluster>(OnClaim);
        Receive<ReleaseCluster>(released => _engine?.Release(released.RunId));
    }

    /// <summary>Only a cluster that is driven from here can have a second orchestrator.</summary>
    private void OnClaim(ClaimCluster claim)
    {
        if (_engine is null)
        {
            Sender.Tell(new ClusterClaimed(claim.RunId));
        }
        else
        {
            _engine.Claim(claim.RunId, Sender, Self);
        }
    }

    private void ReceiveObservations()
    {
        Receive<Tick>(tick => tick == Tick.Observe, _ => OnObserveTick());
        Receive<NodeObservation>(OnObservation);
        Receive<NodeStateChanged>(OnStateChanged);
        Receive<AppointedPrimary>(appointed => _cluster.Change(_cluster.Watch with
        {
            Appointed = _cluster.Watch.Appointed.SetItem(appointed.ReplicaSet, appointed),
        }));
        Receive<TermPromised>(promised => FromMember(_ => _appointments.Forward(promised)));
        Receive<WritesStopped>(stopped => FromMember(_ => _appointments.Forward(stopped)));
        Receive<AppointmentFollowed>(followed => FromMember(_ => _appointments.Forward(followed)));
        Receive<WritesResumed>(_ => { });
        Receive<CommandRefused>(OnRefused);
        Receive<NodeInventory>(inventory => FromMember(node =>
        {
            if (node == inventory.Node)
            {
                _inventories.Arrived(inventory);
            }
        }));
    }

    private void OnObserveTick()
    {
        _discovery.Observe(Self);
        OnHeard(_cluster.Watch.Sightings.Elapsed(_cluster.Now, _task.Options.ReplicaSets.UnreachableAfter), AssessAppointments.All);
        _transfers.Expire();
    }

    private void OnObservation(NodeObservation observation)
    {
        if (!_cluster.Watch.Nodes.Contains(observation.Node))
        {
            _log.Warning("{0} of cluster {1} is not configured and is ignored", observation.Node, observation.Cluster);
            return;
        }

        if (!_cluster.Members.Heard(observation.Node, Sender, IsLost(observation.Node)))
        {
            return;
        }

        if (_cluster.Members.TakeImpostor(observation.Node) is { } impostor)
        {
            _log.Warning("two processes claim to be {0} of {1}; the one at {2} is refused", observation.Node, _cluster.Name, AddressOf(impostor));
            impostor.Tell(new NodeNameTaken(_cluster.Name, observation.Node, AddressOf(Sender)));
        }

        OnHeard(_cluster.Watch.Sightings.Heard(observation, _cluster.Now), observation.ReplicaSet);
        _discovery.EndWaitingIfSeen(Self);
        if (_discovery.EndLook(observation.Node))
        {
            Context.Parent.Tell(new RunsAwaitNoMore(_cluster.Name));
        }

        foreach (var set in _cluster.Watch.Definition.ReplicaSets.Where(set => set.Members.Contains(observation.Node)))
        {
            _transfers.NoteObserved(set.Name);
        }
    }

    private bool IsLost(string node) =>
        _cluster.Watch.Sightings.Members.TryGetValue(node, out var seen) && seen.Observation.State == NodeState.Unreachable;

    private void OnStateChanged(NodeStateChanged change)
    {
        if (_cluster.Members.Find(change.Node) is null || _cluster.Members.NameOf(Sender) == change.Node)
        {
            OnHeard(_cluster.Watch.Sightings.Heard(change, _cluster.Now), change.ReplicaSet);
        }
    }

    private static string AddressOf(IActorRef actor) =>
        JoinDecision.Text([actor.Path.Address.HasGlobalScope ? actor.Path.Address : Akka.Cluster.Cluster.Get(Context.System).SelfAddress]);

    private void OnHeard((ClusterSightings Next, IReadOnlyList<NodeStateChanged> Changes) heard, string replicaSet)
    {
        _cluster.Heard(heard);
        _appointments.Tell(new AssessAppointments(_cluster.Watch.Sightings, replicaSet));
    }

    /// <summary>Acts if the message comes from the actor under which a member was heard last.</summary>
    private void FromMember(Action<string> act)
    {
        if (_cluster.Members.NameOf(Sender) is { } node)
        {
            act(node);
        }
    }

    private void OnRefused(CommandRefused refused)
    {
        _log.Debug("{0} refuses: {1} {2}", refused.Node, refused.Code, refused.Reason);
        _cluster.NoteIfOutranked(refused);
        FromMember(node =>
        {
            _appointments.Forward(refused);
            if (_discovery.IsDrivenHere(node))
            {
                // Of what such a member is asked from here, only its inventory can be refused.
                _inventories.Refused(node, refused.Reason);
            }
        });
    }

    private void ReceiveQuestions()
    {
        Receive<ShowCluster>(request => WhenSeen(request, () => Sender.Tell(_cluster.Watch.View(_task.Epoch, request.Host, request.ActiveRun, request.Troubles, _cluster.Now))));
        Receive<ReportCluster>(request => WhenSeen(request, () => _inventories.Report(request, Sender, Self)));
        Receive<MakePlan>(request => WhenSeen(request, () => _inventories.Plan(request.Request, Sender, Self)));
        Receive<TakeInventories>(request => _inventories.Take(request, Sender, Self));
        Receive<ExplainCluster>(request => _inventories.Explain(request, Sender, Self));
        Receive<MeasureForRun>(request => _inventories.Measure(request.Order, Self));
        Receive<LookForRun>(_ => _discovery.LookForRuns(Self));
        Receive<ClusterInventories.PlanComputed>(computed => _inventories.OnPlanComputed(computed, Sender, Self));
        Receive<ClusterInventories.RoundTimedOut>(timedOut => _inventories.Complete(timedOut.Round));
        Receive<ClusterInventories.Measured>(_ => Context.Parent.Tell(new RunsAwaitNoMore(_cluster.Name)));
        Receive<ListMembersToCompare>(OnListMembersToCompare);
    }

    private void WhenSeen(object request, Action act) => _discovery.WhenSeen(request, Sender, act);

    /// <summary>Not answered before members that were not heard of in this reign would count as unreachable.</summary>
    private void OnListMembersToCompare(ListMembersToCompare request)
    {
        if (_cluster.Watch.HasHeardAllBeside(request.Node)
            || _cluster.Now - _task.ReignStartedAt >= _task.Options.ReplicaSets.UnreachableAfter)
        {
            Sender.Tell(_cluster.Watch.MembersToCompare(request.Node));
        }
    }

    private void ReceiveOrders()
    {
        Receive<OrderToNode>(order => _cluster.Members.Tell(order.Node, order.Command, Sender));
        Receive<AppointmentOrder>(order => _cluster.Members.Tell(order.Node, order.Command, Self));
        Receive<OrderMember>(OnOrderMember);
        Receive<RequestStepDown>(request => WhenSeen(request, () => OnRequestStepDown(request)));
        Receive<PrimaryTransfers.TransferAnswered>(OnTransferAnswered);
    }

    private void OnOrderMember(OrderMember order)
    {
        if (_cluster.Watch.Refusal(order.Node) is { } refusal)
        {
            Sender.Tell(refusal);
            return;
        }

        _cluster.Members.Find(order.Node)!.Ask<object>(order.Command, OrderTimeout).PipeTo(
            Sender,
            Self,
            answer => answer is CommandRefused refused ? ToFailure(refused) : answer,
            _ => new RequestFailed(FailureCode.Unavailable, $"{order.Node} did not answer in time", ""));
    }

    private static RequestFailed ToFailure(CommandRefused refused) => new(
        refused.Code switch
        {
            RefusalCode.NotFound => FailureCode.NotFound,
            RefusalCode.Invalid => FailureCode.Invalid,
            _ => FailureCode.Conflict,
        },
        $"{refused.Node}: {refused.Reason}",
        "");

    private void OnRequestStepDown(RequestStepDown request)
    {
        if (_cluster.Watch.Definition.ReplicaSets.All(known => known.Name != request.ReplicaSet))
        {
            Sender.Tell(new RequestFailed(FailureCode.NotFound, $"there is no replica set '{request.ReplicaSet}' in a cluster '{request.Cluster}'", ""));
        }
        else if (_task.AppointsPrimaries)
        {
            _appointments.Forward(request);
        }
        else
        {
            _transfers.Begin(request, Sender, Self);
        }
    }

    private void OnTransferAnswered(PrimaryTransfers.TransferAnswered answered)
    {
        if (answered.Failure.Length > 0)
        {
            _transfers.Refused(answered.ReplicaSet, answered.Failure);
        }
        else
        {
            // The next observation shows the new primary, and only that completes the order.
            _discovery.Observe(Self);
        }
    }

    private sealed record Tick(string Name) : LocalMessage
    {
        public static Tick Observe { get; } = new("observe");

        public static Tick Discover { get; } = new("discover");

        public static Tick Renew { get; } = new("renew");
    }
}
