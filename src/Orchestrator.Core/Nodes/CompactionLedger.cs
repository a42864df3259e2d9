using System.Collections.Immutable;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// A node's compactions: those at work, the last ones that ended, and the last ticket of each of the last runs. Pure;
/// the node stores <see cref="Finished"/> before it shows a new entry, and <see cref="Latest"/> before it starts one.
/// </summary>
/// <param name="Running">At most one, save where a node of several replica sets takes more.</param>
/// <param name="Finished">Oldest first, bounded.</param>
/// <param name="Latest">One for each run, or for each step of it where <see cref="IsShared"/>, the one begun last at the end, bounded.</param>
public sealed record CompactionLedger(
    ImmutableList<CompactionRunning> Running,
    ImmutableList<CompactionStatus> Finished,
    ImmutableList<CompactionTicket> Latest)
{
    public static CompactionLedger Empty { get; } = new([], [], []);

    /// <summary>
    /// Whether the node is in several replica sets. A run works on these side by side, so that a step of a higher number says nothing about one of
    /// another set.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>How many may be at work.</summary>
    public int Most { get; init; } = 1;

    /// <summary>Most units of ended compactions in what is shown: it is sent with each observation, and messages have a longest length.</summary>
    public const int MostUnitsShown = 1000;

    /// <summary>All statuses, the one at work last.</summary>
    public IReadOnlyList<CompactionStatus> All => [.. Finished, .. Running];

    /// <summary>
    /// What others see: all at work, of those that ended the last one, and the ones before as far as they have <see cref="MostUnitsShown"/> in all.
    /// </summary>
    public IReadOnlyList<CompactionStatus> Shown => [.. Finished.Skip(HiddenCount), .. Running];

    /// <summary>Tickets of the ones that ended and are not shown: whoever orders one of them again is told how it ended.</summary>
    public IReadOnlyList<CompactionTicket> Hidden => [.. Finished.Take(HiddenCount).Select(status => status.Ticket)];

    private int HiddenCount
    {
        get
        {
            var units = 0;
            return Finished.Count - Finished.Reverse().TakeWhile((status, at) => (units += status.Compacted.Count) <= MostUnitsShown || at == 0).Count();
        }
    }

    /// <summary>The status of a ticket; none if it is unknown.</summary>
    public CompactionStatus? Find(CompactionTicket ticket) => All.FirstOrDefault(status => status.Ticket == ticket);

    /// <summary>What to do about an order to compact.</summary>
    /// <param name="isPrimary">Whether the member is primary now.</param>
    /// <param name="whyInvalid">Why the engine cannot carry the order out, whatever its units; empty if it can.</param>
    /// <param name="whyNot">Why a unit cannot be compacted here; empty if it can.</param>
    public CompactionAdmission Admit(CompactUnits order, bool isPrimary, string whyInvalid, Func<StorageUnit, string> whyNot)
    {
        if (Find(order.Ticket) is { } status)
        {
            return new CompactionAdmission.Known(status);
        }

        // Another member may be compacting by now.
        if (All.Select(known => known.Ticket).Concat(Latest).FirstOrDefault(other => IsSame(other, order.Ticket) && order.Ticket.IsOvertakenBy(other)) is { } later)
        {
            return new CompactionAdmission.Refused(
                RefusalCode.WrongState, $"step {later.Step}, attempt {later.Attempt} of the same run came after this order");
        }

        if (order.Units.Count == 0)
        {
            return new CompactionAdmission.Refused(RefusalCode.Invalid, "no unit is named");
        }

        if (whyInvalid.Length > 0)
        {
            return new CompactionAdmission.Refused(RefusalCode.Invalid, whyInvalid);
        }

        if (Running.Count >= Most)
        {
            var busy = Running[0].Ticket;
            return new CompactionAdmission.Refused(
                RefusalCode.Busy, $"run {busy.RunId}, step {busy.Step}, attempt {busy.Attempt} is running; wait for it or cancel it");
        }

        if (isPrimary && !order.Settings.Force)
        {
            return new CompactionAdmission.Refused(
                RefusalCode.WrongState, "this member is primary; step it down first, or order the compaction with force");
        }

        var against = order.Units.Select(whyNot).Where(reason => reason.Length > 0).ToList();
        return against.Count > 0
            ? new CompactionAdmission.Refused(RefusalCode.NotFound, string.Join("; ", against))
            : new CompactionAdmission.Start(new CompactionRunning(
                order.Ticket, new CompactionProgress(order.Units[0].Path, "waiting", 0, 0, order.Units.Count, 0, 0)));
    }

    /// <summary>An order is about to be started.</summary>
    /// <param name="kept">Of how many runs the last ticket is remembered.</param>
    public CompactionLedger Begin(CompactionTicket ticket, int kept)
    {
        var latest = Latest.RemoveAll(other => IsSame(other, ticket)).Add(ticket);
        return this with { Latest = latest.RemoveRange(0, Math.Max(0, latest.Count - kept)) };
    }

    /// <summary>The order is at work, or its progress changed. A status of another ticket changes nothing.</summary>
    public CompactionLedger With(CompactionRunning running) =>
        Running.Count == 0 || Running[0].Ticket == running.Ticket ? this with { Running = [running] } : this;

    /// <summary>The same, whatever else is at work.</summary>
    public CompactionLedger Beside(CompactionRunning running) => this with
    {
        Running = Running.FindIndex(known => known.Ticket == running.Ticket) is >= 0 and var at ? Running.SetItem(at, running) : Running.Add(running),
    };

    /// <summary>The order at work has ended.</summary>
    /// <param name="kept">How many ended ones are remembered.</param>
    public CompactionLedger Finish(CompactionStatus ended, int kept)
    {
        var finished = Finished.RemoveAll(status => status.Ticket == ended.Ticket).Add(ended);
        return this with
        {
            Running = Running.RemoveAll(running => running.Ticket == ended.Ticket),
            Finished = finished.RemoveRange(0, Math.Max(0, finished.Count - kept)),
        };
    }

    private bool IsSame(CompactionTicket one, CompactionTicket other) => one.RunId == other.RunId && (!IsShared || one.Step == other.Step);
}

/// <summary>What to do about an order to compact.</summary>
public abstract record CompactionAdmission
{
    private CompactionAdmission()
    {
    }

    public sealed record Known(CompactionStatus Status) : CompactionAdmission;

    public sealed record Start(CompactionRunning Status) : CompactionAdmission;

    public sealed record Refused(RefusalCode Code, string Reason) : CompactionAdmission;
}
