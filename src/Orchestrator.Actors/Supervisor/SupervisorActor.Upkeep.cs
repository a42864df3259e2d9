using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Orders to one member that are no step of a run: index cleanup, copying anew.</content>
internal sealed partial class SupervisorActor
{
    private static readonly TimeSpan UpkeepTimeout = TimeSpan.FromMinutes(10);

    private void ReceiveUpkeep()
    {
        Command<RequestIndexCleanup>(request => Upkeep(
            new AuditedOrder(
                request.By,
                "index-cleanup",
                request.Cluster,
                request.Node,
                Joined(ScopeText(request.Database, request.Collection), request.PartialCopies ? "with partial copies" : "")),
            UpkeepRefusal(request.Cluster, request.Node),
            new CleanUpIndexes(state.Epoch, request.Database, request.Collection) { PartialCopies = request.PartialCopies }));
        Command<RequestResync>(request => Upkeep(
            new AuditedOrder(
                request.By, "resync", request.Cluster, request.Node, Joined(ScopeText(request.Database, request.Collection), request.Reason)),
            ResyncRefusal(request) ?? UpkeepRefusal(request.Cluster, request.Node),
            new ResyncCollection(state.Epoch, request.Database, request.Collection)));
    }

    /// <summary>A member that copies a collection anew is out for its set as one that compacts is: not beside another one.</summary>
    private RequestFailed? ResyncRefusal(RequestResync request) =>
        state.Runs.FirstOrDefault(run => run.Active && run.Cluster == request.Cluster && Holds(run, request.Node)) is { } holder
            ? new RequestFailed(FailureCode.Conflict, $"run {holder.RunId} is active on the replica set of {request.Node}; wait for it", holder.RunId)
            : null;

    private bool Holds(RegisteredRun run, string node) =>
        watches.TryGetValue(run.Cluster, out var watch)
        && watch.Definition.ReplicaSets.Any(set => run.ReplicaSets.Contains(set.Name) && set.Members.Contains(node));

    private RequestFailed? UpkeepRefusal(string cluster, string node)
    {
        if (!watches.TryGetValue(cluster, out var watch))
        {
            return NoSuchCluster(cluster);
        }

        if (!watch.Nodes.Contains(node))
        {
            return new RequestFailed(FailureCode.NotFound, $"cluster {cluster} has no node '{node}'; {Core.KnownNames.Of(watch.Nodes, "it has none")}", "");
        }

        return nodes.ContainsKey(new NodeKey(cluster, node)) && IsReachable(watch, node)
            ? null
            : new RequestFailed(FailureCode.Unavailable, $"{node} does not answer", "");
    }

    private void Upkeep(AuditedOrder order, RequestFailed? refusal, INodeCommand command) => Audited(
        order,
        refusal is not null ? Task.FromResult<object>(refusal) : AskNode(nodes[new NodeKey(order.Cluster, order.Subject)], command));

    private static async Task<object> AskNode(IActorRef node, INodeCommand command) =>
        await node.Ask<object>(command, UpkeepTimeout).ConfigureAwait(false) is var answer && answer is CommandRefused refused
            ? ToFailure(refused)
            : answer;

    private static RequestFailed ToFailure(CommandRefused refused) => new(
        refused.Code switch
        {
            RefusalCode.NotFound => FailureCode.NotFound,
            RefusalCode.Invalid => FailureCode.Invalid,
            _ => FailureCode.Conflict,
        },
        $"{refused.Node}: {refused.Reason}",
        "");
}
