namespace Akka.Persistence.Storage;

/// <summary>An event with the sequence number its actor gave it (1 is the first of a persistence id).</summary>
internal readonly record struct NewEvent(long SequenceNr, object Payload);

/// <summary>Events that are stored together or not at all; never empty, sequence numbers ascending.</summary>
internal sealed record AtomicBatch(IReadOnlyList<NewEvent> Events);

/// <summary>
/// What one actor writes at once. <see cref="WriterUuid"/> names the incarnation of the actor, so that an operator can
/// tell two writers of one persistence id apart.
/// </summary>
internal sealed record WriteRequest(string PersistenceId, string WriterUuid, IReadOnlyList<AtomicBatch> Batches);

/// <summary>An event as read back.</summary>
internal readonly record struct RecordedEvent(long SequenceNr, object Payload);

/// <summary>
/// Where the events of persistent actors are kept. Every implementation passes the same contract suite.
/// Calls of one process take effect in the order in which they were made, for one persistence id: a read sees every
/// write that was handed over before it, also one that has not been acknowledged yet. A restarted actor depends on that:
/// writes of its former incarnation may still be on their way.
/// </summary>
internal interface IEventJournal
{
    /// <summary>
    /// Stores the request durably. The result has an entry for each batch, in order: null when it is stored, an exception
    /// when it was rejected (its events cannot be serialized) and the others are stored without it.
    /// The task fails when nothing was stored, or when that is unknown: <see cref="ConflictingWriterException"/> when the
    /// first sequence number is not above the highest one stored, the database's exception when it cannot be reached.
    /// </summary>
    Task<IReadOnlyList<Exception?>> WriteAsync(WriteRequest request);

    /// <summary>The highest sequence number ever stored for the id, also when its event was deleted; 0 when there is none.</summary>
    Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellation);

    /// <summary>
    /// The events that are not deleted with <paramref name="from"/> &lt;= sequence number &lt;= <paramref name="to"/>, at most
    /// <paramref name="max"/>, in order, in pages of bounded size. Nothing is held open between two pages.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<RecordedEvent>> ReplayAsync(
        string persistenceId, long from, long to, long max, CancellationToken cancellation);

    /// <summary>Deletes the events up to and including the sequence number. The highest sequence number stays known.</summary>
    Task DeleteToAsync(string persistenceId, long toSequenceNr);
}

/// <summary>Another actor, here or in another process, has written events of this persistence id in the meantime.</summary>
internal sealed class ConflictingWriterException : InvalidOperationException
{
    public ConflictingWriterException(string persistenceId, long sequenceNr, Exception? cause = null)
        : base($"Persistence id '{persistenceId}': sequence number {sequenceNr} is already taken; another writer is active for this id.", cause)
    {
    }
}
