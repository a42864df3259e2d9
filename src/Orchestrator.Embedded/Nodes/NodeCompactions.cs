using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Storage.Files;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// The compactions of a node: admitted, begun, cancelled, paused and throttled by the tickets of their orders. Owns the file of how they ended.
/// A plain class on the node's mailbox.
/// </summary>
internal sealed class NodeCompactions(INode node, NodeCollections collections, NodeInventories inventories)
{
    private const string Child = "compaction";
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    private readonly MemberStateFile<FinishedCompactions> _file = new(Path.Combine(node.Options.DataDirectory, NodeFiles.Compactions));
    private (IActorRef Sender, CompactUnits Order)? _admitting;
    private bool _isGivenUp;
    private CompactUnits? _atWork;
    private DateTimeOffset _atWorkSince;
    private int _number;

    public CompactionLedger Ledger { get; private set; } = CompactionLedger.Empty;

    /// <summary>May be called off the mailbox.</summary>
    public FinishedCompactions? Read(out string? damage) => _file.ReadOrPutAside(out damage);

    public void Start(FinishedCompactions onDisk) => Ledger = new CompactionLedger([], [.. onDisk.Statuses], [.. onDisk.Latest]);

    /// <summary>Tells the compaction at work, if there is one.</summary>
    public void Tell(NodeInternal message) => node.Context.Child($"{Child}-{_number}").Tell(message);

    /// <summary>Which units there are is asked first, since an order that names an unknown one is refused as a whole.</summary>
    public void OnCompactUnits(CompactUnits order, IActorRef sender)
    {
        if (Ledger.Find(order.Ticket) is { } status)
        {
            sender.Tell(status);
            return;
        }

        if (_admitting is { } same && same.Order.Ticket == order.Ticket)
        {
            // The order was repeated before it was answered; a refusal would be taken for the failure of the attempt.
            _admitting = (sender, same.Order);
            return;
        }

        if (order.LookOnly)
        {
            sender.Tell(UnknownHere(order.Ticket));
            return;
        }

        if (_admitting is { } other)
        {
            sender.Tell(node.Refusal(RefusalCode.Busy, $"run {other.Order.Ticket.RunId} is about to start; wait for it or cancel it") with { Ticket = order.Ticket });
            return;
        }

        _admitting = (sender, order);
        inventories.Gather(order.Settings.Mode, order.Settings.EngineOptions, [.. order.Units.Select(unit => unit.Database).Distinct()])
            .PipeTo(node.Self, node.Self, failure: error => new UnitsKnown([], [], error.Message));
    }

    public void OnUnitsKnown(UnitsKnown known)
    {
        if (_admitting is not { } waiting || EndGivenUp())
        {
            return;
        }

        var (sender, order) = waiting;
        if (known.Failure.Length > 0)
        {
            _admitting = null;
            sender.Tell(node.Refusal(RefusalCode.Unavailable, $"the collections cannot be measured: {known.Failure}") with { Ticket = order.Ticket });
            return;
        }

        if (Admit(order, sender, known) is null)
        {
            _admitting = null;
            return;
        }

        // The ticket is on disk before it starts, so that one that it has overtaken is refused after a restart too.
        var next = Ledger.Begin(order.Ticket, node.Options.FinishedCompactionsKept);
        Task.Run(() => _file.Write(new FinishedCompactions(next.Finished, next.Latest)))
            .PipeTo(node.Self, node.Self, () => new TicketStored(next, known, ""), error => new TicketStored(next, known, error.Message));
    }

    public void OnTicketStored(TicketStored stored)
    {
        if (_admitting is not { } waiting || EndGivenUp())
        {
            return;
        }

        _admitting = null;
        var (sender, order) = waiting;
        if (stored.Failure.Length > 0)
        {
            sender.Tell(node.Refusal(RefusalCode.Unavailable, $"the order cannot be stored: {stored.Failure}") with { Ticket = order.Ticket });
            return;
        }

        Ledger = stored.Ledger;

        // The member may have become primary meanwhile.
        if (Admit(order, sender, stored.Known) is not { } start)
        {
            return;
        }

        node.Log.Info(
            "compacts {0} for run {1}, step {2}, attempt {3}{4}",
            order.Units.Count == 1 ? "1 unit" : $"{order.Units.Count} units",
            order.Ticket.RunId,
            order.Ticket.Step,
            order.Ticket.Attempt,
            ReasonText.InBrackets(order.Settings.Comment));
        Ledger = Ledger.With(start.Status);
        (_atWork, _atWorkSince) = (order, node.Now);
        node.Context.ActorOf(CompactionActor.Props(order, new Dictionary<string, IActorRef>(collections.Databases)), $"{Child}-{++_number}");
        sender.Tell(start.Status);
        node.Reassess();
    }

    /// <summary>Passes an order on to the compaction of a ticket if it is at work; answered with where the attempt stands.</summary>
    public void Control(CompactionTicket ticket, NodeInternal order, IActorRef sender)
    {
        if (Ledger.Find(ticket) is not { } status)
        {
            // Whoever takes an order back relies on "unknown": it must not begin after that.
            _isGivenUp |= order is not ThrottleOrder && _admitting is { } waiting && waiting.Order.Ticket == ticket;
            sender.Tell(UnknownHere(ticket));
            return;
        }

        if (status is CompactionRunning)
        {
            Tell(order);
        }

        sender.Tell(status);
    }

    public void OnProgress(CompactionRunning running)
    {
        Ledger = Ledger.With(running);
        node.Reassess();
    }

    /// <summary>The result is on disk before anyone sees it.</summary>
    public void OnEnded(CompactionStatus ended)
    {
        node.Context.Stop(node.Sender);
        _atWork = null;
        CompactionTrace.Note(node.Options.Cluster, node.Options.Node, ended, _atWorkSince, node.Now);
        foreach (var unit in ended.Compacted.Where(unit => unit.LongestWritePause > TimeSpan.Zero))
        {
            node.Context.System.EventStream.Publish(new WritesHeld(node.Options.Cluster, WritesHeld.ByCompaction, unit.LongestWritePause));
        }

        var next = Ledger.Finish(ended, node.Options.FinishedCompactionsKept);
        node.Log.Info("the compaction of run {0}, step {1} has ended: {2}", ended.Ticket.RunId, ended.Ticket.Step, Outcome(ended));
        Task.Run(() => _file.Write(new FinishedCompactions(next.Finished, next.Latest)))
            .PipeTo(node.Self, node.Self, () => new EndStored(next, ""), error => new EndStored(next, error.Message));
    }

    public void OnEndStored(EndStored stored)
    {
        if (stored.Failure.Length > 0)
        {
            node.Log.Error("the result of a compaction cannot be stored and will not survive a restart: {0}", stored.Failure);
        }

        Ledger = stored.Ledger;
        node.Reassess();
    }

    /// <summary>The database that is closed while it is compacted; empty for none.</summary>
    public string ClosedDatabase()
    {
        if (_atWork?.Settings.Mode != CompactionActor.ClosesDatabase
            || Ledger.Running is not [var running]
            || running.Progress.Stage == CompactionActor.VerifyStage)
        {
            return "";
        }

        var path = running.Progress.Unit;
        return path[..Math.Max(0, path.IndexOf('/'))];
    }

    public DataUnavailable ClosedRefusal(string database)
    {
        var remaining = Ledger.Running is [{ Progress.RemainingSeconds: > 0 and var seconds }] ? TimeSpan.FromSeconds(seconds) : NodeActor.RetryAfter;
        return new DataUnavailable(
            $"database {database} is offline: it is being compacted with the mode {CompactionActor.ClosesDatabase}",
            remaining < LongestRetryAfter ? remaining : LongestRetryAfter);
    }

    /// <summary>An order that was taken back before it was at work is never begun.</summary>
    private bool EndGivenUp()
    {
        if (_admitting is not { } waiting || !_isGivenUp)
        {
            return false;
        }

        (_admitting, _isGivenUp) = (null, false);
        waiting.Sender.Tell(UnknownHere(waiting.Order.Ticket));
        return true;
    }

    private CommandRefused UnknownHere(CompactionTicket ticket) => node.Refusal(
        RefusalCode.NotFound, $"run {ticket.RunId}, step {ticket.Step}, attempt {ticket.Attempt} is unknown here") with
    {
        Ticket = ticket,
    };

    /// <summary>Why an order cannot be carried out, whatever its units; empty if it can.</summary>
    private static string WhyInvalid(CompactUnits order)
    {
        var mode = order.Settings.Mode;
        if (mode.Length > 0 && !EmbeddedCapabilities.Instance.Modes.Contains(mode))
        {
            return NodeInventories.UnknownMode(mode);
        }

        return mode == CompactionActor.ClosesDatabase && order.Units.Any(unit => unit.Database == CollectionName.Catalog.Database)
            ? $"the database {CollectionName.Catalog.Database} cannot be closed; compact it with another mode"
            : "";
    }

    /// <summary>Answers the sender unless the order may start.</summary>
    private CompactionAdmission.Start? Admit(CompactUnits order, IActorRef sender, UnitsKnown known)
    {
        switch (Ledger.Admit(order, node.Member.Role == MemberRole.Primary, WhyInvalid(order), known.WhyNot))
        {
            case CompactionAdmission.Start start:
                return start;
            case CompactionAdmission.Known status:
                sender.Tell(status.Status);
                return null;
            case CompactionAdmission.Refused refused:
                sender.Tell(node.Refusal(refused.Code, refused.Reason) with { Ticket = order.Ticket });
                return null;
            case var unknown:
                throw new InvalidOperationException($"unknown admission {unknown.GetType().Name}");
        }
    }

    private static string Outcome(CompactionStatus ended) => ended switch
    {
        CompactionSucceeded => "it succeeded",
        CompactionPaused => "it is paused",
        CompactionFailed failed => failed.Reason,
        _ => "it is unknown how",
    };

    internal sealed record TicketStored(CompactionLedger Ledger, UnitsKnown Known, string Failure) : NodeInternal;

    internal sealed record EndStored(CompactionLedger Ledger, string Failure) : NodeInternal;
}
