using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>Who ordered what, and what came of it. A plain class on the supervisor's mailbox.</summary>
internal sealed class AuditBook(IReign reign)
{
    /// <summary>An order that a node hands over later than this says when it was given.</summary>
    private static readonly TimeSpan ToldLate = TimeSpan.FromSeconds(30);

    // Entries of one message are numbered before the first of them is stored.
    private long _last;

    /// <summary>A node sends what was ordered of it until it hears that it is stored, so the same may come several times.</summary>
    public void OnRecordOrder(RecordOrder order)
    {
        var sender = reign.Sender;
        if (reign.State.HasNoted(order))
        {
            sender.Tell(new OrderRecorded(order.Number));
            return;
        }

        var given = order.Book.Length > 0 && reign.Now - order.At > ToldLate ? $"given at {order.At:u}, when no supervisor could record it" : "";
        var entry = Next(order.By, order.Action, order.Cluster, order.Subject, Joined(order.Detail, given), order.Refusal);
        if (order.Book.Length == 0)
        {
            reign.Store(entry, () => { });
            return;
        }

        var book = new NodeOrdersNoted(order.Cluster, order.Subject, order.Book, order.Number, order.At, reign.Now);
        reign.Store([entry, book], () => sender.Tell(new OrderRecorded(order.Number)));
    }

    /// <summary>Stores an entry for an order that was followed.</summary>
    /// <param name="cluster">Empty for everywhere.</param>
    public void Record(string by, AuditAction action, string cluster, string subject, string detail) =>
        Record(new AuditedOrder(by, action, cluster, subject, detail), refusal: "", then: () => { });

    /// <summary>Stores an entry, then goes on.</summary>
    /// <param name="refusal">Why the order was refused; empty if it was followed.</param>
    public void Record(AuditedOrder order, string refusal, Action then) =>
        reign.Store(Next(order.By, order.Action.ToText(), order.Cluster, order.Subject, order.Detail, refusal), then);

    /// <summary>The next entry, to be stored by the caller.</summary>
    public AuditRecorded Next(string by, string action, string cluster, string subject, string detail, string refusal)
    {
        _last = Math.Max(_last, reign.State.Audit.Last);
        var entry = (reign.State.Audit with { Last = _last++ }).Next(reign.Now, by, action, cluster, subject, detail, refusal);
        return new AuditRecorded(entry, entry.At);
    }

    /// <summary>Records what came of an order that somebody else carries out, and only then passes the answer on to the sender.</summary>
    public void Follow(AuditedOrder order, Task<object> answer)
    {
        var sender = reign.Sender;
        reign.Await(answer, given => Answer(order, sender, given));
    }

    public static string Joined(params string[] parts) => string.Join("; ", parts.Where(part => part.Length > 0));

    private void Answer(AuditedOrder order, IActorRef sender, object answer)
    {
        var refused = answer as RequestFailed;
        if (order.OnlyRefusals && refused is null)
        {
            sender.Tell(answer);
            return;
        }

        var detail = answer switch
        {
            ResyncBegun begun => Joined(order.Detail, $"the old files are in {begun.KeptIn}"),
            IndexesCleanedUp cleaned => Joined(order.Detail, $"removed {cleaned.Files.Count} files, {Core.ByteText.Of(cleaned.BytesFreed)}"),
            _ => order.Detail,
        };
        Record(order with { Detail = detail }, refused?.Message ?? "", () => sender.Tell(answer));
    }
}

/// <summary>An order as the audit trail has it.</summary>
/// <param name="Cluster">Empty for everywhere.</param>
/// <param name="OnlyRefusals">The entry for an order that is followed is stored elsewhere.</param>
internal sealed record AuditedOrder(string By, AuditAction Action, string Cluster, string Subject, string Detail, bool OnlyRefusals = false);
