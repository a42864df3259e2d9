using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Checks of a member's files together with the comparison of the members. That one was ordered, and how it ended, is stored; what is between
/// is done anew by the next reign. A plain class on the supervisor's mailbox.
/// </summary>
internal sealed class VerificationBook(IReign reign, AuditBook audit)
{
    private const int MaxAtWork = 8;

    private readonly Dictionary<string, IActorRef> _atWork = new(StringComparer.Ordinal);
    private long _last;

    /// <summary>At the beginning of a reign.</summary>
    public void Resume()
    {
        foreach (var kept in reign.State.Verifications.Where(kept => kept.Ended is null))
        {
            reign.Log.Info("verification {0} of {1} starts again", kept.Begun.Id, kept.Begun.Order.Node);
            Carry(kept.Begun);
        }
    }

    public void OnStart(StartVerification order)
    {
        var sender = reign.Sender;
        var scope = MemberOrders.ScopeText(order.Database, order.Collection);
        var audited = new AuditedOrder(order.By, AuditAction.Verify, order.Cluster, order.Node, scope);
        if (Refusal(order) is { } refusal)
        {
            audit.Record(audited, refusal.Message, () => sender.Tell(refusal));
            return;
        }

        var begun = new VerificationBegun($"verify-{reign.State.Epoch}-{++_last}", order, reign.Now);
        reign.Store(begun, () =>
        {
            Carry(begun);
            audit.Record(
                audited with { Detail = AuditBook.Joined(begun.Id, scope) },
                refusal: "",
                then: () => Answer(new GetVerification(order.Cluster, begun.Id), sender));
        });
    }

    public void OnGet(GetVerification request) => Answer(request, reign.Sender);

    public void OnCancel(CancelVerification order) => audit.Follow(
        new AuditedOrder(order.By, AuditAction.CancelVerify, order.Cluster, order.Id, ""),
        Kept(order.Cluster, order.Id) switch
        {
            null => Task.FromResult<object>(NoSuchVerification(order.Id)),
            { Ended: { } ended } => Task.FromResult<object>(ended),
            _ => _atWork[order.Id].Ask<object>(order, reign.Options.InventoryTimeout),
        });

    /// <summary>Until the end is stored, its actor answers.</summary>
    public void OnEnded(VerificationEnded ended)
    {
        var view = ended.View;
        var actor = reign.Sender;
        reign.Store(new VerificationRecorded(view, reign.Now), () =>
        {
            _atWork.Remove(view.Id);

            // Not stopped at once: it may have questions before it, which it is to answer.
            actor.Tell(PoisonPill.Instance);
            var outcome = VerificationOutcome.Of(view);
            var failed = view.Phase switch
            {
                VerificationPhase.Failed => "failed: ",
                VerificationPhase.Cancelled => "cancelled: ",
                _ => "",
            };
            var detail = AuditBook.Joined(view.Id, MemberOrders.ScopeText(view.Database, view.Collection), failed + outcome.Text);
            audit.Record(view.By, AuditAction.VerifyEnded, view.Cluster, view.Node, detail);
        });
    }

    private static RequestFailed NoSuchVerification(string id) => new(
        FailureCode.NotFound, $"there is no verification '{id}'; the last {SupervisorState.MaxVerifications} that have ended are kept", "");

    private RequestFailed? Refusal(StartVerification order)
    {
        if (!reign.Clusters.TryGetValue(order.Cluster, out var watch))
        {
            return reign.NoSuchCluster(order.Cluster);
        }

        if (watch.CapabilitiesOf(order.Node).Find(OptionCheck.Verify) is null)
        {
            return new RequestFailed(FailureCode.Invalid, $"{watch.Definition.Engine} has no verification", "");
        }

        if (watch.Refusal(order.Node) is { } refusal)
        {
            return refusal;
        }

        return reign.State.Verifications.Count(kept => kept.Ended is null) >= MaxAtWork
            ? new RequestFailed(FailureCode.Conflict, $"{MaxAtWork} verifications are already running; wait for one", "")
            : null;
    }

    private void Carry(VerificationBegun begun) => _atWork[begun.Id] = reign.Context.ActorOf(
        VerificationActor.Props(new VerificationTask(begun.Id, begun.Order, begun.At, reign.State.Epoch, reign.Self, reign.Options.Time)), begun.Id);

    private void Answer(GetVerification request, IActorRef sender)
    {
        switch (Kept(request.Cluster, request.Id))
        {
            case null:
                sender.Tell(NoSuchVerification(request.Id));
                break;
            case { Ended: { } ended }:
                sender.Tell(ended);
                break;
            default:
                _atWork[request.Id].Tell(request, sender);
                break;
        }
    }

    private KeptVerification? Kept(string cluster, string id) =>
        reign.State.Verifications.Find(kept => kept.Begun.Id == id && kept.Begun.Order.Cluster == cluster);
}
