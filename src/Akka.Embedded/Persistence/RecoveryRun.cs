using Akka.Actor;
using Akka.Persistence.Storage;

namespace Akka.Persistence;

/// <summary>
/// Reads what one incarnation of an actor recovers from, off the actor's thread, and hands it over as messages. At most
/// <see cref="PagesInFlight"/> pages wait in the mailbox, so that a long history never is in memory as a whole.
/// </summary>
internal sealed class RecoveryRun
{
    private const int PagesInFlight = 2;

    private readonly Eventsourced _owner;
    private readonly IActorRef _self;
    private readonly string _persistenceId;
    private readonly Recovery _recovery;
    private readonly PersistencePlugins _plugins;
    private readonly CancellationTokenSource _cancellation = new();

    public RecoveryRun(Eventsourced owner, IActorRef self, Recovery recovery, PersistencePlugins plugins)
    {
        _owner = owner;
        _self = self;
        _persistenceId = owner.PersistenceId;
        _recovery = recovery;
        _plugins = plugins;
    }

    /// <summary>Starts reading; exactly one of <see cref="ReplayFinished"/> and <see cref="RecoveryFailed"/> ends it, unless it is cancelled.</summary>
    public void Start() => _ = Task.Run(RunAsync);

    /// <summary>Stops reading; further signals are not sent.</summary>
    public void Cancel() => _cancellation.Cancel();

    private async Task RunAsync()
    {
        try
        {
            await _plugins.RecoveryPermits.WaitAsync(_cancellation.Token).ConfigureAwait(false);
            try
            {
                await RecoverAsync().ConfigureAwait(false);
            }
            finally
            {
                _plugins.RecoveryPermits.Release();
            }
        }
        catch (Exception error)
        {
            if (!_cancellation.IsCancellationRequested)
            {
                _self.Tell(new RecoveryFailed(_owner, error), ActorRefs.NoSender);
            }
        }
    }

    private async Task RecoverAsync()
    {
        var from = await OfferSnapshotAsync().ConfigureAwait(false) + 1;
        var highest = await InTime(_plugins.Journal.ReadHighestSequenceNrAsync(_persistenceId, _cancellation.Token)).ConfigureAwait(false);
        var to = Math.Min(_recovery.ToSequenceNr, highest);
        if (from <= to)
        {
            await ReplayAsync(from, to).ConfigureAwait(false);
        }
        _self.Tell(new ReplayFinished(_owner, highest), ActorRefs.NoSender);
    }

    private async Task ReplayAsync(long from, long to)
    {
        var pages = _plugins.Journal.ReplayAsync(_persistenceId, from, to, _recovery.ReplayMax, _cancellation.Token)
            .GetAsyncEnumerator(_cancellation.Token);
        var waiting = new Queue<Task>();
        var next = pages.MoveNextAsync().AsTask();
        try
        {
            while (await InTime(next).ConfigureAwait(false))
            {
                var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _self.Tell(new EventsReplayed(_owner, pages.Current, handled), ActorRefs.NoSender);
                waiting.Enqueue(handled.Task);
                if (waiting.Count >= PagesInFlight)
                {
                    await waiting.Dequeue().WaitAsync(_cancellation.Token).ConfigureAwait(false);
                }
                next = pages.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            // A read that does not end cannot be disposed of; it holds nothing open that outlives it.
            if (next.IsCompleted)
            {
                await pages.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>The sequence number of the snapshot, 0 without one.</summary>
    private async Task<long> OfferSnapshotAsync()
    {
        var criteria = _recovery.FromSnapshot.Limit(_recovery.ToSequenceNr);
        if (criteria.MaxSequenceNr <= 0)
        {
            return 0;
        }
        var snapshot = await InTime(_plugins.Snapshots.LoadAsync(_persistenceId, criteria, _cancellation.Token)).ConfigureAwait(false);
        if (snapshot is null)
        {
            return 0;
        }
        _self.Tell(new SnapshotLoaded(_owner, snapshot), ActorRefs.NoSender);
        return snapshot.Metadata.SequenceNr;
    }

    private async Task<T> InTime<T>(Task<T> read)
    {
        try
        {
            return await read.WaitAsync(_plugins.RecoveryEventTimeout, _cancellation.Token).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new RecoveryTimedOutException(
                $"Persistence id '{_persistenceId}': nothing was read for {_plugins.RecoveryEventTimeout.TotalSeconds:0.###} s (recovery-event-timeout).", error);
        }
    }
}
