using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// Owns the files of one collection and alone writes to them. Messages: its database forwards clients'
/// <see cref="DataRequest"/>s, the node tells it its <see cref="CollectionDuty"/> and the settings of the catalog, a
/// node's compaction asks it to compact a unit. Survives a restart: what the files hold. Storage work runs off the
/// mailbox: writing in the <see cref="StorageLane"/>, reading on connections of its own.
/// </summary>
internal sealed partial class CollectionActor : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    /// <summary>How long an end that was not asked for waits for the files to be released.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private const int MaxOpenAttempts = 5;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly CollectionName name;

    // Which collection of that name it is.
    private readonly int incarnation;
    private readonly CollectionDirectory directory;
    private readonly NodeOptions options;
    private readonly IFeedClient feeds;
    private readonly IActorRef node;
    private readonly ExpectedFiles expected;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly StorageLane lane;
    private readonly IActorRef self;
    private CollectionStore store = null!;
    private CollectionDuty duty;
    private CollectionSettings settings;
    private string failure = "";
    private int openAttempts;
    private int stashedRequests;
    private CollectionReport lastReport;

    public CollectionActor(
        CollectionName name, CollectionSettings settings, NodeOptions options, IFeedClient feeds, IActorRef node, ExpectedFiles expected)
    {
        this.expected = expected;
        alarm = expected.AnewBecause;
        this.name = name;
        incarnation = expected.Incarnation;
        directory = new CollectionDirectory(options.DataDirectory, name.Database, name.Collection, incarnation);
        this.settings = settings;
        duty = new CollectionDuty.Idle(0, 0, new WritePermission.Withheld("the node is starting"));
        this.options = options;
        this.feeds = feeds;
        this.node = node;
        self = Self;
        lane = new StorageLane(Self);
        writes = new WriteQueue(options.MaxQueuedWrites, options.MaxWritesPerCommit);
        caughtUpAt = options.Time.GetUtcNow();
        lastReport = new CollectionReport(name, options.Time.GetUtcNow().Ticks, Storage.Feed.FeedPosition.Empty, CollectionCondition.Opening, "is being opened", 0, false, false, caughtUpAt)
        {
            Incarnation = incarnation,
        };
        Opening();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    private DateTimeOffset Now => options.Time.GetUtcNow();

    /// <summary>How to make one; it is opened at once and then asks the node for its duty.</summary>
    public static Props Props(
        CollectionName name, CollectionSettings settings, NodeOptions options, IFeedClient feeds, IActorRef node, ExpectedFiles expected) =>
        Akka.Actor.Props.Create(() => new CollectionActor(name, settings, options, feeds, node, expected));

    protected override void PreStart() => OpenFiles();

    private void OpenFiles()
    {
        openAttempts++;
        var opened = settings;
        lane.Run(
            () => CollectionStore.Open(directory, opened, options.Storage, options.Time),
            Opened,
            OpenFailed);
    }

    private void Opening()
    {
        Receive<LaneWorkDone>(lane.Complete);
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<OpenAgain>(_ => OpenFiles());
        Receive<DataRequest>(_ => StashRequest());
        Receive<NodeInternal>(_ => Stash.Stash());
    }

    /// <summary>The files are open; what the collection may do with them is for the node to say.</summary>
    private void AwaitingDuty()
    {
        Receive<LaneWorkDone>(lane.Complete);
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<TakeDuty>(message =>
        {
            Become(Open);
            BeginDuty(message.Duty, Sender);

            // What was left to be built at opening.
            BringInLine();
            Stash.UnstashAll();
        });
        Receive<DataRequest>(_ => StashRequest());
        Receive<NodeInternal>(_ => Stash.Stash());
    }

    private void StashRequest()
    {
        if (stashedRequests < options.MaxQueuedWrites)
        {
            stashedRequests++;
            Stash.Stash();
        }
        else
        {
            Sender.Tell(new DataUnavailable($"{name} is being opened", RetryAfter));
        }
    }

    /// <summary>After a restart of this actor the former one may still be closing the files.</summary>
    private void OpenFailed(Exception error)
    {
        if (releasing)
        {
            return;
        }

        if (error is CorruptFileException || openAttempts >= MaxOpenAttempts)
        {
            Failed($"cannot be opened: {error.Message}", error);
            return;
        }

        log.Warning("{0} cannot be opened yet: {1}", name, error.Message);
        Timers.StartSingleTimer("open", OpenAgain.Instance, RetryAfter);
    }

    private void Opened(CollectionStore opened)
    {
        store = opened;
        if (releasing)
        {
            return;
        }

        foreach (var note in opened.OpenReport.Notes)
        {
            log.Info("{0}: {1}", name, note);
        }

        CompareWithConfirmed();
        Become(AwaitingDuty);
        stashedRequests = 0;
        Stash.UnstashAll();
        node.Tell(new CollectionOpened(name));
    }

    private void Failed(string reason, Exception error)
    {
        log.Error(error, "{0} {1}", name, reason);
        failure = reason;
        if (releasing)
        {
            return;
        }

        Become(Broken);
        Stash.UnstashAll();
        Report();
    }

    /// <summary>The files cannot be used; every request is refused with the reason until the process is restarted.</summary>
    private void Broken()
    {
        Receive<LaneWorkDone>(lane.Complete);
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable($"{name} {failure}", RetryAfter)));
        Receive<TakeDuty>(message =>
        {
            duty = message.Duty;
            Sender.Tell(new DutyTaken(lastReport));
        });
        Receive<EstimateUnits>(_ => Sender.Tell(new CollectionUnits(name, [], failure)));
        Receive<CompactUnit>(message => Sender.Tell(new UnitFailed(message.Ticket, message.Unit, $"{name} {failure}")));
        Receive<ReadCatalog>(_ => Sender.Tell(new CatalogRead([], failure)));
        Receive<VerifyCollection>(_ => Sender.Tell(Verdicts.Failed(name, failure)));
        Receive<CompareCollection>(request => Sender.Tell(Verdicts.NotComparable(request.Command, options.Node, $"{name} {failure}")));
        Receive<CleanUpCollection>(_ => Sender.Tell(new CollectionCleanedUp(name, [], 0, failure)));
        Receive<OrderResync>(_ => OrderResync(Sender, ""));
        ReceiveAny(_ => { });
    }

    private void Open()
    {
        Receive<LaneWorkDone>(done =>
        {
            lane.Complete(done);
            AfterStorageWork();
        });
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<TakeDuty>(message => BeginDuty(message.Duty, Sender));
        Receive<ApplySettings>(OnApplySettings);
        Receive<CheckDeadlines>(_ => OnDeadlines());
        ReceiveWrites();
        ReceiveReads();
        ReceiveReplication();
        ReceiveCompaction();
        ReceiveUpkeep();
        ReceiveIndexes();
    }

    private void OnApplySettings(ApplySettings message)
    {
        settings = message.Settings;
        BringInLine();
    }

    private void AfterStorageWork()
    {
        StartCommit();
        ServeWaiters();
        Report();
        BringInLineOnceComplete();
    }

    /// <summary>Tells the node where the collection stands, if that has changed.</summary>
    private void Report()
    {
        var (condition, reason) = Condition();
        var position = store is { } open ? open.Position : Storage.Feed.FeedPosition.Empty;
        // Files that are not open, or cannot be opened, vouch for nothing either: a promise on their behalf would be taken back.
        var complete = store is { IsComplete: true } && !resyncing && !rollingBack && !lost;
        var report = new CollectionReport(name, lastReport.Number, position, condition, reason, lag, lag == 0 && pullProblem.Length == 0 && complete, complete, caughtUpAt)
        {
            Incarnation = incarnation,
            Alarm = alarm,
            Lost = lost,
        };
        if (report != lastReport)
        {
            lastReport = report with { Number = report.Number + 1 };
            node.Tell(lastReport);
        }
    }

    private (CollectionCondition Condition, string Reason) Condition() => this switch
    {
        { resyncing: true } => (CollectionCondition.Recovering, "is moved aside to be copied again" + Because(alarm)),
        { failure: not "" } => (CollectionCondition.Failed, failure),
        { lost: true } => (CollectionCondition.Recovering, alarm),
        { rollingBack: true } => (CollectionCondition.Recovering, "drops changes that the primary does not have"),
        { store.IsComplete: false } => (CollectionCondition.Recovering, "copies documents again from the primary" + Because(expected.AnewBecause)),
        { store.IsBeingCopied: true } => (CollectionCondition.Recovering, "is copied from the primary"),
        { caughtUpOnce: false } => (CollectionCondition.Recovering, duty is CollectionDuty.Follow
            ? "catches up with the primary"
            : "has not yet caught up with a primary"),
        _ => (CollectionCondition.Ready, ""),
    };

    private static string Because(string reason) => reason.Length == 0 ? "" : $": {reason}";

    private sealed record OpenAgain : NodeInternal
    {
        public static OpenAgain Instance { get; } = new();
    }

    private sealed record CheckDeadlines : NodeInternal
    {
        public static CheckDeadlines Instance { get; } = new();
    }
}
