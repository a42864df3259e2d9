using Akka.Actor;
using Akka.Event;
using Akka.Persistence.Storage;

namespace Akka.Persistence;

/// <summary>
/// What the machinery of a persistent actor tells the actor itself. A restarted actor has the same mailbox, so each signal
/// names the incarnation it is meant for; others ignore it.
/// </summary>
internal abstract record PersistenceSignal(Eventsourced Owner) : IDeadLetterSuppression, INotInfluenceReceiveTimeout, INoSerializationVerificationNeeded;

/// <summary>The snapshot to start from.</summary>
internal sealed record SnapshotLoaded(Eventsourced Owner, StoredSnapshot Snapshot) : PersistenceSignal(Owner);

/// <summary>Events to replay. The reader waits for <see cref="Handled"/> before it hands over much more.</summary>
internal sealed record EventsReplayed(Eventsourced Owner, IReadOnlyList<RecordedEvent> Events, TaskCompletionSource Handled) : PersistenceSignal(Owner);

/// <summary>All events were replayed; writing goes on after the highest sequence number.</summary>
internal sealed record ReplayFinished(Eventsourced Owner, long HighestSequenceNr) : PersistenceSignal(Owner);

/// <summary>Snapshot or events could not be read.</summary>
internal sealed record RecoveryFailed(Eventsourced Owner, Exception Cause) : PersistenceSignal(Owner);

/// <summary>The write on its way has ended and its entries were signalled; the next one may start.</summary>
internal sealed record WriteFinished(Eventsourced Owner) : PersistenceSignal(Owner);

/// <summary>An event is stored, or the turn of a deferred one has come. The sender is that of the command.</summary>
internal sealed record EntryDone(Eventsourced Owner, WriteEntry Entry) : PersistenceSignal(Owner);

/// <summary>An event was refused before it was stored.</summary>
internal sealed record EntryRejected(Eventsourced Owner, WriteEntry Entry, Exception Cause) : PersistenceSignal(Owner);

/// <summary>The write failed; nothing of it may be assumed to be stored.</summary>
internal sealed record WriteFailed(Eventsourced Owner, WriteEntry First, Exception Cause) : PersistenceSignal(Owner);

/// <summary>An event on its way to the journal; a deferred one (<see cref="SequenceNr"/> 0) only keeps its place in the order.</summary>
internal sealed record WriteEntry(object Event, long SequenceNr, IActorRef Sender);

/// <summary>A handler that waits for its event. While one with <see cref="Stashes"/> waits, no command is handled.</summary>
internal sealed record PendingHandler(Action<object> Handler, bool Stashes);
