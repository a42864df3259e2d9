using Akka.Actor;
using Akka.Event;
using Orchestrator.Core.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Pulls another member's feed: as a secondary from the primary, as an appointee from the promiser that is ahead.</summary>
/// <param name="anew">What happens when this member has lost changes, or has another history.</param>
internal sealed class FeedFollower(ICollection collection, CollectionAccess access, IFeedClient feeds, CopyAnew anew)
{
    private const int RefetchBatch = 100;

    // Of the source that is pulled from. Read by storage work that may still wait in the lane when the duty has changed.
    private long _generation;
    private IActorRef _replicator = ActorRefs.Nobody;
    private Storage.Feed.FeedPosition _target = Storage.Feed.FeedPosition.Empty;
    private string _problem = "";

    /// <summary>Changes that the source has and this member has not, as far as is known.</summary>
    public long Lag { get; private set; }

    /// <summary>Whether it hears from its source, and can take over what that has.</summary>
    public bool HasProblem => _problem.Length > 0;

    public bool HasCaughtUpOnce { get; private set; }

    public DateTimeOffset CaughtUpAt { get; private set; } = collection.Now;

    public bool IsRollingBack { get; private set; }

    /// <summary>What the primary says that every member has on disk.</summary>
    public long HeldByAllThrough { get; private set; }

    public void OnPulled(Pulled message) => IfCurrent(message.Generation, () => Take(message.Answer));

    public void OnVersionsFetched(VersionsFetched message) => IfCurrent(message.Generation, () => Take(message.Versions));

    public void OnPullFailed(PullFailed message) => IfCurrent(message.Generation, () =>
    {
        if (message.Reason != _problem)
        {
            collection.Log.Info("{0}: cannot pull: {1}", collection.Name, message.Reason);
            _problem = message.Reason;
        }

        collection.Report();
    });

    /// <summary>What is still to come of the source counts no more.</summary>
    public void Stop()
    {
        Interlocked.Increment(ref _generation);
        _target = Storage.Feed.FeedPosition.Empty;
        _problem = "";
        if (!_replicator.Equals(ActorRefs.Nobody))
        {
            collection.Context.Stop(_replicator);
            _replicator = ActorRefs.Nobody;
        }
    }

    /// <summary>Pulls what the duty says, unless it does already.</summary>
    public void Begin()
    {
        if (!_replicator.Equals(ActorRefs.Nobody) || access.IsOffline || anew.IsOrdered)
        {
            return;
        }

        switch (collection.Duty)
        {
            case CollectionDuty.Follow follow:
                StartReplicator(follow.Appointment.PrimaryAddress, follow.Term);
                break;
            case CollectionDuty.CatchUp catchUp when Source(catchUp.Appointment) is { } source:
                _target = new Storage.Feed.FeedPosition(source.Position.Term, source.Position.Sequence);
                StartReplicator(source.Address, catchUp.Term);
                break;
            case CollectionDuty.Lead:
                Lag = 0;
                HasCaughtUpOnce = true;
                break;
        }
    }

    private void IfCurrent(long answered, Action act)
    {
        if (answered == _generation)
        {
            act();
        }
    }

    private CatchUpSource? Source(Appointment appointment) => appointment.CatchUp.FirstOrDefault(source =>
        source.Position.Database == collection.Name.Database
        && source.Position.Collection == CollectionDirectory.NameOf(collection.Name.Collection, collection.Incarnation));

    private void StartReplicator(string address, long term)
    {
        var source = new ReplicationSource(_generation, address, term, collection.Incarnation);
        _replicator = collection.Context.ActorOf(ReplicatorActor.Props(collection.Name, source, collection.Options, feeds), $"replicator-{_generation}");
        PullOn();
    }

    /// <summary>Asks for whatever is missing next: documents to fetch again after a roll-back first, else the feed.</summary>
    private void PullOn()
    {
        var store = collection.Store;
        if (store.Feed.PendingRefetchCount > 0)
        {
            _replicator.Tell(new FetchVersions(store.Feed.PendingRefetch(RefetchBatch)));
        }
        else if (collection.Duty is CollectionDuty.CatchUp && store.IsComplete && store.Position.CompareTo(_target) >= 0)
        {
            Stop();
        }
        else
        {
            _replicator.Tell(NextPull());
        }
    }

    /// <summary>
    /// Pieces of the feed are kept from where the last one ended; but only the position, where they are whole, is confirmed,
    /// and not even that while documents are missing. Those are there at the feed's end, even if nothing is written.
    /// </summary>
    private PullAfter NextPull()
    {
        var (store, feed) = (collection.Store, collection.Store.Feed);
        return store.IsComplete
            ? new PullAfter(feed.ReceivedThrough, anew.IsLost ? 0 : store.Position.Seq, Waits: true)
            {
                Checksum = feed.ReceivedThrough == store.Position ? feed.HistoryChecksum : null,
            }
            : new PullAfter(feed.ReceivedThrough, 0, Waits: false);
    }

    private void PullAgainLater() => _replicator.Tell(new PullAgainLater(NextPull()));

    private void Take(DataReply answer)
    {
        var (store, duty) = (collection.Store, collection.Duty);
        switch (answer)
        {
            // Only those who act in the same term may add to this history, or have it cut.
            case ChangesRead read when read.Term != duty.Term:
            case HistoryParted other when other.Term != duty.Term:
                PullAgainLater();
                break;
            case ChangesRead or HistoryParted when anew.BeginIfLost():
                break;
            case HistoryParted { Difference.Length: > 0 } other:
                Stop();
                anew.OnDifference(other.Difference);
                break;
            case ChangesRead read:
                if (duty is CollectionDuty.Follow follow)
                {
                    collection.Node.Tell(new MemberContacted(follow.Appointment.Primary, follow.Term));
                }

                HeldByAllThrough = read.HeldByAllThrough;
                Apply(read.Batch);
                break;
            case HistoryParted when store.Feed.ReceivedThrough != store.Position:
                BeginRoundAnew();
                break;
            case HistoryParted parted when parted.CommonSequence < store.Position.Seq:
                RollBack(parted.CommonSequence);
                break;
            default:
                collection.Log.Warning("{0}: the source names no place where the histories differ before {1}", collection.Name, store.Position);
                PullAgainLater();
                break;
        }
    }

    private void Apply(ChangeBatch batch)
    {
        var (mine, store) = (_generation, collection.Store);
        collection.Lane.Run(
            () => Interlocked.Read(ref _generation) == mine ? store.Feed.Apply(batch).Position : store.Position,
            position => IfCurrent(mine, () => Applied(batch, position)),
            error => IfCurrent(mine, () => ApplyFailed(error, batch.Last.Seq)));
    }

    /// <summary>Where the pieces that are kept part from the source's feed says nothing of where this member's own does.</summary>
    private void BeginRoundAnew() => Run(store => store.Feed.DropReceivedChanges());

    private void Take(IReadOnlyList<FetchedVersion> versions) => Run(store =>
    {
        foreach (var version in versions)
        {
            store.Feed.CompleteRefetch(version.Id, version.Change.Count == 0 ? null : version.Change[0]);
        }
    });

    /// <summary>Storage work after which the next thing is pulled.</summary>
    private void Run(Action<CollectionStore> work)
    {
        var (mine, store) = (_generation, collection.Store);
        collection.Lane.Run(
            () =>
            {
                work(store);
                return true;
            },
            _ => IfCurrent(mine, PullOn),
            error => IfCurrent(mine, () => ApplyFailed(error)));
    }

    private void Applied(ChangeBatch batch, Storage.Feed.FeedPosition position)
    {
        _problem = "";
        Lag = Math.Max(0, batch.Last.Seq - position.Seq);
        if (Lag == 0)
        {
            CaughtUpAt = collection.Now;
            HasCaughtUpOnce = true;
        }

        PullOn();
    }

    /// <param name="end">Where the primary's feed ends, as far as is known.</param>
    private void ApplyFailed(Exception error, long end = 0)
    {
        switch (error)
        {
            case ResyncRequiredException:
                collection.Log.Warning("{0}: was away for too long and is copied again: {1}", collection.Name, error.Message);
                RollBack(0);
                return;
            case DifferentHistoryException:
                Stop();
                anew.OnDifference(error.Message);
                return;
            case CorruptFileException:
                // The same piece would fail in the same way: only a new copy helps, which an operator orders.
                Stop();
                collection.Fail($"cannot take over the primary's changes: {error.Message}", error);
                return;
        }

        Lag = Math.Max(Lag, end - collection.Store.Position.Seq);
        if (error.Message != _problem)
        {
            collection.Log.Warning("{0}: a piece of the primary's feed cannot be applied: {1}", collection.Name, error.Message);
            _problem = error.Message;
        }

        collection.Report();
        PullAgainLater();
    }

    private void RollBack(long afterSequence)
    {
        var (mine, store) = (_generation, collection.Store);
        IsRollingBack = true;
        HasCaughtUpOnce = false;
        collection.Report();
        collection.Lane.Run(
            () => store.Feed.RollBack(afterSequence),
            result =>
            {
                IsRollingBack = false;
                collection.Log.Warning(
                    "{0}: {1} changes after {2} are not the primary's; they are saved in {3}", collection.Name, result.DroppedRows, afterSequence, result.SavedFile ?? "(none)");
                IfCurrent(mine, PullOn);
            },
            error =>
            {
                IsRollingBack = false;
                collection.Log.Error(error, "{0}: cannot roll back to {1}", collection.Name, afterSequence);
                IfCurrent(mine, error is CorruptFileException ? () => ApplyFailed(error) : PullAgainLater);
            });
    }
}
