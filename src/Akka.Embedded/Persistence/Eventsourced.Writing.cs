using Akka.Actor;
using Akka.Persistence.Storage;

namespace Akka.Persistence;

public abstract partial class Eventsourced
{
    // Handlers in the order of their events; the first belongs to the event whose signal comes next.
    private readonly Queue<PendingHandler> _pendingHandlers = new();

    // What handlers persisted and no write contains yet. One write is on its way at most, so that after a failed one
    // no later event is stored; meanwhile this grows and becomes one larger write.
    private readonly List<EntryGroup> _collected = [];

    private readonly string _writerUuid = WriterIds.Next();
    private int _stashingHandlers;
    private long _lastAssigned;
    private bool _writing;

    /// <summary>Events that are stored together, or a deferred one.</summary>
    private sealed record EntryGroup(List<WriteEntry> Entries, bool Deferred);

    private void Add<TEvent>(List<TEvent> events, Action<TEvent> handler, bool stashes)
    {
        ThrowWhileRecovering();
        if (events.Count == 0)
        {
            return;
        }
        foreach (var @event in events)
        {
            ArgumentNullException.ThrowIfNull(@event);
        }
        var pending = new PendingHandler(stored => handler((TEvent)stored), stashes);
        var entries = new List<WriteEntry>(events.Count);
        foreach (var @event in events)
        {
            entries.Add(new WriteEntry(@event!, ++_lastAssigned, Sender));
            _pendingHandlers.Enqueue(pending);
        }
        _stashingHandlers += stashes ? events.Count : 0;
        _collected.Add(new EntryGroup(entries, Deferred: false));
    }

    private void WriteCollected()
    {
        if (_writing || _collected.Count == 0)
        {
            return;
        }
        var groups = _collected.ToArray();
        _collected.Clear();
        var stored = groups.Where(group => !group.Deferred).ToList();
        if (stored.Count == 0)
        {
            // Only deferred events. They wait for handlers whose signals are in the mailbox already.
            Publish(groups, [], Self);
            return;
        }
        _writing = true;
        var request = new WriteRequest(PersistenceId, _writerUuid, [.. stored.Select(ToBatch)]);
        _ = AwaitWrite(Plugins.Journal.WriteAsync(request), groups, stored, Self);
    }

    private static AtomicBatch ToBatch(EntryGroup group) =>
        new([.. group.Entries.Select(entry => new NewEvent(entry.SequenceNr, entry.Event))]);

    /// <summary>Runs off the actor: touches nothing of it.</summary>
    private async Task AwaitWrite(Task<IReadOnlyList<Exception?>> write, EntryGroup[] groups, List<EntryGroup> stored, IActorRef self)
    {
        try
        {
            var rejections = await write.ConfigureAwait(false);
            var rejected = new Dictionary<EntryGroup, Exception>(ReferenceEqualityComparer.Instance);
            for (var i = 0; i < stored.Count; i++)
            {
                if (rejections[i] is { } cause)
                {
                    rejected.Add(stored[i], cause);
                }
            }
            Publish(groups, rejected, self);
            // Last, because it starts the next write: its signals must not overtake those above.
            self.Tell(new WriteFinished(this), ActorRefs.NoSender);
        }
        catch (Exception error)
        {
            var first = stored[0].Entries[0];
            self.Tell(new WriteFailed(this, first, error), first.Sender);
        }
    }

    private void Publish(EntryGroup[] groups, Dictionary<EntryGroup, Exception> rejected, IActorRef self)
    {
        foreach (var group in groups)
        {
            var cause = rejected.GetValueOrDefault(group);
            foreach (var entry in group.Entries)
            {
                PersistenceSignal signal = cause is null ? new EntryDone(this, entry) : new EntryRejected(this, entry, cause);
                self.Tell(signal, entry.Sender);
            }
        }
    }

    private void HandleWriteSignal(PersistenceSignal signal)
    {
        switch (signal)
        {
            case WriteFinished:
                _writing = false;
                WriteCollected();
                break;
            case EntryDone { Entry: var entry }:
                if (entry.SequenceNr > 0)
                {
                    LastSequenceNr = entry.SequenceNr;
                }
                EndEntry(pending => pending.Handler(entry.Event));
                break;
            case EntryRejected { Entry: var entry, Cause: var cause }:
                LastSequenceNr = entry.SequenceNr;
                EndEntry(_ => OnPersistRejected(cause, entry.Event, entry.SequenceNr));
                break;
            case WriteFailed { First: var first, Cause: var cause }:
                try
                {
                    OnPersistFailure(cause, first.Event, first.SequenceNr);
                }
                finally
                {
                    Context.Stop(Self);
                }
                break;
            default:
                throw new InvalidOperationException($"Unknown signal {signal.GetType().Name}.");
        }
    }

    /// <summary>The handler leaves the queue after it ran: what it defers comes after it.</summary>
    private void EndEntry(Action<PendingHandler> end)
    {
        var pending = _pendingHandlers.Peek();
        var failed = true;
        try
        {
            end(pending);
            failed = false;
        }
        finally
        {
            _pendingHandlers.Dequeue();
            _stashingHandlers -= pending.Stashes ? 1 : 0;
            AfterHandler(failed);
        }
    }
}
