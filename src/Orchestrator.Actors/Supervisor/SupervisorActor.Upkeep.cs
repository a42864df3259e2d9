using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Orders to one member that are no step of a run: the check of its files, index cleanup, copying anew.</content>
internal sealed partial class SupervisorActor
{
    private static readonly TimeSpan UpkeepTimeout = TimeSpan.FromHours(6);

    private void ReceiveUpkeep()
    {
        Command<RequestVerify>(request => Upkeep(
            request.Cluster, request.Node, new VerifyCollections(state.Epoch, request.Database, request.Collection)));
        Command<RequestIndexCleanup>(request => Upkeep(
            request.Cluster, request.Node, new CleanUpIndexes(state.Epoch, request.Database, request.Collection)));
        Command<RequestResync>(OnRequestResync);
    }

    /// <summary>A member that copies a collection anew is out for its set as one that compacts is: not beside another one.</summary>
    private void OnRequestResync(RequestResync request)
    {
        if (state.Runs.FirstOrDefault(run => run.Active && run.Cluster == request.Cluster && Holds(run, request.Node)) is { } holder)
        {
            Sender.Tell(new RequestFailed(
                FailureCode.Conflict, $"run {holder.RunId} is active on the replica set of {request.Node}; wait for it", holder.RunId));
            return;
        }

        Upkeep(request.Cluster, request.Node, new ResyncCollection(state.Epoch, request.Database, request.Collection));
    }

    private bool Holds(RegisteredRun run, string node) =>
        watches.TryGetValue(run.Cluster, out var watch)
        && watch.Definition.ReplicaSets.Any(set => run.ReplicaSets.Contains(set.Name) && set.Members.Contains(node));

    private void Upkeep(string cluster, string node, INodeCommand command)
    {
        if (!watches.TryGetValue(cluster, out var watch))
        {
            Sender.Tell(NoSuchCluster(cluster));
        }
        else if (!watch.Nodes.Contains(node))
        {
            Sender.Tell(new RequestFailed(FailureCode.NotFound, $"cluster {cluster} has no node '{node}'", ""));
        }
        else if (!nodes.TryGetValue(new NodeKey(cluster, node), out var actor) || !IsReachable(watch, node))
        {
            Sender.Tell(new RequestFailed(FailureCode.Unavailable, $"{node} does not answer", ""));
        }
        else
        {
            actor.Ask<object>(command, UpkeepTimeout).PipeTo(
                Sender,
                Self,
                answer => answer is CommandRefused refused ? ToFailure(refused) : answer,
                error => new RequestFailed(FailureCode.Unavailable, $"{node} does not answer: {error.Message}", ""));
        }
    }

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
