using Akka.Actor;
using Akka.Event;
using Orchestrator.Core;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <content>Inventories and compactions.</content>
internal sealed partial class NodeActor
{
    private const string CompactionChild = "compaction";

    private CompactionLedger compactions = CompactionLedger.Empty;
    private (IActorRef Sender, CompactUnits Order)? admitting;
    private bool isGivenUp;
    private CompactUnits? atWork;
    private DateTimeOffset atWorkSince;

    private void ReceiveCompactions()
    {
        Receive<CompactionRunning>(OnCompactionProgress);
        Receive<CompactionStatus>(OnCompactionEnded);
        Receive<CompactionsStored>(OnCompactionsStored);
        Receive<UnitsKnown>(OnUnitsKnown);
        Receive<UnitsChosen>(OnUnitsChosen);
        Receive<TicketStored>(OnTicketStored);
        Receive<Terminated>(OnFileCheckEnded);
    }

    /// <summary>What the member's state machine admits and leaves to others.</summary>
    private void CarryOut(INodeCommand command, IActorRef sender)
    {
        switch (command)
        {
            case ObserveNode:
                Observe(sender);
                break;
            case TakeInventory inventory:
                OnTakeInventory(inventory, sender);
                break;
            case CompactUnits order:
                OnCompactUnits(order, sender);
                break;
            case CancelCompaction cancel:
                Control(cancel.Ticket, new CancelOrder(), sender);
                break;
            case PauseCompaction pause:
                Control(pause.Ticket, new PauseOrder(), sender);
                break;
            case ThrottleCompaction throttle:
                Control(throttle.Ticket, new ThrottleOrder(Math.Max(0, throttle.MaxBytesPerSecond)), sender);
                break;
            case VerifyCollections verify:
                OnVerify(verify, sender);
                break;
            case CancelFileCheck cancel:
                OnCancelFileCheck(cancel);
                break;
            case DigestRanges digest:
                OnCompare(digest, new CollectionName(digest.Database, digest.Collection), sender);
                break;
            case ListVersions list:
                OnCompare(list, new CollectionName(list.Database, list.Collection), sender);
                break;
            case CleanUpIndexes cleanUp:
                OnCleanUp(cleanUp, sender);
                break;
            case ResyncCollection resync:
                OnResync(resync, sender);
                break;
            default:
                throw new InvalidOperationException($"unknown command {command.GetType().Name}");
        }
    }

    private void OnTakeInventory(TakeInventory request, IActorRef sender)
    {
        var mode = request.Mode.Length == 0 ? EmbeddedCapabilities.Instance.Modes[0] : request.Mode;
        if (!EmbeddedCapabilities.Instance.Modes.Contains(mode))
        {
            sender.Tell(Refusal(RefusalCode.Invalid, UnknownMode(mode)));
            return;
        }

        // What cannot be measured is left out, and named by the observation; the other collections are as good as ever.
        GatherUnits(mode, request.EngineOptions, [.. databases.Keys]).PipeTo(
            sender,
            Self,
            known => new NodeInventory(
                options.Node,
                mode,
                EmbeddedCapabilities.Instance,
                [.. known.Estimates.Where(unit => !SystemDatabases.Contains(unit.Size.Unit.Database))],
                Now)
            {
                SystemUnits = [.. known.Estimates.Where(unit => SystemDatabases.Contains(unit.Size.Unit.Database))],
            },
            error => Refusal(RefusalCode.Unavailable, $"the collections cannot be measured: {error.Message}"));
    }

    /// <summary>All units of databases, in order of database, collection, documents before indexes.</summary>
    private async Task<UnitsKnown> GatherUnits(string mode, OptionValues engineOptions, IReadOnlyList<string> wanted)
    {
        var asked = wanted
            .Where(databases.ContainsKey)
            .Select(name => databases[name].Ask<DatabaseUnits>(new EstimateUnits(mode, EmbeddedCapabilities.FreeSpaceTargetBytes(engineOptions)), options.CollectionTimeout))
            .ToList();
        var answers = await Task.WhenAll(asked).ConfigureAwait(false);
        var collections = answers.SelectMany(answer => answer.Collections).ToList();
        var units = collections
            .SelectMany(collection => collection.Units)
            .OrderBy(unit => unit.Size.Unit.Database, StringComparer.Ordinal)
            .ThenBy(unit => unit.Size.Unit.Collection, StringComparer.Ordinal)
            .ThenBy(unit => (unit.Size.Unit as IndexUnit)?.Index ?? "", StringComparer.Ordinal)
            .ToList();
        return new UnitsKnown(units, [.. collections.Where(collection => collection.Failure.Length > 0)], "");
    }

    /// <summary>Which units there are is asked first, since an order that names an unknown one is refused as a whole.</summary>
    private void OnCompactUnits(CompactUnits order, IActorRef sender)
    {
        if (compactions.Find(order.Ticket) is { } status)
        {
            sender.Tell(status);
            return;
        }

        if (admitting is { } same && same.Order.Ticket == order.Ticket)
        {
            // The order was repeated before it was answered; a refusal would be taken for the failure of the attempt.
            admitting = (sender, same.Order);
            return;
        }

        if (order.LookOnly)
        {
            sender.Tell(UnknownHere(order.Ticket));
            return;
        }

        if (admitting is { } other)
        {
            sender.Tell(Refusal(RefusalCode.Busy, $"run {other.Order.Ticket.RunId} is about to start; wait for it or cancel it") with { Ticket = order.Ticket });
            return;
        }

        admitting = (sender, order);
        GatherUnits(order.Settings.Mode, order.Settings.EngineOptions, [.. order.Units.Select(unit => unit.Database).Distinct()])
            .PipeTo(Self, Self, failure: error => new UnitsKnown([], [], error.Message));
    }

    private void OnUnitsKnown(UnitsKnown known)
    {
        if (admitting is not { } waiting || EndGivenUp())
        {
            return;
        }

        var (sender, order) = waiting;
        if (known.Failure.Length > 0)
        {
            admitting = null;
            sender.Tell(Refusal(RefusalCode.Unavailable, $"the collections cannot be measured: {known.Failure}") with { Ticket = order.Ticket });
            return;
        }

        if (Admit(order, sender, known) is null)
        {
            admitting = null;
            return;
        }

        // The ticket is on disk before it starts, so that one that it has overtaken is refused after a restart too.
        var next = compactions.Begin(order.Ticket, options.FinishedCompactionsKept);
        Task.Run(() => compactionFile.Write(new FinishedCompactions(next.Finished, next.Latest)))
            .PipeTo(Self, Self, () => new TicketStored(next, known, ""), error => new TicketStored(next, known, error.Message));
    }

    /// <summary>An order that was taken back before it was at work is never begun.</summary>
    private bool EndGivenUp()
    {
        if (admitting is not { } waiting || !isGivenUp)
        {
            return false;
        }

        (admitting, isGivenUp) = (null, false);
        waiting.Sender.Tell(UnknownHere(waiting.Order.Ticket));
        return true;
    }

    private CommandRefused UnknownHere(CompactionTicket ticket) => Refusal(
        RefusalCode.NotFound, $"run {ticket.RunId}, step {ticket.Step}, attempt {ticket.Attempt} is unknown here") with
    {
        Ticket = ticket,
    };

    private void OnTicketStored(TicketStored stored)
    {
        if (admitting is not { } waiting || EndGivenUp())
        {
            return;
        }

        admitting = null;
        var (sender, order) = waiting;
        if (stored.Failure.Length > 0)
        {
            sender.Tell(Refusal(RefusalCode.Unavailable, $"the order cannot be stored: {stored.Failure}") with { Ticket = order.Ticket });
            return;
        }

        compactions = stored.Ledger;

        // The member may have become primary meanwhile.
        if (Admit(order, sender, stored.Known) is not { } start)
        {
            return;
        }

        log.Info(
            "compacts {0} for run {1}, step {2}, attempt {3}{4}",
            order.Units.Count == 1 ? "1 unit" : $"{order.Units.Count} units",
            order.Ticket.RunId,
            order.Ticket.Step,
            order.Ticket.Attempt,
            ReasonText.InBrackets(order.Settings.Comment));
        compactions = compactions.With(start.Status);
        (atWork, atWorkSince) = (order, Now);
        Context.ActorOf(CompactionActor.Props(order, new Dictionary<string, IActorRef>(databases)), $"{CompactionChild}-{++compactionNumber}");
        sender.Tell(start.Status);
        Reassess();
    }

    /// <summary>Why an order cannot be carried out, whatever its units; empty if it can.</summary>
    private static string WhyInvalid(CompactUnits order)
    {
        var mode = order.Settings.Mode;
        if (mode.Length > 0 && !EmbeddedCapabilities.Instance.Modes.Contains(mode))
        {
            return UnknownMode(mode);
        }

        return mode == CompactionActor.ClosesDatabase && order.Units.Any(unit => unit.Database == CollectionName.Catalog.Database)
            ? $"the database {CollectionName.Catalog.Database} cannot be closed; compact it with another mode"
            : "";
    }

    private static string UnknownMode(string mode) => $"the mode '{mode}' is unknown; there is {string.Join(", ", EmbeddedCapabilities.Instance.Modes)}";

    /// <summary>Answers the sender unless the order may start.</summary>
    private CompactionAdmission.Start? Admit(CompactUnits order, IActorRef sender, UnitsKnown known)
    {
        switch (compactions.Admit(order, member.Role == MemberRole.Primary, WhyInvalid(order), known.WhyNot))
        {
            case CompactionAdmission.Start start:
                return start;
            case CompactionAdmission.Known status:
                sender.Tell(status.Status);
                return null;
            case CompactionAdmission.Refused refused:
                sender.Tell(Refusal(refused.Code, refused.Reason) with { Ticket = order.Ticket });
                return null;
            case var unknown:
                throw new InvalidOperationException($"unknown admission {unknown.GetType().Name}");
        }
    }

    /// <summary>Passes an order on to the compaction of a ticket if it is at work; answered with where the attempt stands.</summary>
    private void Control(CompactionTicket ticket, NodeInternal order, IActorRef sender)
    {
        if (compactions.Find(ticket) is not { } status)
        {
            // Whoever takes an order back relies on "unknown": it must not begin after that.
            isGivenUp |= order is not ThrottleOrder && admitting is { } waiting && waiting.Order.Ticket == ticket;
            sender.Tell(UnknownHere(ticket));
            return;
        }

        if (status is CompactionRunning)
        {
            CompactionAtWork().Tell(order);
        }

        sender.Tell(status);
    }

    private void OnCompactionProgress(CompactionRunning running)
    {
        compactions = compactions.With(running);
        Reassess();
    }

    private static string Outcome(CompactionStatus ended) => ended switch
    {
        CompactionSucceeded => "it succeeded",
        CompactionPaused => "it is paused",
        CompactionFailed failed => failed.Reason,
        _ => "it is unknown how",
    };

    /// <summary>The result is on disk before anyone sees it.</summary>
    private void OnCompactionEnded(CompactionStatus ended)
    {
        Context.Stop(Sender);
        atWork = null;
        CompactionTrace.Note(options.Cluster, options.Node, ended, atWorkSince, Now);
        foreach (var unit in ended.Compacted.Where(unit => unit.LongestWritePause > TimeSpan.Zero))
        {
            Context.System.EventStream.Publish(new WritesHeld(options.Cluster, WritesHeld.ByCompaction, unit.LongestWritePause));
        }

        var next = compactions.Finish(ended, options.FinishedCompactionsKept);
        log.Info("the compaction of run {0}, step {1} has ended: {2}", ended.Ticket.RunId, ended.Ticket.Step, Outcome(ended));
        Task.Run(() => compactionFile.Write(new FinishedCompactions(next.Finished, next.Latest)))
            .PipeTo(Self, Self, () => new CompactionsStored(next, ""), error => new CompactionsStored(next, error.Message));
    }

    private void OnCompactionsStored(CompactionsStored stored)
    {
        if (stored.Failure.Length > 0)
        {
            log.Error("the result of a compaction cannot be stored and will not survive a restart: {0}", stored.Failure);
        }

        compactions = stored.Ledger;
        Reassess();
    }

    private IActorRef CompactionAtWork() => Context.Child($"{CompactionChild}-{compactionNumber}");

    /// <param name="Unmeasured">Collections that do not tell their units now.</param>
    /// <param name="Failure">Why nothing is known; else empty.</param>
    private sealed record UnitsKnown(IReadOnlyList<UnitEstimate> Estimates, IReadOnlyList<CollectionUnits> Unmeasured, string Failure)
        : NodeInternal
    {
        /// <summary>Why a unit cannot be compacted here; empty if it can.</summary>
        public string WhyNot(StorageUnit unit)
        {
            if (Estimates.FirstOrDefault(estimate => estimate.Size.Unit == unit) is { } known)
            {
                return known.Refusal.Length == 0 ? "" : $"{unit.Path}: {known.Refusal}";
            }

            return Unmeasured.FirstOrDefault(other => other.Name.Database == unit.Database && other.Name.Collection == unit.Collection) is { } failed
                ? $"{failed.Name}: {failed.Failure}"
                : $"there is no {unit.Path} on this member";
        }
    }

    private sealed record TicketStored(CompactionLedger Ledger, UnitsKnown Known, string Failure) : NodeInternal;

    private sealed record CompactionsStored(CompactionLedger Ledger, string Failure) : NodeInternal;
}
