namespace Akka.Persistence;

/// <summary>What a persistent actor reads back when it starts. The default is the latest snapshot and every event after it.</summary>
public sealed class Recovery
{
    /// <summary>The latest snapshot and every event after it.</summary>
    internal Recovery()
        : this(SnapshotSelectionCriteria.Latest)
    {
    }

    /// <summary>The latest snapshot that meets the criteria and every event after it.</summary>
    internal Recovery(SnapshotSelectionCriteria? fromSnapshot)
        : this(fromSnapshot, long.MaxValue)
    {
    }

    /// <summary>As above, up to and including the sequence number.</summary>
    internal Recovery(SnapshotSelectionCriteria? fromSnapshot, long toSequenceNr)
        : this(fromSnapshot, toSequenceNr, long.MaxValue)
    {
    }

    /// <summary>As above, with at most <paramref name="replayMax"/> events.</summary>
    public Recovery(SnapshotSelectionCriteria? fromSnapshot = null, long toSequenceNr = long.MaxValue, long replayMax = long.MaxValue)
    {
        FromSnapshot = fromSnapshot ?? SnapshotSelectionCriteria.Latest;
        ToSequenceNr = toSequenceNr;
        ReplayMax = replayMax;
    }

    /// <summary>The latest snapshot and every event after it.</summary>
    public static Recovery Default { get; } = new(SnapshotSelectionCriteria.Latest);

    /// <summary>Neither snapshot nor events; only the highest sequence number is read, so that writing can go on after it.</summary>
    public static Recovery None { get; } = new(SnapshotSelectionCriteria.None, 0);

    /// <summary>Which snapshot to start from.</summary>
    internal SnapshotSelectionCriteria FromSnapshot { get; }

    /// <summary>The last sequence number to replay.</summary>
    internal long ToSequenceNr { get; }

    /// <summary>The greatest number of events to replay.</summary>
    internal long ReplayMax { get; }
}

/// <summary>Comes to the recovery handler after the last replayed event, before the first command.</summary>
public sealed class RecoveryCompleted
{
    /// <summary>The only instance.</summary>
    internal static readonly RecoveryCompleted Instance = new();

    private RecoveryCompleted()
    {
    }
}
