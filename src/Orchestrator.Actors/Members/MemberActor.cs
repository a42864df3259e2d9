using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.External;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Members;

/// <summary>
/// Stands for one member of an external cluster and speaks as a database node does, as far as compactions go. Owns the
/// member's driver calls: they run off the mailbox, and a completion that comes after its time is recognised. Anyone may
/// send it an <see cref="INodeCommand"/>. Keeps nothing over a restart: a compaction that runs on in the member is seen by
/// its silence, and by its sizes when it is done.
/// </summary>
internal sealed class MemberActor : ReceiveActor
{
    private const int FinishedKept = 16;

    private readonly IEngineCluster cluster;
    private readonly IEngineMember driver;
    private readonly string replicaSet;
    private readonly TimeProvider time;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly CancellationTokenSource stopping = new();
    private CompactionLedger compactions = CompactionLedger.Empty;
    private CancellationTokenSource? cancelling;
    private NodeObservation last;
    private IActorRef supervisor = ActorRefs.Nobody;
    private string address = "";
    private long epoch;
    private bool observing;
    private bool transferring;

    public MemberActor(IEngineCluster cluster, string replicaSet, string name, TimeProvider time)
    {
        this.cluster = cluster;
        this.replicaSet = replicaSet;
        this.time = time;
        driver = cluster.Member(name);
        last = NodeObservation.Never(cluster.Name, replicaSet, name);
        Receive<INodeCommand>(OnCommand);
        Receive<AddressKnown>(known => address = known.Address);
        Receive<Looked>(OnLooked);
        Receive<NotSeen>(OnNotSeen);
        Receive<Progressed>(progressed => compactions = compactions.With(new CompactionRunning(progressed.Ticket, progressed.Progress)));
        Receive<Ended>(OnEnded);
        Receive<TransferEnded>(OnTransferEnded);
    }

    public static Props Props(IEngineCluster cluster, string replicaSet, string name, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new MemberActor(cluster, replicaSet, name, time));

    protected override void PostStop()
    {
        stopping.Cancel();
        stopping.Dispose();
        cancelling?.Dispose();
    }

    private void OnCommand(INodeCommand command)
    {
        if (command.Epoch < epoch)
        {
            Sender.Tell(Refusal(RefusalCode.StaleEpoch, $"epoch {command.Epoch} is over; this member obeys epoch {epoch}"));
            return;
        }

        epoch = command.Epoch;
        switch (command)
        {
            case ObserveNode:
                supervisor = Sender;
                Look();
                break;
            case TakeInventory inventory:
                OnTakeInventory(inventory);
                break;
            case CompactUnits order:
                OnCompactUnits(order);
                break;
            case CancelCompaction cancel:
                OnCancel(cancel);
                break;
            case TransferPrimary transfer:
                OnTransfer(transfer);
                break;
            default:
                Sender.Tell(Refusal(RefusalCode.Invalid, $"{cluster.Engine} elects its primaries itself; {command.GetType().Name} has no meaning for it"));
                break;
        }
    }

    /// <summary>One look at a time; whoever asked last is told.</summary>
    private void Look()
    {
        if (observing)
        {
            return;
        }

        observing = true;
        var compacting = compactions.Running.Count > 0;
        driver.Observe(compacting, stopping.Token).PipeTo(Self, Self, look => new Looked(look), error => new NotSeen(error.Message));
    }

    private void OnLooked(Looked looked)
    {
        var look = looked.Look;
        Show(last with
        {
            State = look.State,
            Reason = look.Reason,
            Role = look.Role,
            Term = look.Term,
            PromisedTerm = look.Term,
            Primary = look.Primary,
            Lag = look.Lag,
            Disk = look.Disk,
            Version = look.Version,
            Alarms = look.Alarms,
            QuotaBytes = look.QuotaBytes,
        });
    }

    /// <summary>While it compacts, a member may be too busy to answer: the end of its compaction, which its death is too, tells more.</summary>
    private void OnNotSeen(NotSeen failed) => Show(compactions.Running.Count > 0
        ? last with { State = NodeState.Offline, Reason = $"compacts and does not answer ({failed.Reason})" }
        : last with { State = NodeState.Unreachable, Reason = failed.Reason });

    private void Show(NodeObservation seen)
    {
        observing = false;
        last = seen with { Address = address, Compactions = compactions.All, ObservedAt = time.GetUtcNow() };
        supervisor.Tell(last);
    }

    private void OnTakeInventory(TakeInventory request)
    {
        var capabilities = cluster.Capabilities;
        var mode = request.Mode.Length == 0 ? capabilities.Modes[0] : request.Mode;
        if (!capabilities.Modes.Contains(mode))
        {
            Sender.Tell(Refusal(RefusalCode.Invalid, UnknownMode(mode)));
            return;
        }

        var refusal = Refusal(RefusalCode.WrongState, "");
        driver.Inventory(stopping.Token).PipeTo(
            Sender,
            Self,
            sizes => new NodeInventory(driver.Name, mode, capabilities, driver.Estimate(sizes, mode), time.GetUtcNow()),
            error => refusal with { Reason = error.Message });
    }

    private void OnCompactUnits(CompactUnits order)
    {
        var mode = order.Settings.Mode;
        var whyInvalid = mode.Length > 0 && !cluster.Capabilities.Modes.Contains(mode) ? UnknownMode(mode) : "";
        switch (compactions.Admit(order, last.Role == MemberRole.Primary, whyInvalid, _ => ""))
        {
            case CompactionAdmission.Known known:
                Sender.Tell(known.Status);
                break;
            case CompactionAdmission.Refused refused:
                Sender.Tell(Refusal(refused.Code, refused.Reason) with { Ticket = order.Ticket });
                break;
            case CompactionAdmission.Start start when transferring:
                Sender.Tell(Refusal(RefusalCode.Busy, $"{driver.Name} is handing its role over; order {start.Status.Ticket.Step} again") with { Ticket = order.Ticket });
                break;
            case CompactionAdmission.Start start:
                Begin(order, start.Status);
                break;
        }
    }

    private void Begin(CompactUnits order, CompactionRunning status)
    {
        log.Info("compacts {0} for run {1}, step {2}, attempt {3} {4}", driver.Name, order.Ticket.RunId, order.Ticket.Step, order.Ticket.Attempt, order.Settings.Comment);
        compactions = compactions.Begin(order.Ticket, FinishedKept).With(status);
        cancelling?.Dispose();
        cancelling = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        Sender.Tell(status);
        var self = Self;
        Compact(order, new Reporter(progress => self.Tell(new Progressed(order.Ticket, progress))), cancelling.Token).PipeTo(
            self,
            self,
            units => new Ended(new CompactionSucceeded(order.Ticket, units)),
            error => new Ended(new CompactionFailed(order.Ticket, error.Message, [])));
        Look();
    }

    /// <summary>Without the claim no work: the run may have lost it while nothing renewed it, and another orchestrator may have begun.</summary>
    private async Task<IReadOnlyList<UnitCompacted>> Compact(CompactUnits order, IProgress<CompactionProgress> progress, CancellationToken cancellationToken)
    {
        await cluster.Claim(order.Ticket.RunId, cancellationToken).ConfigureAwait(false);
        return await driver.Compact(order.Units, order.Settings, progress, cancellationToken).ConfigureAwait(false);
    }

    private void OnEnded(Ended ended)
    {
        if (compactions.Running.Count == 0 || compactions.Running[0].Ticket != ended.Status.Ticket)
        {
            return;
        }

        var how = ended.Status is CompactionFailed failed ? $"failed: {failed.Reason}" : "done";
        log.Info("the compaction of {0} for run {1}, step {2} is {3}", driver.Name, ended.Status.Ticket.RunId, ended.Status.Ticket.Step, how);
        compactions = compactions.Finish(ended.Status, FinishedKept);
        Look();
    }

    private void OnCancel(CancelCompaction cancel)
    {
        if (compactions.Find(cancel.Ticket) is not { } status)
        {
            Sender.Tell(Refusal(RefusalCode.NotFound, $"run {cancel.Ticket.RunId}, step {cancel.Ticket.Step}, attempt {cancel.Ticket.Attempt} is unknown here"));
            return;
        }

        if (status is CompactionRunning && cluster.Capabilities.CanCancel)
        {
            cancelling?.Cancel();
        }

        Sender.Tell(status);
    }

    private void OnTransfer(TransferPrimary transfer)
    {
        if (transfer.ExpectedPrimary != driver.Name || transfer.ReplicaSet != replicaSet)
        {
            Sender.Tell(Refusal(RefusalCode.Invalid, $"this is {driver.Name} of {replicaSet}, not {transfer.ExpectedPrimary} of {transfer.ReplicaSet}"));
            return;
        }

        if (transferring || compactions.Running.Count > 0)
        {
            Sender.Tell(Refusal(RefusalCode.Busy, $"{driver.Name} {(transferring ? "is handing its role over already" : "compacts")}"));
            return;
        }

        transferring = true;
        var asker = Sender;
        driver.StepDown(transfer.To, stopping.Token).PipeTo(
            Self,
            Self,
            term => new TransferEnded(asker, new PrimaryTransferred(driver.Name, replicaSet, transfer.To, term), ""),
            error => new TransferEnded(asker, null, error.Message));
    }

    private void OnTransferEnded(TransferEnded ended)
    {
        transferring = false;
        ended.Asker.Tell(ended.Moved is { } moved ? moved : Refusal(RefusalCode.WrongState, ended.Failure));
        Look();
    }

    private string UnknownMode(string mode) => $"the mode '{mode}' is unknown; there is {string.Join(", ", cluster.Capabilities.Modes)}";

    private CommandRefused Refusal(RefusalCode code, string reason) => new(driver.Name, code, reason, epoch, last.Term);

    private sealed record Looked(MemberLook Look) : LocalMessage;

    private sealed record NotSeen(string Reason) : LocalMessage;

    private sealed record Progressed(CompactionTicket Ticket, CompactionProgress Progress) : LocalMessage;

    private sealed record Ended(CompactionStatus Status) : LocalMessage;

    private sealed record TransferEnded(IActorRef Asker, PrimaryTransferred? Moved, string Failure) : LocalMessage;

    private sealed class Reporter(Action<CompactionProgress> report) : IProgress<CompactionProgress>
    {
        public void Report(CompactionProgress value) => report(value);
    }
}
