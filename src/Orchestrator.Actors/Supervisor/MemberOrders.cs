using Orchestrator.Actors.Clusters;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// Orders to a member or a replica set that are no step of a run: step-down, index cleanup, copying anew. A plain class on the supervisor's
/// mailbox.
/// </summary>
internal sealed class MemberOrders(IReign reign, AuditBook audit)
{
    private static readonly TimeSpan MemberTimeout = TimeSpan.FromMinutes(11);

    /// <summary>Longer than a step-down may take: it waits for a secondary to catch up.</summary>
    private static readonly TimeSpan StepDownPatience = TimeSpan.FromMinutes(5);

    public void OnStepDown(RequestStepDown request)
    {
        var detail = $"{request.ExpectedPrimary} in favour of {(request.To.Length > 0 ? request.To : "the most caught-up member")}";
        audit.Follow(
            new AuditedOrder(request.By, AuditAction.StepDown, request.Cluster, request.ReplicaSet, detail),
            reign.ActorOf(request.Cluster) is null
                ? Task.FromResult<object>(new RequestFailed(
                    FailureCode.NotFound, $"there is no replica set '{request.ReplicaSet}' in a cluster '{request.Cluster}'", ""))
                : reign.Ask(request.Cluster, request, StepDownPatience));
    }

    public void OnIndexCleanup(RequestIndexCleanup request)
    {
        var detail = AuditBook.Joined(ScopeText(request.Database, request.Collection), request.PartialCopies ? "with partial copies" : "");
        var command = new CleanUpIndexes(reign.State.Epoch, request.Database, request.Collection) { PartialCopies = request.PartialCopies };
        audit.Follow(
            new AuditedOrder(request.By, AuditAction.IndexCleanup, request.Cluster, request.Node, detail),
            reign.Ask(request.Cluster, new OrderMember(request.Node, command), MemberTimeout));
    }

    public void OnResync(RequestResync request)
    {
        var detail = AuditBook.Joined(ScopeText(request.Database, request.Collection), request.Reason);
        var command = new ResyncCollection(reign.State.Epoch, request.Database, request.Collection);
        audit.Follow(
            new AuditedOrder(request.By, AuditAction.Resync, request.Cluster, request.Node, detail),
            Holder(request) is { } holder
                ? Task.FromResult<object>(new RequestFailed(
                    FailureCode.Conflict, $"run {holder.RunId} is active on the replica set of {request.Node}; wait for it", holder.RunId))
                : reign.Ask(request.Cluster, new OrderMember(request.Node, command), MemberTimeout));
    }

    public static string ScopeText(string database, string collection) =>
        database.Length == 0 ? "all collections" : collection.Length == 0 ? database : $"{database}/{collection}";

    /// <summary>A member that copies a collection anew is out for its set as one that compacts is: not beside another one.</summary>
    private RegisteredRun? Holder(RequestResync request) => reign.Clusters.TryGetValue(request.Cluster, out var watch)
        ? reign.State.Holder(request.Cluster, watch.Definition.ReplicaSets.Where(set => set.Members.Contains(request.Node)).Select(set => set.Name))
        : null;
}
