namespace Akka.Persistence;

/// <summary>Bounds, all inclusive, on the sequence number and the time of snapshots.</summary>
public sealed class SnapshotSelectionCriteria
{
    /// <summary>Snapshots of any time up to the sequence number.</summary>
    public SnapshotSelectionCriteria(long maxSequenceNr)
        : this(maxSequenceNr, DateTime.MaxValue)
    {
    }

    /// <summary>Snapshots within the bounds; times are UTC, no lower time means all.</summary>
    public SnapshotSelectionCriteria(long maxSequenceNr, DateTime maxTimeStamp, long minSequenceNr = 0, DateTime? minTimestamp = null)
    {
        MaxSequenceNr = maxSequenceNr;
        MaxTimeStamp = maxTimeStamp;
        MinSequenceNr = minSequenceNr;
        MinTimestamp = minTimestamp ?? DateTime.MinValue;
    }

    /// <summary>Any snapshot; where one is wanted, the latest.</summary>
    public static SnapshotSelectionCriteria Latest { get; } = new(long.MaxValue, DateTime.MaxValue);

    /// <summary>No snapshot.</summary>
    public static SnapshotSelectionCriteria None { get; } = new(0, DateTime.MinValue);

    /// <summary>Highest sequence number.</summary>
    public long MaxSequenceNr { get; }

    /// <summary>Latest time, UTC.</summary>
    internal DateTime MaxTimeStamp { get; }

    /// <summary>Lowest sequence number.</summary>
    internal long MinSequenceNr { get; }

    /// <summary>Earliest time, UTC.</summary>
    internal DateTime? MinTimestamp { get; }

    /// <inheritdoc />
    public override string ToString() =>
        $"SnapshotSelectionCriteria<maxSeqNr: {MaxSequenceNr}, maxTimestamp: {MaxTimeStamp:O}, minSeqNr: {MinSequenceNr}, minTimestamp: {MinTimestamp:O}>";

    internal bool Matches(SnapshotMetadata metadata) =>
        metadata.SequenceNr >= MinSequenceNr && metadata.SequenceNr <= MaxSequenceNr
        && metadata.Timestamp <= MaxTimeStamp && metadata.Timestamp >= (MinTimestamp ?? DateTime.MinValue);

    internal SnapshotSelectionCriteria Limit(long toSequenceNr) =>
        toSequenceNr < MaxSequenceNr ? new SnapshotSelectionCriteria(toSequenceNr, MaxTimeStamp, MinSequenceNr, MinTimestamp) : this;
}
