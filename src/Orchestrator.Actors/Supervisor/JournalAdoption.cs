using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// A new journal in the place of one that was lost: a new epoch, in the same process, above the one that the members obey. A plain class on
/// the supervisor's mailbox.
/// </summary>
internal sealed class JournalAdoption(IReign reign, AuditBook audit, ClusterBook clusters)
{
    public void OnAdopt(AdoptJournal order)
    {
        var sender = reign.Sender;
        var outranked = reign.Clusters.Where(entry => entry.Value.Outranked.Count > 0).ToList();
        var found = outranked.SelectMany(entry => entry.Value.Outranked.Values).ToList();
        if (Refusal(found) is { } refusal)
        {
            audit.Record(new AuditedOrder(order.By, AuditAction.AdoptJournal, "", "", order.Reason), refusal.Message, () => sender.Tell(refusal));
            return;
        }

        var former = found.Max(one => one.OtherEpoch);
        IReadOnlyList<string> names = [.. outranked.Select(entry => entry.Key).Order(StringComparer.Ordinal)];
        audit.Record(order.By, AuditAction.AdoptJournal, "", "", $"above epoch {former}{(order.Reason.Length > 0 ? $"; {order.Reason}" : "")}");
        reign.Store(new SupervisorStarted(former + 1, clusters.Host, reign.Now), () =>
        {
            clusters.Start();
            reign.Log.Warning(
                "the journal was adopted by {0}: the supervisor now has epoch {1}; members obeyed epoch {2}", order.By, reign.State.Epoch, former);
            sender.Tell(new JournalAdopted(former, reign.State.Epoch, names, Lost()));
        });
    }

    private IReadOnlyList<string> Lost() =>
    [
        $"{(reign.State.Runs.Count == 0 ? "All runs" : "Runs that are not in this journal")}, including a running one: a member that is still compacting for it finishes by itself.",
        "The audit trail before this journal began.",
        "The history of the schedules and the gains that they measured: they start as if nothing had been compacted.",
        "Freezes, holds, pauses and approvals that were in force: set them again if they are still wanted.",
        "Which primaries were appointed: new ones are appointed from what the members have.",
    ];

    private RequestFailed? Refusal(IReadOnlyList<Outranking> found) =>
        found.Count == 0
            ? new RequestFailed(FailureCode.Conflict, "the members obey this supervisor: there is nothing to adopt", "")
            : reign.State.Runs.FirstOrDefault(run => run.Active) is { } run
                ? new RequestFailed(FailureCode.Conflict, $"run {run.RunId} of this journal is active; cancel it first", run.RunId)
                : found.FirstOrDefault(one => one.OtherReigns) is { } reigning
                    ? new RequestFailed(FailureCode.Conflict, reigning.Trouble, "")
                    : null;
}
