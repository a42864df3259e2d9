namespace Akka.Persistence;

/// <summary>Which snapshot it is: of which actor, after which event, taken when.</summary>
public sealed class SnapshotMetadata : IEquatable<SnapshotMetadata>
{
    /// <summary>A snapshot without a known time (<see cref="DateTime.MinValue"/>).</summary>
    public SnapshotMetadata(string persistenceId, long sequenceNr)
        : this(persistenceId, sequenceNr, DateTime.MinValue)
    {
    }

    /// <summary>A snapshot of an actor after the event with the sequence number; the time is UTC.</summary>
    public SnapshotMetadata(string persistenceId, long sequenceNr, DateTime timestamp)
    {
        PersistenceId = persistenceId;
        SequenceNr = sequenceNr;
        Timestamp = timestamp;
    }

    /// <summary>Persistence id of the actor.</summary>
    public string PersistenceId { get; }

    /// <summary>Sequence number of the last event that is part of the snapshot; 0 when there was none.</summary>
    public long SequenceNr { get; }

    /// <summary>When it was taken, UTC; <see cref="DateTime.MinValue"/> when unknown.</summary>
    public DateTime Timestamp { get; }

    /// <inheritdoc />
    public bool Equals(SnapshotMetadata? other) =>
        other is not null && PersistenceId == other.PersistenceId && SequenceNr == other.SequenceNr && Timestamp == other.Timestamp;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SnapshotMetadata);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(PersistenceId, SequenceNr, Timestamp);

    /// <inheritdoc />
    public override string ToString() => $"SnapshotMetadata<pid: {PersistenceId}, seqNr: {SequenceNr}, timestamp: {Timestamp:O}>";
}
