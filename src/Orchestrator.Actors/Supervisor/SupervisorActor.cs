using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestrator.Actors.Clusters;
using Orchestrator.Actors.Journals;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Directs everything: starts a <see cref="ClusterActor"/> for each cluster and a <see cref="RunActor"/> for each run, and keeps what must
/// survive. Owns the journal <c>supervisor</c>: its epoch, the replica sets' terms and appointments, which runs hold which sets, schedules,
/// freezes, holds and the audit trail. Anyone may send it an <see cref="ISupervisorRequest"/>; its children and nodes report to it. What it does
/// about a subject stands in a plain class of that subject, which works on this mailbox (<see cref="IReign"/>). Survives a restart: that
/// journal; what it has seen of nodes it sees again.
/// </summary>
internal sealed class SupervisorActor : JournaledActor, IWithTimers, IReign
{
    private readonly SupervisorOptions _options;
    private readonly Props _directory;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ClusterBook _clusters;
    private readonly RunActors _runActors;
    private readonly RunBook _runs;
    private readonly AuditBook _audit;
    private readonly AuditSegments _auditSegments;
    private readonly MemberOrders _orders;
    private readonly JournalAdoption _adoption;
    private readonly FreezeBook _freezes;
    private readonly HoldBook _holds;
    private readonly ScheduleBook _schedules;
    private readonly VerificationBook _verifications;
    private readonly NotificationBook _notifications;
    private readonly NodeConditionNotes _conditions;
    private SupervisorState _state = SupervisorState.Initial;
    private DateTimeOffset _reignStartedAt;
    private long _lastSnapshot;
    private DateTimeOffset _picturedAt;

    public SupervisorActor(SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters, Props directory)
    {
        _options = options;
        _directory = directory;
        _clusters = new ClusterBook(this, clusters, ((ExtendedActorSystem)Context.System).Provider.DefaultAddress.ToString());
        _audit = new AuditBook(this);
        _auditSegments = new AuditSegments(this);
        _conditions = new NodeConditionNotes(this, _audit);
        _runActors = new RunActors(this);
        _runs = new RunBook(this, _audit, _runActors);
        _orders = new MemberOrders(this, _audit);
        _adoption = new JournalAdoption(this, _audit, _clusters);
        _freezes = new FreezeBook(this, _audit, () => _runs.Assess());
        _holds = new HoldBook(this, _audit, _runs);
        _schedules = new ScheduleBook(this, _audit, _runs);
        _verifications = new VerificationBook(this, _audit);
        _notifications = new NotificationBook(this);
        ReceiveJournal();
        ReceiveTicks();
        ReceiveClusters();
        ReceiveRuns();
        ReceiveOperations();
    }

    public override string PersistenceId => "supervisor";

    public ITimerScheduler Timers { get; set; } = null!;

    SupervisorOptions IReign.Options => _options;

    SupervisorState IReign.State => _state;

    IReadOnlyDictionary<string, ClusterWatch> IReign.Clusters => _clusters.Watches;

    DateTimeOffset IReign.StartedAt => _reignStartedAt;

    IActorContext IReign.Context => Context;

    IActorRef IReign.Self => Self;

    IActorRef IReign.Sender => Sender;

    ILoggingAdapter IReign.Log => _log;

    private IReign Reign => this;

    /// <summary>The singleton that observes the processes of the cluster.</summary>
    public static Props Props(SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters) =>
        SupervisorHost.Props(Props(options, clusters, NodeDirectoryActor.Props(options.NodeRole)), options);

    /// <summary>One that learns of nodes from a directory of its own, which tells it <see cref="NodesKnown"/>.</summary>
    public static Props Props(SupervisorOptions options, IReadOnlyList<ClusterDefinition> clusters, Props directory) =>
        Akka.Actor.Props.Create(() => new SupervisorActor(options, clusters, directory));

    IActorRef? IReign.ActorOf(string cluster) => _clusters.Find(cluster);

    TimeSpan? IReign.SettleOf(string cluster) => _clusters.SettleOf(cluster);

    void IReign.Remember(NodeConditionWatch conditions) => _state = _state with { Conditions = conditions };

    void IReign.Store(IReadOnlyList<SupervisorEvent> facts, Action then) =>
        StoreAll(facts, "supervisor", _options.Time, stored => _state = _state.Apply(stored), then);

    void IReign.Await(Task<object> answer, Action<object> then) => answer.PipeTo(
        Self,
        Self,
        given => new Continuation(() => then(given)),
        error => new Continuation(() => then(new RequestFailed(
            FailureCode.Unavailable, error is AskTimeoutException ? "no answer in time" : $"no answer: {error.Message}", ""))));

    protected override void PostStop()
    {
        Context.System.EventStream.Publish(SupervisorEnded.Instance);
        base.PostStop();
    }

    /// <summary>Off the actor's thread: the database may be asked what is wrong with it.</summary>
    protected override void TellFailure(string what, Exception failure)
    {
        var (log, explain) = (_log, _options.ExplainJournalFailure);
        _ = Task.Run(() => log.Error("The supervisor's journal {0}; the supervisor restarts: {1}.", what, explain(failure)));
    }

    /// <summary>What a cluster's actor knows of its sets' appointments comes from the journal as it was at the beginning of the reign.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new VitalChildrenStrategy(_clusters.IsClusterActor);

    private void ReceiveJournal()
    {
        Recover<SupervisorEvent>(fact => _state = _state.Apply(fact));
        Recover<SnapshotOffer>(offer =>
        {
            _state = ((SupervisorSnapshot)offer.Snapshot).Facts.Aggregate(_state, (state, fact) => state.Apply(fact));
            _lastSnapshot = offer.Metadata.SequenceNr;
        });
        Recover<RecoveryCompleted>(_ => Persist(new SupervisorStarted(_state.Epoch + 1, _clusters.Host, Reign.Now), BeginReign));
        Command<SaveSnapshotSuccess>(OnSnapshotSaved);
        Command<SaveSnapshotFailure>(failed => _log.Warning("the snapshot up to {0} was not stored; recovery reads more facts: {1}", failed.Metadata.SequenceNr, failed.Cause.Message));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failed => _log.Warning("facts up to {0} stay in the journal: {1}", failed.ToSequenceNr, failed.Cause.Message));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed => _log.Warning("old snapshots stay: {0}", failed.Cause.Message));
        Command<StoreReplicaSetFacts>(OnStoreReplicaSetFacts);
        Command<Continuation>(answered => answered.Then());
    }

    private void BeginReign(SupervisorStarted started)
    {
        _state = _state.Apply(started);
        _reignStartedAt = started.At;
        _log.Info("the supervisor has started with epoch {0}", _state.Epoch);
        _clusters.Start();
        Context.ActorOf(_directory, "directory");
        _notifications.Start();
        _runActors.Recover();
        _verifications.Resume();
        Timers.StartPeriodicTimer(Tick.Observe, Tick.Observe, TimeSpan.Zero, _options.ObserveInterval);
        Timers.StartPeriodicTimer(Tick.Assess, Tick.Assess, _options.AssessInterval, _options.AssessInterval);
    }

    private void OnStoreReplicaSetFacts(StoreReplicaSetFacts order)
    {
        var sender = Sender;
        if (order.Epoch != _state.Epoch)
        {
            return;
        }

        Reign.Store(order.Facts, () => sender.Tell(new ReplicaSetFactsStored(order.ReplicaSet)));
    }

    /// <summary>
    /// A snapshot shortens what a new reign has to read; facts long before it are deleted, so that the journal does not grow for ever.
    /// Whatever of that a death interrupts, the next snapshot catches up on.
    /// </summary>
    private void OnSnapshotSaved(SaveSnapshotSuccess saved)
    {
        DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
        var unneeded = saved.Metadata.SequenceNr - _options.FactsKept;
        if (unneeded > 0)
        {
            DeleteMessages(unneeded);
        }
    }

    /// <summary>Called between messages, when every stored fact has been applied.</summary>
    private void SaveSnapshotIfDue()
    {
        if (LastSequenceNr - _lastSnapshot >= _options.SnapshotInterval)
        {
            _lastSnapshot = LastSequenceNr;
            SaveSnapshot(_state.ToSnapshot(Reign.Now));
        }
    }

    /// <summary>Only references are copied: what follows from them is for the reader to work out.</summary>
    private void PublishPictureIfDue()
    {
        if (Reign.Now - _picturedAt < _options.PictureInterval)
        {
            return;
        }

        _picturedAt = Reign.Now;
        Context.System.EventStream.Publish(new SupervisorPicture(
            _state.Epoch,
            _reignStartedAt,
            _picturedAt,
            _clusters.Pictures(_schedules.RefusalsOn),
            _runs.Views,
            _state.Freezes,
            _state.Schedules,
            _schedules.LastLooks)
        {
            Schedules = _options.Schedules,
            Windows = _options.Windows,
        });
    }

    private void ReceiveTicks()
    {
        Command<Tick>(tick => tick == Tick.Observe, _ =>
        {
            _clusters.ObserveNodes();
            _conditions.Look();
            PublishPictureIfDue();
        });
        Command<Tick>(tick => tick == Tick.Assess, _ =>
        {
            SaveSnapshotIfDue();
            _clusters.TakeAdded();
            _runs.ForgetOld();
            _auditSegments.StoreOrDeleteNext();
            _freezes.EndElapsed();
            _holds.EndElapsed();
            _runs.Assess();
            _schedules.Assess();
        });
    }

    private void ReceiveClusters()
    {
        Command<NodesKnown>(_clusters.OnNodesKnown);
        Command<NodeObservation>(_clusters.OnObservation);
        Command<NodeStateChanged>(_clusters.OnStateChanged);
        Command<CommandRefused>(_clusters.OnRefused);
        Command<ClusterSeen>(seen => _runs.OnChanged(_clusters.Saw(seen)));
        Command<RunsAwaitNoMore>(seen => _runs.Assess(seen.Cluster));
        Command<ListClusters>(request => _clusters.OnList(request, _schedules.RefusalsOn));
        Command<GetCluster>(request => _clusters.OnGet(request, _schedules.RefusalsOn(request.Cluster)));
        Command<GetStorageReport>(_clusters.OnReport);
        Command<ExplainUnits>(request => _clusters.OnExplain(request, _runs.Active(request.Cluster)));
        Command<RequestStepDown>(_orders.OnStepDown);
        Command<RequestIndexCleanup>(_orders.OnIndexCleanup);
        Command<RequestResync>(_orders.OnResync);
        Command<OrderToNode>(order => _clusters.Find(order.Cluster)?.Forward(order));
        Command<LookForRun>(order => _clusters.Find(order.Cluster)?.Forward(order));
        Command<MeasureForRun>(order => _clusters.Find(order.Cluster)?.Forward(order));
        Command<ListMembersToCompare>(_clusters.OnListMembersToCompare);
    }

    private void ReceiveRuns()
    {
        Command<MakePlan>(_runs.OnPlan);
        Command<StartRun>(_runs.OnStart);
        Command<RunBook.BeginPlanning>(_runs.OnBeginPlanning);
        Command<GetRun>(request => _runs.Forward(request.RunId, request));
        Command<ReadRunEvents>(request => _runs.Forward(request.RunId, request));
        Command<IRunControl>(_runs.OnControl);
        Command<ListRuns>(_runs.OnList);
        Command<RunReported>(reported =>
        {
            _schedules.NoteResults(reported);
            _runs.OnReported(reported);
        });
        Command<RunNeverBegan>(_runs.OnNeverBegan);
        Command<HistoryDeleted>(_runActors.OnHistoryDeleted);
        Command<HistoryStays>(_runActors.OnHistoryStays);
        Command<Terminated>(_runActors.OnStopped);
    }

    private void ReceiveOperations()
    {
        Command<ListSchedules>(_schedules.OnList);
        Command<StartFreeze>(_freezes.OnStart);
        Command<LiftFreeze>(_freezes.OnLift);
        Command<ListFreezes>(_ => _freezes.OnList());
        Command<PlaceHold>(_holds.OnPlace);
        Command<ReleaseHold>(_holds.OnRelease);
        Command<ListHolds>(_holds.OnList);
        Command<AdoptJournal>(_adoption.OnAdopt);
        Command<RecordOrder>(_audit.OnRecordOrder);
        Command<ReadAudit>(_auditSegments.OnRead);
        Command<AuditSegmentDone>(_auditSegments.OnDone);
        Command<AuditSegments.ReaderEnded>(_auditSegments.OnReaderEnded);
        Command<AuditSegments.WorkFailed>(_auditSegments.OnFailed);
        Command<StartVerification>(_verifications.OnStart);
        Command<GetVerification>(_verifications.OnGet);
        Command<CancelVerification>(_verifications.OnCancel);
        Command<VerificationEnded>(_verifications.OnEnded);
        Command<INotificationRequest>(_notifications.OnRequest);
        Command<NotificationBook.Ended>(_ => _notifications.OnEnded(Timers));
        Command<NotificationBook.StartAgain>(_ => _notifications.Start());
    }

    private sealed record Tick(string Name) : LocalMessage
    {
        public static Tick Observe { get; } = new("observe");

        public static Tick Assess { get; } = new("assess");
    }

    private sealed record Continuation(Action Then) : LocalMessage;
}
