using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.External;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>
/// Clusters of other engines: who their members are, and their primaries, which they elect themselves: role, primary and
/// term come from observation, and no term is ever asked for.
/// </content>
internal sealed partial class SupervisorActor
{
    private readonly Dictionary<string, ExternalCluster> externals = new(StringComparer.Ordinal);

    private void ReceiveExternals()
    {
        Command<ClusterDiscovered>(OnDiscovered);
        Command<ClusterNotDiscovered>(OnNotDiscovered);
        Command<TransferAnswered>(OnTransferAnswered);
        Command<ClaimAnswered>(answered => answered.Then(answered.Failure));
    }

    private void StartExternals()
    {
        foreach (var external in externals.Values)
        {
            external.Actor = Context.ActorOf(ExternalClusterActor.Props(external.Engine, options.Time));
        }
    }

    private void ObserveExternals()
    {
        foreach (var node in externals.Values.SelectMany(external => external.Nodes))
        {
            node.Tell(new ObserveNode(state.Epoch), Self);
        }
    }

    private void OnDiscovered(ClusterDiscovered discovered)
    {
        var definition = discovered.Definition;
        var external = externals[definition.Name];
        var watch = watches[definition.Name];
        watch = watch with { Sightings = watch.Sightings.Of(definition) };
        watches[definition.Name] = watch;
        external.Trouble = null;
        external.Nodes = discovered.Nodes;
        var members = watch.Nodes.ToHashSet(StringComparer.Ordinal);
        foreach (var (key, node) in nodes.Where(entry => entry.Key.Cluster == definition.Name && !members.Contains(entry.Key.Node)).ToList())
        {
            nodes.Remove(key);
            nodesByRef.Remove(node);
        }

        ObserveExternals();
    }

    private void OnNotDiscovered(ClusterNotDiscovered failed)
    {
        var external = externals[failed.Cluster];
        if (watches[failed.Cluster].Definition.ReplicaSets.Count == 0)
        {
            external.Trouble = failed.Failure;
            NoteSeen(external);
        }
    }

    /// <summary>After a start, a request waits until the cluster's members have been looked at for the first time.</summary>
    private void WhenSeen<T>(string cluster, T request, Action<T> act)
        where T : notnull
    {
        if (!externals.TryGetValue(cluster, out var external) || (external.IsSeen && external.Trouble is null))
        {
            act(request);
        }
        else if (external.Trouble is { } trouble)
        {
            Sender.Tell(trouble);
        }
        else if (external.Waiting.Count >= ExternalCluster.MaxWaiting)
        {
            Sender.Tell(new RequestFailed(FailureCode.Unavailable, $"{cluster} has not been looked at yet, and {ExternalCluster.MaxWaiting} requests wait for that already", ""));
        }
        else
        {
            external.Waiting.Add((request, Sender));
        }
    }

    private void NoteSeen(ExternalCluster external)
    {
        external.IsSeen = true;
        foreach (var (request, sender) in external.Waiting)
        {
            Self.Tell(request, sender);
        }

        external.Waiting.Clear();
    }

    /// <summary>A member of an external cluster was looked at.</summary>
    private void OnExternalObserved(ExternalCluster external, NodeObservation observation)
    {
        var watch = watches[observation.Cluster];
        if (!external.IsSeen && watch.Nodes.All(watch.Sightings.Members.ContainsKey))
        {
            NoteSeen(external);
        }

        if (external.Transfers.TryGetValue(observation.ReplicaSet, out var transfer)
            && PrimaryOf(watch, observation.ReplicaSet) is { Length: > 0 } primary
            && primary != transfer.From)
        {
            external.Transfers.Remove(observation.ReplicaSet);
            var term = watch.Sightings.Members[primary].Observation.Term;
            log.Info("{0}: {1} has taken over from {2} in term {3}", observation.ReplicaSet, primary, transfer.From, term);
            transfer.Requester.Tell(new StepDownCompleted(observation.ReplicaSet, transfer.From, primary, term));
        }
    }

    private string PrimaryOf(ClusterWatch watch, string replicaSet) => ReplicaSetSnapshot.Of(watch.Snapshot(Now), replicaSet).Primary;

    /// <summary>
    /// A step-down in an engine that elects its primaries: the primary is told to hand its role over, and the order is
    /// answered when another member is observed to have it.
    /// </summary>
    private void TransferPrimary(ExternalCluster external, RequestStepDown request)
    {
        var watch = watches[request.Cluster];
        if (watch.Definition.ReplicaSets.All(known => known.Name != request.ReplicaSet))
        {
            Sender.Tell(new RequestFailed(
                FailureCode.NotFound, $"there is no replica set '{request.ReplicaSet}' in a cluster '{request.Cluster}'", ""));
            return;
        }

        var set = ReplicaSetSnapshot.Of(watch.Snapshot(Now), request.ReplicaSet);
        if (Obstacle(external, set, request) is { } obstacle)
        {
            Sender.Tell(obstacle);
            return;
        }

        var successor = request.To.Length > 0 ? request.To : CaughtUp(set).First();
        external.Transfers[request.ReplicaSet] = new PendingTransfer(Sender, request.ExpectedPrimary, Now + options.Compaction.StepDownTimeout);
        var node = nodes[new NodeKey(request.Cluster, request.ExpectedPrimary)];
        node.Ask<object>(
            new TransferPrimary(state.Epoch, request.ReplicaSet, request.ExpectedPrimary, successor), options.Compaction.StepDownTimeout).PipeTo(
            Self,
            Self,
            answer => new TransferAnswered(request, answer is CommandRefused refused ? refused.Reason : ""),
            _ => new TransferAnswered(request, $"{request.ExpectedPrimary} gave no answer"));
    }

    private static RequestFailed? Obstacle(ExternalCluster external, ReplicaSetSnapshot set, RequestStepDown request)
    {
        foreach (var name in new[] { request.ExpectedPrimary, request.To }.Where(name => name.Length > 0 && !set.Definition.Members.Contains(name)))
        {
            return new RequestFailed(FailureCode.NotFound, $"replica set {request.ReplicaSet} has no member '{name}'; {Core.KnownNames.Of(set.Definition.Members, "it has none")}", "");
        }

        if (external.Transfers.ContainsKey(request.ReplicaSet))
        {
            return new RequestFailed(FailureCode.Conflict, $"{request.ExpectedPrimary} is already stepping down", "");
        }

        if (set.Primary != request.ExpectedPrimary)
        {
            return new RequestFailed(
                FailureCode.Conflict,
                set.Primary.Length == 0
                    ? $"replica set {request.ReplicaSet} has no primary"
                    : $"{request.ExpectedPrimary} is not the primary of {request.ReplicaSet}; {set.Primary} is",
                "");
        }

        var fit = CaughtUp(set);
        if (request.To == set.Primary)
        {
            return new RequestFailed(FailureCode.Invalid, $"{request.To} is the primary itself; name another member", "");
        }

        return request.To.Length > 0 && !fit.Contains(request.To)
            ? new RequestFailed(FailureCode.Refused, $"{request.To} cannot take over: it is {Describe(set.Member(request.To).Observation)}", "")
            : fit.Count == 0
                ? new RequestFailed(FailureCode.Refused, $"no member can take over from {request.ExpectedPrimary}", "")
                : null;
    }

    private static string Describe(NodeObservation seen) => seen.Role == MemberRole.Learner
        ? "a learner"
        : $"{seen.State.ToText()}{(seen.Reason.Length > 0 ? $" ({seen.Reason})" : "")}";

    /// <summary>Members that can take over, the least behind first.</summary>
    private static List<string> CaughtUp(ReplicaSetSnapshot set) =>
    [
        .. set.Members
            .Select(member => member.Observation)
            .Where(seen => seen.Node != set.Primary && seen.Role == MemberRole.Secondary && seen.State == NodeState.Online)
            .OrderBy(seen => seen.Lag.Changes)
            .ThenBy(seen => seen.Node, StringComparer.Ordinal)
            .Select(seen => seen.Node),
    ];

    private void OnTransferAnswered(TransferAnswered answered)
    {
        var external = externals[answered.Request.Cluster];
        if (answered.Failure.Length > 0)
        {
            FailTransfer(external, answered.Request.ReplicaSet, FailureCode.Refused, answered.Failure);
        }
        else
        {
            // The next observation shows the new primary, and only that completes the order.
            ObserveExternals();
        }
    }

    private void ExpireTransfers()
    {
        foreach (var external in externals.Values)
        {
            foreach (var (replicaSet, transfer) in external.Transfers.Where(pending => pending.Value.Deadline <= Now).ToList())
            {
                FailTransfer(external, replicaSet, FailureCode.Unavailable, $"no other member was seen to take over from {transfer.From} in time");
            }
        }
    }

    private static void FailTransfer(ExternalCluster external, string replicaSet, FailureCode code, string reason)
    {
        if (external.Transfers.Remove(replicaSet, out var transfer))
        {
            transfer.Requester.Tell(new RequestFailed(code, reason, ""));
        }
    }

    /// <summary>Keeps other orchestrators away from the cluster before a run on it is registered. Other clusters need no claim.</summary>
    private void WithClaim(string cluster, string runId, IActorRef sender, Action then)
    {
        if (!externals.TryGetValue(cluster, out var external))
        {
            then();
            return;
        }

        external.Actor.Ask<object>(new ClaimCluster(runId), options.InventoryTimeout).PipeTo(
            Self,
            Self,
            answer => new ClaimAnswered(answer as RequestFailed, Continue),
            error => new ClaimAnswered(new RequestFailed(FailureCode.Unavailable, $"{cluster} could not be locked: {error.Message}", ""), Continue));

        void Continue(RequestFailed? failure)
        {
            if (failure is not null)
            {
                sender.Tell(failure);
            }
            else
            {
                then();
            }
        }
    }

    private void ReleaseClaim(string cluster, string runId)
    {
        if (externals.TryGetValue(cluster, out var external))
        {
            external.Actor.Tell(new ReleaseCluster(runId));
        }
    }

    /// <summary>What runs on a cluster are told: external clusters may have a pause of their own between steps.</summary>
    private SupervisorOptions OptionsFor(string cluster) =>
        externals.TryGetValue(cluster, out var external) && external.Engine.Settle is { } settle
            ? options with { Compaction = options.Compaction with { Settle = settle } }
            : options;

    private sealed record TransferAnswered(RequestStepDown Request, string Failure) : LocalMessage;

    private sealed record ClaimAnswered(RequestFailed? Failure, Action<RequestFailed?> Then) : LocalMessage;
}
