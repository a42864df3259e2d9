using Akka.Actor;
using Akka.Event;
using Akka.Persistence.Storage;

namespace Akka.Persistence;

/// <summary>
/// An actor whose state is the fold of the events it has persisted. When it starts or restarts it is sent, in this order
/// and before any command, the latest snapshot as <see cref="SnapshotOffer"/>, every event after it, and
/// <see cref="RecoveryCompleted"/>. Between <see cref="Persist{TEvent}"/> and its handler no command is handled. When an
/// event cannot be stored, or the history not be read, the actor stops: its state may no longer be that of its journal.
/// </summary>
public abstract partial class Eventsourced : ActorBase, IWithUnboundedStash
{
    private PersistencePlugins? _plugins;
    private ILoggingAdapter? _log;

    /// <summary>Creates the actor; it recovers once it is started.</summary>
    private protected Eventsourced()
    {
        _internalStash = Cell.CreateStash();
        _userStash = new PersistentStash(Cell.CreateStash(), _internalStash);
    }

    /// <summary>Names the actor's history in the journal; unique among all actors that use the journal, and never changed.</summary>
    public abstract string PersistenceId { get; }

    /// <summary>What to recover. By default the latest snapshot and every event after it.</summary>
    public virtual Recovery Recovery => Recovery.Default;

    /// <summary>Configuration path of the journal; empty takes <c>akka.persistence.journal.plugin</c>.</summary>
    public string JournalPluginId { get; set; } = "";

    /// <summary>Configuration path of the snapshot store; empty takes <c>akka.persistence.snapshot-store.plugin</c>.</summary>
    internal string SnapshotPluginId { get; set; } = "";

    /// <summary>The id under which snapshots are stored: the persistence id.</summary>
    internal string SnapshotterId => PersistenceId;

    /// <summary>Commands the actor cannot handle yet. What it gives back is handled before the commands that wait for a write.</summary>
    public IStash Stash
    {
        get => _userStash;
        set => _userStash = new PersistentStash(value, _internalStash);
    }

    /// <summary>True until all events are replayed; false while <see cref="RecoveryCompleted"/> is handled.</summary>
    public bool IsRecovering { get; private set; } = true;

    /// <summary>The opposite of <see cref="IsRecovering"/>.</summary>
    public bool IsRecoveryFinished => !IsRecovering;

    /// <summary>Sequence number of the event that was handled last; 0 before the first one.</summary>
    public long LastSequenceNr { get; private set; }

    /// <summary>The sequence number that a snapshot taken now gets.</summary>
    internal long SnapshotSequenceNr => LastSequenceNr;

    /// <summary>The log of this actor.</summary>
    private protected virtual ILoggingAdapter Log => _log ??= Context.GetLogger();

    /// <summary>
    /// Stores an event; the handler is run with it when it is stored, with the sender of the command, before any other command.
    /// </summary>
    /// <exception cref="InvalidOperationException">The actor is recovering.</exception>
    public void Persist<TEvent>(TEvent @event, Action<TEvent> handler) => Add([@event], handler, stashes: true);

    /// <summary>Stores events all or not at all; the handler is run for each of them, in order, before any other command.</summary>
    /// <exception cref="InvalidOperationException">The actor is recovering.</exception>
    public void PersistAll<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler) => Add([.. events], handler, stashes: true);

    /// <summary>Stores an event while further commands are handled; handlers run in the order of their events.</summary>
    /// <exception cref="InvalidOperationException">The actor is recovering.</exception>
    public void PersistAsync<TEvent>(TEvent @event, Action<TEvent> handler) => Add([@event], handler, stashes: false);

    /// <summary>Stores events all or not at all, while further commands are handled.</summary>
    /// <exception cref="InvalidOperationException">The actor is recovering.</exception>
    public void PersistAllAsync<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler) => Add([.. events], handler, stashes: false);

    /// <summary>
    /// Runs the handler after those of all events handed over before it, without storing anything; at once when there are none.
    /// </summary>
    /// <exception cref="InvalidOperationException">The actor is recovering.</exception>
    public void DeferAsync<TEvent>(TEvent evt, Action<TEvent> handler)
    {
        ThrowWhileRecovering();
        if (_pendingHandlers.Count == 0)
        {
            handler(evt);
            return;
        }
        _pendingHandlers.Enqueue(new PendingHandler(stored => handler((TEvent)stored), Stashes: false));
        _collected.Add(new EntryGroup([new WriteEntry(evt!, 0, Sender)], Deferred: true));
    }

    /// <summary>
    /// Stores a snapshot of the state after the event <see cref="LastSequenceNr"/>. The actor goes on, and is told
    /// <see cref="SaveSnapshotSuccess"/> or <see cref="SaveSnapshotFailure"/>.
    /// </summary>
    public void SaveSnapshot(object snapshot)
    {
        var metadata = new SnapshotMetadata(SnapshotterId, SnapshotSequenceNr, Plugins.UtcNow);
        Report(Plugins.Snapshots.SaveAsync(metadata, snapshot), new SaveSnapshotSuccess(metadata), error => new SaveSnapshotFailure(metadata, error));
    }

    /// <summary>
    /// Deletes the events up to and including the sequence number; the actor is told <see cref="DeleteMessagesSuccess"/> or
    /// <see cref="DeleteMessagesFailure"/>. Only events that were handled can be deleted; <see cref="long.MaxValue"/> means all of them.
    /// </summary>
    public void DeleteMessages(long toSequenceNr)
    {
        if (toSequenceNr > LastSequenceNr && toSequenceNr != long.MaxValue)
        {
            var error = new ArgumentOutOfRangeException(
                nameof(toSequenceNr), $"Cannot delete up to {toSequenceNr}: the last event of '{PersistenceId}' is {LastSequenceNr}.");
            Self.Tell(new DeleteMessagesFailure(error, toSequenceNr), Self);
            return;
        }
        var deleted = Plugins.Journal.DeleteToAsync(PersistenceId, Math.Min(toSequenceNr, LastSequenceNr));
        Report(deleted, new DeleteMessagesSuccess(toSequenceNr), error => new DeleteMessagesFailure(error, toSequenceNr));
    }

    /// <summary>Deletes a snapshot; the actor is told <see cref="DeleteSnapshotSuccess"/> or <see cref="DeleteSnapshotFailure"/>.</summary>
    public void DeleteSnapshot(long sequenceNr)
    {
        var metadata = new SnapshotMetadata(SnapshotterId, sequenceNr);
        Report(Plugins.Snapshots.DeleteAsync(metadata), new DeleteSnapshotSuccess(metadata), error => new DeleteSnapshotFailure(metadata, error));
    }

    /// <summary>Deletes snapshots; the actor is told <see cref="DeleteSnapshotsSuccess"/> or <see cref="DeleteSnapshotsFailure"/>.</summary>
    public void DeleteSnapshots(SnapshotSelectionCriteria criteria)
    {
        var deleted = Plugins.Snapshots.DeleteMatchingAsync(SnapshotterId, criteria);
        Report(deleted, new DeleteSnapshotsSuccess(criteria), error => new DeleteSnapshotsFailure(criteria, error));
    }

    /// <summary>Handles a snapshot offer, an event or <see cref="RecoveryCompleted"/>; false when it does not know it.</summary>
    protected abstract bool ReceiveRecover(object message);

    /// <summary>Handles a command; false when it does not know it.</summary>
    protected abstract bool ReceiveCommand(object message);

    /// <summary>Called before the actor stops because an event could not be stored. Logs by default.</summary>
    protected virtual void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Log.Error(
            cause, "Failed to persist event type [{0}] with sequence number [{1}] for persistenceId [{2}]; the actor stops.",
            @event.GetType(), sequenceNr, PersistenceId);

    /// <summary>Called when an event was refused before it was stored; its handler is not run and the actor goes on. Logs by default.</summary>
    protected virtual void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        Log.Error(
            cause, "Rejected to persist event type [{0}] with sequence number [{1}] for persistenceId [{2}].",
            @event.GetType(), sequenceNr, PersistenceId);

    /// <summary>
    /// Called before the actor stops because its history could not be read or, then with <paramref name="message"/>, a handler
    /// failed on it. Logs by default.
    /// </summary>
    protected virtual void OnRecoveryFailure(Exception reason, object? message = null)
    {
        if (message is null)
        {
            Log.Error(reason, "Recovery of persistenceId [{0}] failed after sequence number [{1}]; the actor stops.", PersistenceId, LastSequenceNr);
        }
        else
        {
            Log.Error(
                reason, "Recovery of persistenceId [{0}] failed on [{1}] with sequence number [{2}]; the actor stops.",
                PersistenceId, message.GetType(), LastSequenceNr);
        }
    }

    /// <summary>Called when all events were replayed, before <see cref="RecoveryCompleted"/> is handled.</summary>
    private protected virtual void OnReplaySuccess()
    {
    }

    /// <inheritdoc />
    protected override void Unhandled(object message)
    {
        switch (message)
        {
            case RecoveryCompleted:
                break;
            case SaveSnapshotFailure failure:
                Log.Warning(failure.Cause, "Failed to save {0}.", failure.Metadata);
                break;
            case DeleteSnapshotFailure failure:
                Log.Warning(failure.Cause, "Failed to delete {0}.", failure.Metadata);
                break;
            case DeleteSnapshotsFailure failure:
                Log.Warning(failure.Cause, "Failed to delete snapshots of {0} by {1}.", PersistenceId, failure.Criteria);
                break;
            case DeleteMessagesFailure failure:
                Log.Warning(failure.Cause, "Failed to delete events of {0} up to {1}.", PersistenceId, failure.ToSequenceNr);
                break;
            default:
                base.Unhandled(message);
                break;
        }
    }

    private PersistencePlugins Plugins =>
        _plugins ??= PersistenceRuntime.Get(Context.System).Plugins(JournalPluginId, SnapshotPluginId);

    /// <summary>Tells the actor how a request to a store ended.</summary>
    private void Report(Task request, object success, Func<Exception, object> failure)
    {
        var self = Self;
        _ = request.ContinueWith(
            ended => self.Tell(ended.IsCompletedSuccessfully ? success : failure(ended.Exception!.GetBaseException()), ActorRefs.NoSender),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void ThrowWhileRecovering()
    {
        if (IsRecovering)
        {
            throw new InvalidOperationException(
                $"'{PersistenceId}' cannot persist while it recovers; events can be persisted from {nameof(RecoveryCompleted)} on.");
        }
    }
}
