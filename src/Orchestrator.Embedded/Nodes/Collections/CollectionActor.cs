using Akka.Actor;
using Akka.Event;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>
/// Owns the files of one collection and alone writes to them. Messages: its database forwards clients'
/// <see cref="DataRequest"/>s, the node tells it its <see cref="CollectionDuty"/> and the settings of the catalog, a
/// node's compaction asks it to compact a unit. What it does about a subject stands in a plain class of that subject, which works on this
/// mailbox (<see cref="ICollection"/>). Survives a restart: what the files hold. Storage work runs off the
/// mailbox: writing in the <see cref="StorageLane"/>, reading on connections of its own.
/// </summary>
internal sealed class CollectionActor : ReceiveActor, IWithTimers, IWithUnboundedStash, ICollection
{
    /// <summary>How long an end that was not asked for waits for the files to be released.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private const int MaxOpenAttempts = 5;

    private readonly CollectionName _name;
    private readonly int _incarnation;
    private readonly CollectionDirectory _directory;
    private readonly NodeOptions _options;
    private readonly IActorRef _node;
    private readonly IActorRef _self;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly StorageLane _lane;
    private readonly CollectionAccess _access;
    private readonly DeadlineTimer _deadlines;
    private readonly ReignConfirmations _confirmations;
    private readonly ClientWrites _writes;
    private readonly CollectionIndexes _indexes;
    private readonly BoundedReads _reads;
    private readonly DocumentReads _documents;
    private readonly FeedReads _feed;
    private readonly FeedFollower _follower;
    private readonly DutyTurn _dutyTurn;
    private readonly CollectionCompactions _compactions;
    private readonly CopyAnew _copyAnew;
    private readonly CollectionStanding _standing;
    private readonly CollectionUpkeep _upkeep;
    private readonly FoundDamage _foundDamage;
    private CollectionStore _store = null!;
    private int _openAttempts;
    private int _stashedRequests;
    private bool _isReleasing;
    private bool _isReleased;

    public CollectionActor(
        CollectionName name, CollectionSettings settings, NodeOptions options, IFeedClient feeds, IActorRef node, ExpectedFiles expected)
    {
        _name = name;
        _incarnation = expected.Incarnation;
        _directory = new CollectionDirectory(options.DataDirectory, name.Database, name.Collection, _incarnation);
        _options = options;
        _node = node;
        _self = Self;
        _lane = new StorageLane(Self);
        _access = new CollectionAccess(this);
        _deadlines = new DeadlineTimer(this);
        _confirmations = new ReignConfirmations(this, _deadlines);
        _writes = new ClientWrites(this, _access, _confirmations);
        _indexes = new CollectionIndexes(this, _access, settings);
        _reads = new BoundedReads(this, _access, _indexes.LookUpFailure);
        _documents = new DocumentReads(this, _access, _reads);
        _feed = new FeedReads(this, _access, _reads, _confirmations, new HistoryCheck(this, _confirmations), _deadlines);
        _copyAnew = new CopyAnew(this, _directory, expected, () =>
        {
            _compactions!.Cancel();
            _follower!.Stop();
        });
        _follower = new FeedFollower(this, _access, feeds, _copyAnew);
        _dutyTurn = new DutyTurn(this, _access, _writes, _feed, _confirmations, _follower);
        _compactions = new CollectionCompactions(this, _indexes, new OfflineTime(_access, _writes, _feed, _follower, GoOnOnline));
        _standing = new CollectionStanding(this, _follower, _copyAnew);
        _upkeep = new CollectionUpkeep(this, _access, _indexes, _standing.Condition);
        _foundDamage = new FoundDamage(this, _indexes);
        Opening();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    CollectionName ICollection.Name => _name;

    int ICollection.Incarnation => _incarnation;

    NodeOptions ICollection.Options => _options;

    CollectionStore ICollection.Store => _store;

    StorageLane ICollection.Lane => _lane;

    CollectionDuty ICollection.Duty => _dutyTurn.Duty;

    long ICollection.HeldByAllThrough => Math.Min(_confirmations.Known?.HeldByAllThrough ?? _follower.HeldByAllThrough, _store.Position.Seq);

    CollectionReport ICollection.LastReport => _standing.LastReport;

    IActorRef ICollection.Node => _node;

    IActorRef ICollection.Self => _self;

    IActorRef ICollection.Sender => Sender;

    IActorContext ICollection.Context => Context;

    ILoggingAdapter ICollection.Log => _log;

    /// <summary>How to make one; it is opened at once and then asks the node for its duty.</summary>
    public static Props Props(
        CollectionName name, CollectionSettings settings, NodeOptions options, IFeedClient feeds, IActorRef node, ExpectedFiles expected) =>
        Akka.Actor.Props.Create(() => new CollectionActor(name, settings, options, feeds, node, expected));

    void ICollection.Report() => _standing.Report();

    void ICollection.NoteDamage(string reason) => _standing.Failure = reason;

    void ICollection.Fail(string reason, Exception error) => Fail(reason, error);

    protected override void PreStart() => OpenFiles();

    /// <summary>Only after an end that nobody has asked for, e.g. a restart by the supervision: the files must be free before the next actor opens them.</summary>
    protected override void PostStop()
    {
        _compactions.Cancel();
        if (!_isReleased && _store is { } open)
        {
            // The lane may still be writing; the files are released when it is done. A process that ends before that
            // leaves the write-ahead logs behind, so it is waited for, but not for ever.
            _lane.Quiescence.ContinueWith(_ => open.Dispose(), TaskScheduler.Default).Wait(ReleasePatience);
        }
    }

    private void OpenFiles()
    {
        _openAttempts++;
        var settings = _indexes.Settings;
        _lane.Run(() => CollectionStore.Open(_directory, settings, _options.Storage, _options.Time), Opened, OpenFailed);
    }

    private void Opening()
    {
        Receive<LaneWorkDone>(_lane.Complete);
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<OpenAgain>(_ => OpenFiles());
        Receive<DataRequest>(_ => StashRequest());
        Receive<NodeInternal>(_ => Stash.Stash());
    }

    /// <summary>The files are open; what the collection may do with them is for the node to say.</summary>
    private void AwaitingDuty()
    {
        Receive<LaneWorkDone>(_lane.Complete);
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<TakeDuty>(message =>
        {
            Become(Open);
            _dutyTurn.Take(message.Duty, Sender);

            // What was left to be built at opening.
            _indexes.BringInLine();
            Stash.UnstashAll();
        });
        Receive<DataRequest>(_ => StashRequest());
        Receive<NodeInternal>(_ => Stash.Stash());
    }

    private void StashRequest()
    {
        if (_stashedRequests < _options.MaxQueuedWrites)
        {
            _stashedRequests++;
            Stash.Stash();
        }
        else
        {
            Sender.Tell(new DataUnavailable($"{_name} is being opened", CollectionAccess.RetryAfter));
        }
    }

    /// <summary>After a restart of this actor the former one may still be closing the files.</summary>
    private void OpenFailed(Exception error)
    {
        if (_isReleasing)
        {
            return;
        }

        if (error is CorruptFileException || _openAttempts >= MaxOpenAttempts)
        {
            Fail($"cannot be opened: {error.Message}", error);
            return;
        }

        _log.Warning("{0} cannot be opened yet: {1}", _name, error.Message);
        Timers.StartSingleTimer("open", OpenAgain.Instance, CollectionAccess.RetryAfter);
    }

    private void Opened(CollectionStore opened)
    {
        _store = opened;
        if (_isReleasing)
        {
            return;
        }

        foreach (var note in opened.OpenReport.Notes)
        {
            _log.Info("{0}: {1}", _name, note);
        }

        _copyAnew.CompareWithConfirmed();
        Become(AwaitingDuty);
        _stashedRequests = 0;
        Stash.UnstashAll();
        _node.Tell(new CollectionOpened(_name));
    }

    private void Fail(string reason, Exception error)
    {
        _log.Error(error, "{0} {1}", _name, reason);
        _standing.Failure = reason;
        if (_isReleasing)
        {
            return;
        }

        Become(Broken);
        Stash.UnstashAll();
        _standing.Report();
    }

    /// <summary>The files cannot be used; every request is refused with the reason until the process is restarted.</summary>
    private void Broken()
    {
        Receive<LaneWorkDone>(_lane.Complete);
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable($"{_name} {_standing.Failure}", CollectionAccess.RetryAfter)));
        Receive<TakeDuty>(message =>
        {
            _dutyTurn.Note(message.Duty);
            Sender.Tell(new DutyTaken(_standing.LastReport));
        });
        Receive<EstimateUnits>(_ => Sender.Tell(new CollectionUnits(_name, [], _standing.Failure)));
        Receive<CompactUnit>(message => Sender.Tell(new UnitFailed(message.Ticket, message.Unit, $"{_name} {_standing.Failure}")));
        Receive<ReadCatalog>(_ => Sender.Tell(new CatalogRead([], _standing.Failure)));
        Receive<VerifyCollection>(_ => Sender.Tell(Verdicts.Failed(_name, _standing.Failure)));
        Receive<CompareCollection>(request => Sender.Tell(Verdicts.NotComparable(request.Command, _options.Node, $"{_name} {_standing.Failure}")));
        Receive<CleanUpCollection>(_ => Sender.Tell(new CollectionCleanedUp(_name, [], 0, _standing.Failure)));
        Receive<OrderResync>(_ => _copyAnew.Order(Sender, ""));
        ReceiveAny(_ => { });
    }

    private void Open()
    {
        Receive<LaneWorkDone>(done =>
        {
            _lane.Complete(done);
            AfterStorageWork();
        });
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<TakeDuty>(message => _dutyTurn.Take(message.Duty, Sender));
        Receive<ApplySettings>(message => _indexes.Apply(message.Settings));
        Receive<CheckDeadlines>(_ => OnDeadlines());
        Receive<DamageFound>(_foundDamage.On);
        ReceiveWritesAndReads();
        ReceiveReplication();
        ReceiveCompaction();
        ReceiveUpkeep();
    }

    private void ReceiveWritesAndReads()
    {
        Receive<PutDocument>(_writes.OnPut);
        Receive<DeleteDocument>(_writes.OnDelete);
        Receive<WriteBulk>(_writes.OnBulk);
        Receive<GetDocument>(_documents.OnGet);
        Receive<ListDocuments>(_documents.OnList);
        Receive<SummarizeCollection>(_ => _documents.OnSummarize());
        Receive<ReadIndexEntries>(_documents.OnReadIndexEntries);
        Receive<ReadChanges>(_feed.OnReadChanges);
        Receive<ReadVersion>(_documents.OnReadVersion);
        Receive<ReadCatalog>(_ => _documents.OnReadCatalog());
    }

    private void ReceiveReplication()
    {
        Receive<Pulled>(_follower.OnPulled);
        Receive<VersionsFetched>(_follower.OnVersionsFetched);
        Receive<PullFailed>(_follower.OnPullFailed);
    }

    private void ReceiveCompaction()
    {
        Receive<EstimateUnits>(_compactions.OnEstimate);
        Receive<CompactUnit>(_compactions.OnCompact);
        Receive<CancelUnit>(_compactions.OnCancel);
        Receive<ThrottleUnit>(_compactions.OnThrottle);
        Receive<CollectionCompactions.OnlineWorkEnded>(_compactions.OnOnlineWorkEnded);
        Receive<CollectionCompactions.TombstonesFound>(_compactions.OnTombstonesFound);
    }

    private void ReceiveUpkeep()
    {
        Receive<VerifyCollection>(_upkeep.OnVerify);
        Receive<CompareCollection>(_upkeep.OnCompare);
        Receive<CleanUpCollection>(_upkeep.OnCleanUp);
        Receive<OrderResync>(_ => _copyAnew.Order(Sender, ""));
        Receive<PutCollection>(_upkeep.OnPutCollection);
        Receive<DescribeCollection>(_ => _reads.ReadAs(anyMember: true, _upkeep.Describe));
        Receive<PutIndex>(_indexes.OnPut);
        Receive<DropIndex>(_indexes.OnDrop);
        Receive<GetIndex>(request => _reads.ReadAs(anyMember: true, () => _indexes.Standing(request.Name)));
        Receive<IndexBuildEnded>(_indexes.OnBuildEnded);
        Receive<GiveUpIndexWait>(message => _indexes.GiveUpWait(message.Number));
        Receive<BringIndexesInLine>(_ => _indexes.BringInLine());
    }

    /// <summary>The files are open again after a compaction: takes up the duty and the settings that came meanwhile, and pulls on.</summary>
    private void GoOnOnline()
    {
        _dutyTurn.Await();
        _indexes.BringInLine();
    }

    private void AfterStorageWork()
    {
        _writes.StartCommit();
        _feed.Serve();
        _standing.Report();
        _indexes.BringInLineOnceComplete();
        _compactions.LookForTombstonesOfCapped();
    }

    private void OnDeadlines()
    {
        var now = _options.Time.GetUtcNow();
        _deadlines.Elapsed();
        _confirmations.Expire(now);
        _feed.Expire(now);
    }

    /// <summary>
    /// The orderly end: nothing new is taken, what is under way comes to its end or to its checkpoint, the files are released, and then the
    /// actor ends. All of it without a thread that waits.
    /// </summary>
    private void OnReleaseFiles()
    {
        if (_isReleasing)
        {
            return;
        }

        _isReleasing = true;
        _follower.Stop();
        var closing = new DataUnavailable($"{_name} is being closed", CollectionAccess.RetryAfter);
        _writes.RefuseQueued(closing);
        _feed.RefuseAll(closing);
        _indexes.RefuseWaiters(closing);
        _confirmations.GiveUp("the member is being closed");
        _compactions.GiveUp(closing.Reason);
        Become(Releasing);
        Stash.UnstashAll();

        // Behind what is under way. It also stops compactions and builds, and waits for running reads.
        _lane.Run(
            () =>
            {
                _store?.Dispose();
                return true;
            },
            _ => End(),
            error =>
            {
                _log.Error(error, "{0}: its files could not be closed", _name);
                End();
            },
            reserved: true);
    }

    private void End()
    {
        _isReleased = true;
        Context.Stop(Self);
    }

    private void Releasing()
    {
        Receive<LaneWorkDone>(_lane.Complete);
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable($"{_name} is being closed", CollectionAccess.RetryAfter)));
        Receive<CompactUnit>(order => Sender.Tell(new UnitFailed(order.Ticket, order.Unit, $"{_name} is being closed")));
        ReceiveAny(_ => { });
    }

    private sealed record OpenAgain : NodeInternal
    {
        public static OpenAgain Instance { get; } = new();
    }
}
