using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Checks of a member's files together with the comparison of the members; the last ones can be asked for.</content>
internal sealed partial class SupervisorActor
{
    private const int MaxVerificationsAtWork = 8;
    private const int VerificationsKept = 32;

    // Oldest first.
    private readonly List<(string Id, string Cluster, IActorRef Actor)> verifications = [];
    private readonly HashSet<string> verificationsAtWork = new(StringComparer.Ordinal);
    private long lastVerification;

    private void ReceiveVerifications()
    {
        Command<StartVerification>(OnStartVerification);
        Command<GetVerification>(request => ForwardToVerification(request.Cluster, request.Id, request));
        Command<CancelVerification>(OnCancelVerification);
        Command<VerificationEnded>(OnVerificationEnded);
    }

    private void OnStartVerification(StartVerification order)
    {
        var refusal = UpkeepRefusal(order.Cluster, order.Node) ?? (verificationsAtWork.Count >= MaxVerificationsAtWork
            ? new RequestFailed(FailureCode.Conflict, $"{MaxVerificationsAtWork} verifications are at work already; wait for one", "")
            : null);
        var sender = Sender;
        if (refusal is not null)
        {
            Audit(order.By, "verify", order.Cluster, order.Node, ScopeText(order.Database, order.Collection), refusal.Message, () => sender.Tell(refusal));
            return;
        }

        var watch = watches[order.Cluster];
        var set = watch.Definition.ReplicaSets.First(each => each.Members.Contains(order.Node));
        var members = set.Members
            .Where(member => IsReachable(watch, member) && nodes.ContainsKey(new NodeKey(order.Cluster, member)))
            .ToList();
        var id = $"verify-{state.Epoch}-{++lastVerification}";
        var actor = Context.ActorOf(
            VerificationActor.Props(new VerificationTask(
                id,
                order,
                state.Epoch,
                state.Sets.GetValueOrDefault(new ReplicaSetKey(order.Cluster, set.Name))?.Primary ?? "",
                members,
                [.. set.Members.Where(member => !members.Contains(member))],
                options.Time)),
            id);
        verifications.Add((id, order.Cluster, actor));
        verificationsAtWork.Add(id);
        ForgetVerifications();
        Audit(order.By, "verify", order.Cluster, order.Node, Joined(id, ScopeText(order.Database, order.Collection)), "", () =>
            actor.Tell(new GetVerification(order.Cluster, id), sender));
    }

    private void ForwardToVerification(string cluster, string id, object message)
    {
        if (verifications.Find(each => each.Id == id && each.Cluster == cluster) is { Actor: { } actor })
        {
            actor.Forward(message);
        }
        else
        {
            Sender.Tell(NoSuchVerification(id));
        }
    }

    private static RequestFailed NoSuchVerification(string id) => new(
        FailureCode.NotFound, $"there is no verification '{id}'; a supervisor that takes over knows none of its predecessor's: begin anew", "");

    private void OnCancelVerification(CancelVerification order)
    {
        var found = verifications.Find(each => each.Id == order.Id && each.Cluster == order.Cluster).Actor;
        Audited(
            new AuditedOrder(order.By, "cancel-verify", order.Cluster, order.Id, ""),
            found is null ? Task.FromResult<object>(NoSuchVerification(order.Id)) : found.Ask<object>(order, options.InventoryTimeout));
    }

    private void OnVerificationEnded(VerificationEnded ended)
    {
        var view = ended.View;
        verificationsAtWork.Remove(view.Id);
        Audit(view.By, "verify-ended", view.Cluster, view.Node, Joined(view.Id, ScopeText(view.Database, view.Collection), Result(view)));
    }

    private static string Result(VerificationView view)
    {
        if (view.Phase != VerificationPhase.Completed)
        {
            return $"{(view.Phase == VerificationPhase.Failed ? "failed" : "cancelled")}: {view.Reason}";
        }

        var problems = view.Collections.Sum(collection => collection.Problems.Count);
        var different = view.Comparisons
            .SelectMany(comparison => comparison.Differences)
            .GroupBy(difference => difference.Node, StringComparer.Ordinal)
            .Select(member => $"{member.Key} differs in {Counted(member.Sum(difference => difference.Documents), "document")}")
            .ToList();
        return problems == 0 && different.Count == 0
            ? $"sound, {Counted(view.Collections.Count, "collection")}"
            : string.Join("; ", problems == 0 ? different : [$"{Counted(problems, "problem")} in the files", .. different]);
    }

    private static string Counted(long number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    private static string ScopeText(string database, string collection) =>
        database.Length == 0 ? "all collections" : collection.Length == 0 ? database : $"{database}/{collection}";

    private void ForgetVerifications()
    {
        foreach (var old in verifications.Where(each => !verificationsAtWork.Contains(each.Id)).SkipLast(VerificationsKept).ToList())
        {
            verifications.Remove(old);
            Context.Stop(old.Actor);
        }
    }
}
