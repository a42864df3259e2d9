using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Nodes;

/// <content>Pulling another member's feed: as a secondary from the primary, as an appointee from the promiser that is ahead.</content>
internal sealed partial class CollectionActor
{
    private const int RefetchBatch = 100;

    // Read by storage work that may still wait in the lane when the duty has changed.
    private long generation;
    private IActorRef replicator = ActorRefs.Nobody;
    private Storage.Feed.FeedPosition target = Storage.Feed.FeedPosition.Empty;
    private bool caughtUpOnce;
    private bool rollingBack;
    private long lag;
    private long heldByAllThrough;
    private string pullProblem = "";
    private DateTimeOffset caughtUpAt;

    private void ReceiveReplication()
    {
        Receive<Pulled>(message => IfCurrent(message.Generation, () => OnPulled(message.Answer)));
        Receive<VersionsFetched>(message => IfCurrent(message.Generation, () => OnVersionsFetched(message.Versions)));
        Receive<PullFailed>(message => IfCurrent(message.Generation, () => OnPullFailed(message.Reason)));
    }

    private void IfCurrent(long answered, Action act)
    {
        if (answered == generation)
        {
            act();
        }
    }

    private void StopPulling()
    {
        Interlocked.Increment(ref generation);
        target = Storage.Feed.FeedPosition.Empty;
        pullProblem = "";
        if (!replicator.Equals(ActorRefs.Nobody))
        {
            Context.Stop(replicator);
            replicator = ActorRefs.Nobody;
        }
    }

    private void BeginPulling()
    {
        if (!replicator.Equals(ActorRefs.Nobody) || offline || resyncing)
        {
            return;
        }

        switch (duty)
        {
            case CollectionDuty.Follow follow:
                StartReplicator(follow.Appointment.PrimaryAddress, follow.Term);
                break;
            case CollectionDuty.CatchUp catchUp when Source(catchUp.Appointment) is { } source:
                target = new Storage.Feed.FeedPosition(source.Position.Term, source.Position.Sequence);
                StartReplicator(source.Address, catchUp.Term);
                break;
            case CollectionDuty.Lead:
                lag = 0;
                caughtUpOnce = true;
                break;
        }
    }

    private CatchUpSource? Source(Appointment appointment) => appointment.CatchUp.FirstOrDefault(source =>
        source.Position.Database == name.Database && source.Position.Collection == CollectionDirectory.NameOf(name.Collection, incarnation));

    private void StartReplicator(string address, long term)
    {
        var source = new ReplicationSource(generation, address, term, incarnation);
        replicator = Context.ActorOf(ReplicatorActor.Props(name, source, options, feeds), $"replicator-{generation}");
        PullOn();
    }

    /// <summary>Asks for whatever is missing next: documents to fetch again after a roll-back first, else the feed.</summary>
    private void PullOn()
    {
        if (store.Feed.PendingRefetchCount > 0)
        {
            replicator.Tell(new FetchVersions(store.Feed.PendingRefetch(RefetchBatch)));
        }
        else if (duty is CollectionDuty.CatchUp && store.IsComplete && store.Position.CompareTo(target) >= 0)
        {
            StopPulling();
        }
        else
        {
            replicator.Tell(NextPull());
        }
    }

    /// <summary>
    /// Pieces of the feed are kept from where the last one ended; but only the position, where they are whole, is confirmed,
    /// and not even that while documents are missing. Those are there at the feed's end, even if nothing is written.
    /// </summary>
    private PullAfter NextPull() => store.IsComplete
        ? new PullAfter(store.Feed.ReceivedThrough, lost ? 0 : store.Position.Seq, Waits: true)
        {
            Checksum = store.Feed.ReceivedThrough == store.Position ? store.Feed.HistoryChecksum : null,
        }
        : new PullAfter(store.Feed.ReceivedThrough, 0, Waits: false);

    private void OnPulled(DataReply answer)
    {
        switch (answer)
        {
            // Only those who act in the same term may add to this history, or have it cut.
            case ChangesRead read when read.Term != duty.Term:
            case HistoryParted other when other.Term != duty.Term:
                replicator.Tell(new PullAgainLater(NextPull()));
                break;
            case ChangesRead or HistoryParted when CopiesAnewIfLost():
                break;
            case HistoryParted { Difference.Length: > 0 } other:
                OnDifference(other.Difference);
                break;
            case ChangesRead read:
                if (duty is CollectionDuty.Follow follow)
                {
                    node.Tell(new MemberContacted(follow.Appointment.Primary, follow.Term));
                }

                heldByAllThrough = read.HeldByAllThrough;
                ApplyBatch(read.Batch);
                break;
            case HistoryParted when store.Feed.ReceivedThrough != store.Position:
                BeginRoundAnew();
                break;
            case HistoryParted parted when parted.CommonSequence < store.Position.Seq:
                RollBack(parted.CommonSequence);
                break;
            default:
                log.Warning("{0}: the source names no place where the histories differ before {1}", name, store.Position);
                replicator.Tell(new PullAgainLater(NextPull()));
                break;
        }
    }

    private void ApplyBatch(ChangeBatch batch)
    {
        var mine = generation;
        lane.Run(
            () => Interlocked.Read(ref generation) == mine ? store.Feed.Apply(batch).Position : store.Position,
            position => IfCurrent(mine, () => Applied(batch, position)),
            error => IfCurrent(mine, () => ApplyFailed(error, batch.Last.Seq)));
    }

    /// <summary>Where the pieces that are kept part from the source's feed says nothing of where this member's own does.</summary>
    private void BeginRoundAnew()
    {
        var mine = generation;
        lane.Run(() => { store.Feed.DropReceivedChanges(); return true; }, _ => IfCurrent(mine, PullOn), error => IfCurrent(mine, () => ApplyFailed(error)));
    }

    private void Applied(ChangeBatch batch, Storage.Feed.FeedPosition position)
    {
        pullProblem = "";
        lag = Math.Max(0, batch.Last.Seq - position.Seq);
        if (lag == 0)
        {
            caughtUpAt = Now;
            caughtUpOnce = true;
        }

        PullOn();
    }

    /// <param name="end">Where the primary's feed ends, as far as is known.</param>
    private void ApplyFailed(Exception error, long end = 0)
    {
        switch (error)
        {
            case ResyncRequiredException:
                log.Warning("{0}: was away for too long and is copied again: {1}", name, error.Message);
                RollBack(0);
                return;
            case DifferentHistoryException:
                OnDifference(error.Message);
                return;
            case CorruptFileException:
                // The same piece would fail in the same way: only a new copy helps, which an operator orders.
                StopPulling();
                Failed($"cannot take over the primary's changes: {error.Message}", error);
                return;
        }

        lag = Math.Max(lag, end - store.Position.Seq);
        if (error.Message != pullProblem)
        {
            log.Warning("{0}: a piece of the primary's feed cannot be applied: {1}", name, error.Message);
            pullProblem = error.Message;
        }

        Report();
        replicator.Tell(new PullAgainLater(NextPull()));
    }

    private void RollBack(long afterSequence)
    {
        var mine = generation;
        rollingBack = true;
        caughtUpOnce = false;
        Report();
        lane.Run(
            () => store.Feed.RollBack(afterSequence),
            result =>
            {
                rollingBack = false;
                log.Warning("{0}: {1} changes after {2} are not the primary's; they are saved in {3}", name, result.DroppedRows, afterSequence, result.SavedFile ?? "(none)");
                IfCurrent(mine, PullOn);
            },
            error =>
            {
                rollingBack = false;
                log.Error(error, "{0}: cannot roll back to {1}", name, afterSequence);
                IfCurrent(mine, () => replicator.Tell(new PullAgainLater(NextPull())));
            });
    }

    private void OnVersionsFetched(IReadOnlyList<FetchedVersion> versions)
    {
        var mine = generation;
        lane.Run(
            () => CompleteRefetch(versions),
            _ => IfCurrent(mine, PullOn),
            error => IfCurrent(mine, () => ApplyFailed(error)));
    }

    private bool CompleteRefetch(IReadOnlyList<FetchedVersion> versions)
    {
        foreach (var version in versions)
        {
            store.Feed.CompleteRefetch(version.Id, version.Change.Count == 0 ? null : version.Change[0]);
        }

        return true;
    }

    private void OnPullFailed(string reason)
    {
        if (reason != pullProblem)
        {
            log.Info("{0}: cannot pull: {1}", name, reason);
            pullProblem = reason;
        }

        Report();
    }

    /// <summary>The last change that every member has on disk, as far as is known here.</summary>
    private long HeldByAllThrough() => duty is CollectionDuty.Lead && confirmations is { } known
        ? Math.Min(known.HeldByAllThrough, store.Position.Seq)
        : Math.Min(heldByAllThrough, store.Position.Seq);
}
