using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Clusters;

/// <summary>
/// Step-downs where the engine elects its primaries: the primary is told to hand its role over, and the order is answered when another
/// member is observed to have it, when the primary refuses, or when its time is over. A plain class on the cluster actor's mailbox.
/// </summary>
internal sealed class PrimaryTransfers(ObservedCluster cluster, ILoggingAdapter log)
{
    private readonly Dictionary<string, Transfer> _transfers = new(StringComparer.Ordinal);

    public void Begin(RequestStepDown request, IActorRef requester, IActorRef self)
    {
        var set = ReplicaSetSnapshot.Of(cluster.Watch.Snapshot(cluster.Now), request.ReplicaSet);
        var (successor, refusal) = ElectedStepDown.Choose(set, request, _transfers.ContainsKey(request.ReplicaSet));
        if (refusal is not null)
        {
            requester.Tell(refusal);
            return;
        }

        var patience = cluster.Task.Options.Compaction.StepDownTimeout;
        _transfers[request.ReplicaSet] = new Transfer(requester, request.ExpectedPrimary, cluster.Now + patience);
        cluster.Members.Find(request.ExpectedPrimary)!
            .Ask<object>(new TransferPrimary(cluster.Task.Epoch, request.ReplicaSet, request.ExpectedPrimary, successor) { Ticket = request.Ticket }, patience)
            .PipeTo(
                self,
                self,
                answer => new TransferAnswered(request.ReplicaSet, answer is CommandRefused refused ? refused.Reason : ""),
                _ => new TransferAnswered(request.ReplicaSet, $"{request.ExpectedPrimary} did not answer"));
    }

    public void Refused(string replicaSet, string reason) => Fail(replicaSet, FailureCode.Refused, _ => reason);

    /// <summary>To be called after each observation: the first other primary completes a transfer.</summary>
    public void NoteObserved(string replicaSet)
    {
        if (!_transfers.TryGetValue(replicaSet, out var transfer)
            || ReplicaSetSnapshot.Of(cluster.Watch.Snapshot(cluster.Now), replicaSet).Primary is not { Length: > 0 } primary
            || primary == transfer.From)
        {
            return;
        }

        _transfers.Remove(replicaSet);
        var term = cluster.Watch.Sightings.Members[primary].Observation.In(replicaSet).Term;
        log.Info("{0}: {1} has taken over from {2} in term {3}", replicaSet, primary, transfer.From, term);
        transfer.Requester.Tell(new StepDownCompleted(replicaSet, transfer.From, primary, term));
    }

    /// <summary>Gives up what has taken too long.</summary>
    public void Expire()
    {
        foreach (var replicaSet in _transfers.Where(entry => entry.Value.Deadline <= cluster.Now).Select(entry => entry.Key).ToList())
        {
            Fail(replicaSet, FailureCode.Unavailable, transfer => $"no other member was seen to take over from {transfer.From} in time");
        }
    }

    private void Fail(string replicaSet, FailureCode code, Func<Transfer, string> reason)
    {
        if (_transfers.Remove(replicaSet, out var transfer))
        {
            transfer.Requester.Tell(new RequestFailed(code, reason(transfer), ""));
        }
    }

    internal sealed record TransferAnswered(string ReplicaSet, string Failure) : LocalMessage;

    private sealed record Transfer(IActorRef Requester, string From, DateTimeOffset Deadline);
}
