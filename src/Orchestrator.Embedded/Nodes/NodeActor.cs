using System.Collections.Immutable;
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
/// sends it <see cref="DataRequest"/>s. Survives a restart: everything in those files; not a running compaction.
/// </summary>
internal sealed partial class NodeActor : ReceiveActor, IWithTimers
{
    private const int MaxWaitingCommands = 1_000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly NodeOptions options;
    private readonly IFeedClient feeds;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly MemberStateFile<MemberRecord> memberFile;
    private readonly MemberStateFile<FinishedCompactions> compactionFile;
    private readonly Dictionary<string, IActorRef> databases = new(StringComparer.Ordinal);
    private readonly Dictionary<CollectionName, CollectionReport> reports = [];

    public NodeActor(NodeOptions options, IFeedClient feeds)
    {
        this.options = options;
        this.feeds = feeds;
        memberFile = new MemberStateFile<MemberRecord>(Path.Combine(options.DataDirectory, NodeFiles.Member));
        confirmedFile = new MemberStateFile<ConfirmedPositions>(Path.Combine(options.DataDirectory, NodeFiles.Confirmed));
        compactionFile = new MemberStateFile<FinishedCompactions>(Path.Combine(options.DataDirectory, NodeFiles.Compactions));
        writePauses = new WritePauses(options.Cluster);
        member = MemberDecider.Start(options.Node, options.ReplicaSet, MemberRecord.Fresh);
        duty = NodeCondition.Duty(member, new WritePermission.Withheld("the node is starting"), false);
        startedAt = Now;
        lastState = (NodeState.Recovering, "starts");
        Starting();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => options.Time.GetUtcNow();

    public static Props Props(NodeOptions options, IFeedClient feeds) => Akka.Actor.Props.Create(() => new NodeActor(options, feeds));

    protected override void PreStart()
    {
        ReadFiles();
    }

    private void ReadFiles() => Task.Run(() =>
    {
        var compacted = compactionFile.ReadOrPutAside(out var compactionsDamage);
        var vouched = confirmedFile.ReadOrPutAside(out var confirmedDamage);
        string?[] damage =
        [
            compactionsDamage is null ? null : $"{compactionsDamage}. The results of the last compactions here are lost: a run may repeat a step",
            confirmedDamage is null ? null : $"{confirmedDamage}. The record of what this member had confirmed is lost: it cannot notice itself if its collections have lost changes",
        ];
        return new FilesRead(memberFile.Read() ?? MemberRecord.Fresh, compacted ?? FinishedCompactions.None, vouched ?? ConfirmedPositions.None)
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
            log.Error(failure.Cause, "the node's own files cannot be read");
            lastState = (NodeState.Failed, failure.Cause is CorruptFileException damaged
                ? $"{damaged.Message}; what this member has promised and which primary it follows is lost, so it takes no part. Rebuild it: "
                    + $"orchestrator resync --node {options.Node} --all"
                : $"the files of {options.DataDirectory} cannot be read: {failure.Cause.Message}");
            Become(Broken);
        });
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable("the node is starting", RetryAfter)));
        Receive<INodeCommand>(_ => Sender.Tell(Refusal(RefusalCode.WrongState, "the node is starting; try again")));
    }

    /// <summary>Without knowing what it has promised a member must not take part; an operator has to look at the files.</summary>
    private void Broken()
    {
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        Receive<DirectOrder>(order => order.Command is ResyncCollection, order => Carry(order.Command, Sender));
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable(lastState.Reason, RetryAfter)));
        Receive<ObserveNode>(_ => Observe(Sender));
        Receive<ResyncCollection>(OnRebuild);
        Receive<Rebuilt>(OnRebuilt);
        Receive<INodeCommand>(_ => Sender.Tell(Refusal(RefusalCode.WrongState, lastState.Reason)));
    }

    private void OnFilesRead(FilesRead read)
    {
        member = MemberDecider.Start(options.Node, options.ReplicaSet, read.Member);
        foreach (var damage in read.Damage)
        {
            log.Error("{0}", damage);
        }

        compactions = new CompactionLedger([], [.. read.Compactions.Statuses], [.. read.Compactions.Latest]);
        confirmed = confirmedOnDisk = read.Confirmed;
        ExpectPrimary();
        duty = DutyNow();
        Become(Running);
        Ensure(CollectionName.Catalog, Storage.CollectionSettings.Default);
        Timers.StartPeriodicTimer("self-check", SelfCheck.Instance, TimeSpan.Zero, options.SelfCheckInterval);
    }

    private void Running()
    {
        Receive<ReleaseFiles>(_ => OnReleaseFiles());
        ReceiveMembership();
        ReceiveCollections();
        ReceiveConfirmed();
        ReceiveData();
        ReceiveCompactions();
        ReceiveObservations();
    }

    private void OnReleaseFiles()
    {
        Become(Releasing);
        Timers.CancelAll();
        foreach (var database in databases.Values)
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
            foreach (var name in databases.Where(entry => entry.Value.Equals(ended.ActorRef)).Select(entry => entry.Key).ToList())
            {
                databases.Remove(name);
            }

            EndOnceReleased();
        });
        Receive<ConfirmedStored>(_ => Context.Stop(Self));
        Receive<DataRequest>(_ => Sender.Tell(new DataUnavailable("the node is being stopped", RetryAfter)));
        Receive<INodeCommand>(_ => Sender.Tell(Refusal(RefusalCode.WrongState, "the node is being stopped")));
        ReceiveAny(_ => { });
    }

    private void EndOnceReleased()
    {
        if (databases.Count == 0 && !finalNote)
        {
            finalNote = true;
            NoteConfirmedAtEnd();
        }
    }

    private CommandRefused Refusal(RefusalCode code, string reason) => new(options.Node, code, reason, member.Epoch, member.PromisedTerm);

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

/// <summary>The file of ended compactions.</summary>
/// <param name="Statuses">Oldest first.</param>
/// <param name="Latest">The last ticket of each run that was begun here.</param>
internal sealed record FinishedCompactions(ImmutableList<CompactionStatus> Statuses, ImmutableList<CompactionTicket> Latest)
{
    public static FinishedCompactions None { get; } = new([], []);
}
