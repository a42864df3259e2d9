using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Who ordered what, and what came of it.</content>
internal sealed partial class SupervisorActor
{
    /// <summary>An order that a node hands over later than this says when it was given.</summary>
    private static readonly TimeSpan ToldLate = TimeSpan.FromSeconds(30);

    // Entries of one message are numbered before the first of them is stored.
    private long lastAudit;

    private void ReceiveAudit()
    {
        ReceiveAuditSegments();
        Command<RecordOrder>(OnRecordOrder);
        Command<OrderAnswered>(OnOrderAnswered);
    }

    /// <summary>A node sends what was ordered of it until it hears that it is stored, so the same may come several times.</summary>
    private void OnRecordOrder(RecordOrder order)
    {
        var sender = Sender;
        if (state.HasNoted(order))
        {
            sender.Tell(new OrderRecorded(order.Number));
            return;
        }

        var given = order.Book.Length > 0 && Now - order.At > ToldLate ? $"given at {order.At:u}, when no supervisor could note it" : "";
        var entry = NextEntry(order.By, order.Action, order.Cluster, order.Subject, Joined(order.Detail, given), order.Refusal);
        var book = new NodeOrdersNoted(order.Cluster, order.Subject, order.Book, order.Number, order.At, Now);
        PersistAll<SupervisorEvent>(order.Book.Length > 0 ? [entry, book] : [entry], stored =>
        {
            state = state.Apply(stored);
            if (stored is NodeOrdersNoted)
            {
                sender.Tell(new OrderRecorded(order.Number));
            }
        });
    }

    /// <summary>Stores an entry for an order that was followed.</summary>
    /// <param name="cluster">Empty for everywhere.</param>
    private void Audit(string by, string action, string cluster, string subject, string detail) =>
        Audit(by, action, cluster, subject, detail, refusal: "", then: () => { });

    /// <summary>Stores an entry, then goes on.</summary>
    /// <param name="refusal">Why the order was refused; empty if it was followed.</param>
    private void Audit(string by, string action, string cluster, string subject, string detail, string refusal, Action then) =>
        Store(NextEntry(by, action, cluster, subject, detail, refusal), then);

    private AuditRecorded NextEntry(string by, string action, string cluster, string subject, string detail, string refusal)
    {
        lastAudit = Math.Max(lastAudit, state.Audit.Last);
        var entry = (state.Audit with { Last = lastAudit++ }).Next(Now, by, action, cluster, subject, detail, refusal);
        return new AuditRecorded(entry, entry.At);
    }

    /// <summary>Passes an answer on once the entry is stored that says whether the order was followed.</summary>
    private void OnOrderAnswered(OrderAnswered answered)
    {
        var (order, sender, answer) = answered;
        var refused = answer as RequestFailed;
        if (order.OnlyRefusals && refused is null)
        {
            sender.Tell(answer);
            return;
        }

        var detail = answer switch
        {
            ResyncBegun begun => Joined(order.Detail, $"the former files are in {begun.KeptIn}"),
            IndexesCleanedUp cleaned => Joined(order.Detail, $"removed {cleaned.Files.Count} files, {Core.ByteText.Of(cleaned.BytesFreed)}"),
            _ => order.Detail,
        };
        Audit(order.By, order.Action, order.Cluster, order.Subject, detail, refused?.Message ?? "", then: () => sender.Tell(answer));
    }

    /// <summary>Has an order carried out by somebody who answers later, and records what came of it before the sender learns of it.</summary>
    private void Audited(AuditedOrder order, Task<object> answer)
    {
        var sender = Sender;
        answer.PipeTo(
            Self,
            Self,
            given => new OrderAnswered(order, sender, given),
            error => new OrderAnswered(order, sender, new RequestFailed(FailureCode.Unavailable, $"no answer: {error.Message}", "")));
    }

    private AuditedOrder Describe(IRunControl control)
    {
        var (action, detail) = control switch
        {
            PauseRun pause => ("pause-run", pause.Reason),
            ResumeRun => ("resume-run", ""),
            CancelRun cancel => ("cancel-run", cancel.Reason),
            ApproveRun => ("approve-run", ""),
            ThrottleRun throttle => ("throttle-run", throttle.MaxBytesPerSecond == 0
                ? "unlimited"
                : $"{Core.ByteText.Of(throttle.MaxBytesPerSecond)}/s"),
            _ => (control.GetType().Name, ""),
        };
        return new AuditedOrder(control.By, action, state.Find(control.RunId)?.Cluster ?? "", control.RunId, detail);
    }

    private static string Joined(params string[] parts) => string.Join("; ", parts.Where(part => part.Length > 0));

    /// <param name="OnlyRefusals">The entry for an order that is followed is stored elsewhere.</param>
    private sealed record AuditedOrder(string By, string Action, string Cluster, string Subject, string Detail, bool OnlyRefusals = false);

    private sealed record OrderAnswered(AuditedOrder Order, IActorRef Sender, object Answer) : LocalMessage;
}
