using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>
/// Checks of a member's files together with the comparison of the members. That one was ordered, and how it ended, is stored; what is between
/// is done anew by the next reign.
/// </content>
internal sealed partial class SupervisorActor
{
    private const int MaxVerificationsAtWork = 8;

    private readonly Dictionary<string, IActorRef> verificationsAtWork = new(StringComparer.Ordinal);
    private long lastVerification;

    private void ReceiveVerifications()
    {
        Command<StartVerification>(OnStartVerification);
        Command<GetVerification>(request => Answer(request, Sender));
        Command<CancelVerification>(order => Audited(
            new AuditedOrder(order.By, "cancel-verify", order.Cluster, order.Id, ""),
            Kept(order.Cluster, order.Id) switch
            {
                null => Task.FromResult<object>(NoSuchVerification(order.Id)),
                { Ended: { } ended } => Task.FromResult<object>(ended),
                _ => verificationsAtWork[order.Id].Ask<object>(order, options.InventoryTimeout),
            }));
        Command<VerificationEnded>(OnVerificationEnded);
        Command<ListMembersToCompare>(OnListMembersToCompare);
    }

    /// <summary>At the beginning of a reign.</summary>
    private void ResumeVerifications()
    {
        foreach (var kept in state.Verifications.Where(kept => kept.Ended is null))
        {
            log.Info("verification {0} of {1} is begun anew", kept.Begun.Id, kept.Begun.Order.Node);
            Carry(kept.Begun);
        }
    }

    private void OnStartVerification(StartVerification order)
    {
        var refusal = UpkeepRefusal(order.Cluster, order.Node) ?? WithoutVerification(order.Cluster) ?? (state.Verifications.Count(kept => kept.Ended is null) >= MaxVerificationsAtWork
            ? new RequestFailed(FailureCode.Conflict, $"{MaxVerificationsAtWork} verifications are at work already; wait for one", "")
            : null);
        var sender = Sender;
        if (refusal is not null)
        {
            Audit(order.By, "verify", order.Cluster, order.Node, ScopeText(order.Database, order.Collection), refusal.Message, () => sender.Tell(refusal));
            return;
        }

        var begun = new VerificationBegun($"verify-{state.Epoch}-{++lastVerification}", order, Now);
        Store(begun, () =>
        {
            Carry(begun);
            Audit(order.By, "verify", order.Cluster, order.Node, Joined(begun.Id, ScopeText(order.Database, order.Collection)), "", () =>
                Answer(new GetVerification(order.Cluster, begun.Id), sender));
        });
    }

    private RequestFailed? WithoutVerification(string cluster) => watches[cluster].Snapshot(Now).Capabilities.Options.Contains(EngineOptions.Verify)
        ? null
        : new RequestFailed(FailureCode.Invalid, $"{watches[cluster].Definition.Engine} has no verification", "");

    private void Carry(VerificationBegun begun) => verificationsAtWork[begun.Id] = Context.ActorOf(
        VerificationActor.Props(new VerificationTask(begun.Id, begun.Order, begun.At, state.Epoch, Self, options.Time)), begun.Id);

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
                verificationsAtWork[request.Id].Tell(request, sender);
                break;
        }
    }

    private KeptVerification? Kept(string cluster, string id) =>
        state.Verifications.Find(kept => kept.Begun.Id == id && kept.Begun.Order.Cluster == cluster);

    private static RequestFailed NoSuchVerification(string id) => new(
        FailureCode.NotFound, $"there is no verification '{id}'; the last {SupervisorState.MaxVerifications} that have ended are kept", "");

    /// <summary>Until the end is stored, its actor answers.</summary>
    private void OnVerificationEnded(VerificationEnded ended)
    {
        var view = ended.View;
        var actor = Sender;
        Store(new VerificationRecorded(view, Now), () =>
        {
            verificationsAtWork.Remove(view.Id);

            // Not stopped at once: it may have questions before it, which it is to answer.
            actor.Tell(PoisonPill.Instance);
            var outcome = VerificationOutcome.Of(view);
            var failed = view.Phase switch
            {
                VerificationPhase.Failed => "failed: ",
                VerificationPhase.Cancelled => "cancelled: ",
                _ => "",
            };
            Audit(view.By, "verify-ended", view.Cluster, view.Node, Joined(view.Id, ScopeText(view.Database, view.Collection), failed + outcome.Text));
        });
    }

    /// <summary>Not answered before members that were not heard of in this reign would count as unreachable.</summary>
    private void OnListMembersToCompare(ListMembersToCompare request)
    {
        if (!watches.TryGetValue(request.Cluster, out var watch)
            || watch.Definition.ReplicaSets.FirstOrDefault(each => each.Members.Contains(request.Node)) is not { } set)
        {
            Sender.Tell(new MembersToCompare("", [], []));
            return;
        }

        if (Now - reignStartedAt < options.ReplicaSets.UnreachableAfter
            && !set.Members.All(member => nodes.ContainsKey(new NodeKey(request.Cluster, member))))
        {
            return;
        }

        var present = set.Members.Where(member => IsReachable(watch, member)).ToList();
        Sender.Tell(new MembersToCompare(
            state.Sets.GetValueOrDefault(new ReplicaSetKey(request.Cluster, set.Name))?.Primary ?? "",
            present,
            [.. set.Members.Except(present)]));
    }

    private static string ScopeText(string database, string collection) =>
        database.Length == 0 ? "all collections" : collection.Length == 0 ? database : $"{database}/{collection}";
}
