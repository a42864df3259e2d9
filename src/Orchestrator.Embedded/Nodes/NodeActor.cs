using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage;
using Orchestrator.Storage.Files;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// A database node: <c>/user/node</c>. Owns the member state file (promises, epoch, appointment), the results of the last
/// compactions, and the databases below it. Anyone may send it an <see cref="INodeCommand"/>, the process's own HTTP server
/// sends it <see cref="DataRequest"/>s. What it does about a subject stands in a plain class of that subject, which works on this mailbox
/// (<see cref="INode"/>). Survives a restart: everything in those files; not a running compaction.
/// </summary>
internal sealed class NodeActor : ReceiveActor, IWithTimers, INode
{
    /// <summary>After which a request that cannot be answered now may be repeated.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly NodeOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MemberStateFile<MemberRecord> _memberFile;
    private readonly NodeConfirmed _confirmed;
    private readonly NodeCollections _collections;
    private readonly NodeMembership _membership;
    private readonly NodeInventories _inventories;
    private readonly NodeCompactions _compactions;
    private readonly NodeMaintenance _maintenance;
    private readonly NodeDirectOrders _direct;
    private readonly NodeDrops _drops;
    private readonly NodeRequests _requests;
    private readonly NodeWatch _watch;
    private readonly NodeRebuild _rebuild;
    private bool _isEnding;

    public NodeActor(NodeOptions options, IFeedClient feeds)
    {
        _options = options;
        _memberFile = new MemberStateFile<MemberRecord>(Path.Combine(options.DataDirectory, NodeFiles.Member));
        _confirmed = new NodeConfirmed(this);
        _collections = new NodeCollections(this, feeds, _confirmed);
        _membership = new NodeMembership(this, _collections, _memberFile);
        _inventories = new NodeInventories(this, _collections);
        _compactions = new NodeCompactions(this, _collections, _inventories);
        _maintenance = new NodeMaintenance(this, _collections);
        _direct = new NodeDirectOrders(this, _collections, _inventories);
        _drops = new NodeDrops(this, _collections);
        _requests = new NodeRequests(this, _collections, _compactions, _drops);
        _watch = new NodeWatch(this, _membership, _collections, _compactions);
        _rebuild = new NodeRebuild(this, _memberFile);
        Starting();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    NodeOptions INode.Options => _options;

    IActorContext INode.Context => Context;

    IActorRef INode.Self => Self;

    IActorRef INode.Sender => Sender;

    ILoggingAdapter INode.Log => _log;

    MemberState INode.Member => _membership.Member;

    CollectionDuty INode.Duty => _membership.Duty;

    private INode Node => this;

    public static Props Props(NodeOptions options, IFeedClient feeds) => Akka.Actor.Props.Create(() => new NodeActor(options, feeds));

    void INode.Handle(MemberCommand command, IActorRef sender) => _membership.Handle(command, sender);

    void INode.CarryOut(INodeCommand command, IActorRef sender)
    {
        switch (command)
        {
            case ObserveNode:
                _watch.Observe(sender);
                break;
            case TakeInventory inventory:
                _inventories.OnTakeInventory(inventory, sender);
                break;
            case CompactUnits order:
                _compactions.OnCompactUnits(order, sender);
                break;
            case CancelCompaction cancel:
                _compactions.Control(cancel.Ticket, new CancelOrder(), sender);
                break;
            case PauseCompaction pause:
                _compactions.Control(pause.Ticket, new PauseOrder(), sender);
                break;
            case ThrottleCompaction throttle:
                _compactions.Control(throttle.Ticket, new ThrottleOrder(Math.Max(0, throttle.MaxBytesPerSecond)), sender);
                break;
            case VerifyCollections verify:
                _maintenance.OnVerify(verify, sender);
                break;
            case CancelFileCheck cancel:
                _maintenance.OnCancelFileCheck(cancel);
                break;
            case DigestRanges digest:
                _maintenance.OnCompare(digest, new CollectionName(digest.Database, digest.Collection), sender);
                break;
            case ListVersions list:
                _maintenance.OnCompare(list, new CollectionName(list.Database, list.Collection), sender);
                break;
            case CleanUpIndexes cleanUp:
                _maintenance.OnCleanUp(cleanUp, sender);
                break;
            case ResyncCollection resync:
                _maintenance.OnResync(resync, sender);
                break;
            default:
                throw new InvalidOperationException($"unknown command {command.GetType().Name}");
        }
    }

    void INode.TellCompaction(NodeInternal message) => _compactions.Tell(message);

    void INode.Reassess() => _watch.Reassess();

    protected override void PreStart()
    {
        ReadFiles();
    }

    private void ReadFiles() => Task.Run(() =>
    {
        var compacted = _compactions.Read(out var compactionsDamage);
        var vouched = _confirmed.Read(out var confirmedDamage);
        string?[] damage =
        [
            compactionsDamage is null ? null : $"{compactionsDamage}. The results of the last compactions here are lost: a run may repeat a step",
            confirmedDamage is null ? null : $"{confirmedDamage}. The record of what this member had confirmed is lost: it cannot notice itself if its collections have lost changes",
        ];
        return new FilesRead(_memberFile.Read() ?? MemberRecord.Fresh, compacted ?? FinishedCompactions.None, vouched ?? ConfirmedPositions.None)
        {
            Damage = [.. damage.OfType<string>()],
        };
    }).PipeTo(Self, Self);

    /// <summary>Until it is known what this member has promised, it answers nothing.</summary>
    private void Starting()
    {
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<FilesRead>(OnFilesRead);
        Receive<Status.Failure>(failure =>
        {
            _log.Error(failure.Cause, "the node's own files cannot be read");
            _watch.State = (NodeState.Failed, failure.Cause is CorruptFileException damaged
                ? $"{damaged.Message}; what this member has promised and which primary it follows is lost, so it takes no part. Rebuild it: "
                    + $"orchestrator resync --node {_options.Node} --all"
                : $"the files of {_options.DataDirectory} cannot be read: {failure.Cause.Message}");
            Become(Broken);
        });
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable("the node is starting", RetryAfter)));
        Receive<INodeCommand>(_ => Refuse("the node is starting; try again"));
    }

    /// <summary>Without knowing what it has promised a member must not take part; an operator has to look at the files.</summary>
    private void Broken()
    {
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<DirectOrder>(order => order.Command is ResyncCollection, _direct.OnOrder);
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable(_watch.State.Reason, RetryAfter)));
        Receive<ObserveNode>(_ => _watch.Observe(Sender));
        Receive<ResyncCollection>(order => _rebuild.OnOrder(order, _watch.State.Reason));
        Receive<NodeRebuild.Ended>(ended =>
        {
            if (_rebuild.OnEnded(ended))
            {
                _watch.State = (NodeState.Recovering, "starts");
                Become(Starting);
                ReadFiles();
            }
        });
        Receive<INodeCommand>(_ => Refuse(_watch.State.Reason));
    }

    private void OnFilesRead(FilesRead read)
    {
        foreach (var damage in read.Damage)
        {
            _log.Error("{0}", damage);
        }

        _compactions.Start(read.Compactions);
        _confirmed.Start(read.Confirmed);
        _membership.Start(read.Member);
        Become(Running);
        _collections.Ensure(CollectionName.Catalog, CollectionSettings.Default);
        Timers.StartPeriodicTimer("self-check", SelfCheck.Instance, TimeSpan.Zero, _options.SelfCheckInterval);
    }

    private void Running()
    {
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        ReceiveMembership();
        ReceiveCollections();
        ReceiveData();
        ReceiveCompactions();
        Receive<SelfCheck>(_ => OnSelfCheck());
        Receive<NodeNameTaken>(Context.System.EventStream.Publish);
        Receive<NodeWatch.DiskMeasured>(_watch.OnMeasured);
        Receive<NodeWatch.DiskNotMeasured>(_watch.OnNotMeasured);
    }

    private void ReceiveMembership()
    {
        Receive<INodeCommand>(_membership.OnCommand);
        Receive<NodeMembership.Stored>(_membership.OnStored);
        Receive<NodeMembership.NotStored>(_membership.OnNotStored);
        Receive<MemberContacted>(_membership.OnMemberContacted);
        Receive<NodeMembership.DutiesGathered>(_membership.OnDutiesGathered);
    }

    private void ReceiveCollections()
    {
        Receive<CollectionOpened>(_collections.OnCollectionOpened);
        Receive<DutyTaken>(taken => _collections.OnReport(taken.Report));
        Receive<CollectionReport>(_collections.OnReport);
        Receive<ReportsNoted>(_ => _collections.OnReportsNoted());
        Receive<CatalogRead>(_collections.OnCatalogRead);
        Receive<NodeConfirmed.Stored>(_confirmed.OnStored);
        Receive<PrimaryLacksChanges>(_confirmed.OnPrimaryLacksChanges);
    }

    private void ReceiveData()
    {
        Receive<CatalogWritten>(_requests.OnCatalogWritten);
        Receive<DirectOrder>(_direct.OnOrder);
        Receive<DirectCompaction>(_direct.OnCompaction);
        Receive<NodeDirectOrders.UnitsChosen>(_direct.OnUnitsChosen);
        Receive<ListCompactions>(_ => Sender.Tell(new CompactionsListed(_compactions.Ledger.All)));
        Receive<ListCollections>(_ => _requests.OnListCollections());
        Receive<DataRequest>(_requests.OnDataRequest);
    }

    private void ReceiveCompactions()
    {
        Receive<CompactionRunning>(_compactions.OnProgress);
        Receive<CompactionStatus>(_compactions.OnEnded);
        Receive<NodeCompactions.EndStored>(_compactions.OnEndStored);
        Receive<UnitsKnown>(_compactions.OnUnitsKnown);
        Receive<NodeCompactions.TicketStored>(_compactions.OnTicketStored);
        Receive<Terminated>(_maintenance.OnFileCheckEnded);
    }

    private void OnSelfCheck()
    {
        _membership.Handle(new AssessMember(), ActorRefs.Nobody);
        _membership.Act([], ActorRefs.Nobody);
        _collections.LoadCatalog();
        _confirmed.Store();
        _drops.Settle();
        _watch.Reassess();
        _watch.MeasureDisk();
    }

    private void OnReleaseFiles()
    {
        Become(Releasing);
        Timers.CancelAll();
        foreach (var database in _collections.Databases.Values)
        {
            Context.Watch(database);
            database.Tell(ReleaseFiles.Instance);
        }

        EndOnceReleased();
    }

    /// <summary>The databases end one by one; the node is the last.</summary>
    private void Releasing()
    {
        Receive<Terminated>(ended =>
        {
            _collections.Forget(ended.ActorRef);
            EndOnceReleased();
        });
        Receive<NodeConfirmed.Stored>(_ => Context.Stop(Self));
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable("the node is being stopped", RetryAfter)));
        Receive<INodeCommand>(_ => Refuse("the node is being stopped"));
        ReceiveAny(_ => { });
    }

    private void EndOnceReleased()
    {
        if (_collections.Databases.Count == 0 && !_isEnding)
        {
            _isEnding = true;
            _confirmed.StoreAtEnd();
        }
    }

    private void Refuse(string reason) => Sender.Tell(Node.Refusal(RefusalCode.WrongState, reason));

    private sealed record FilesRead(MemberRecord Member, FinishedCompactions Compactions, ConfirmedPositions Confirmed) : NodeInternal
    {
        /// <summary>What was lost with damaged files, in sentences without a full stop.</summary>
        public IReadOnlyList<string> Damage { get; init; } = [];
    }

    private sealed record SelfCheck : NodeInternal
    {
        public static SelfCheck Instance { get; } = new();
    }
}
