namespace Orchestrator.Storage.Compaction;

/// <summary>What can be compacted by itself: a collection's documents, or one index.</summary>
/// <param name="Index">Name of the index, or null for the documents.</param>
public sealed record CompactionUnit(string? Index)
{
    public static CompactionUnit Documents { get; } = new((string?)null);

    public override string ToString() => Index is null ? "documents" : $"index {Index}";
}

/// <summary>How much room a unit's file takes, in bytes.</summary>
/// <param name="FileBytes">Length of the file and its write-ahead log.</param>
/// <param name="DatabaseBytes">All pages of the database: length of the file once the log is copied into it.</param>
/// <param name="LiveBytes">Length that a newly written file with the same content would have.</param>
/// <param name="PhysicalBytes">What the file and its log occupy on disk.</param>
/// <param name="FreeListBytes">Whole pages in the file that hold nothing.</param>
public sealed record UnitSizes(
    CompactionUnit Unit, long FileBytes, long DatabaseBytes, long LiveBytes, long PhysicalBytes, long FreeListBytes)
{
    /// <summary>What a compaction would free; never negative. The log, which comes and goes, does not count.</summary>
    public long ReclaimableBytes => Math.Max(0, DatabaseBytes - LiveBytes);
}

/// <summary>Sizes of a collection: the documents first, then its indexes by name.</summary>
/// <param name="TemporaryBytes">Bytes of partial compaction files.</param>
public sealed record CollectionSizes(IReadOnlyList<UnitSizes> Units, long Documents, long Tombstones, long TemporaryBytes)
{
    /// <summary>Bytes of the live bodies as they are stored.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Bytes of the live bodies when they are not compressed.</summary>
    public long DecodedBytes { get; init; }
}

/// <summary>What compacting one unit would bring and cost.</summary>
/// <param name="FileBytes">Length of the file, without its write-ahead log.</param>
/// <param name="BytesFreed">What the file gets shorter by, or with <c>release</c> gives back; never negative.</param>
/// <param name="TemporaryBytes">Disk needed meanwhile, beyond what a partial copy already has.</param>
/// <param name="Duration">From the speed measured last, or the one assumed.</param>
public sealed record UnitEstimate(
    CompactionUnit Unit, long FileBytes, long BytesFreed, long TemporaryBytes, TimeSpan Duration)
{
    /// <summary>True if documents are to be stored with another compression, of which the effect was measured on some of them.</summary>
    public bool Sampled { get; init; }
}

/// <summary>Stages of a compaction. Each mode has some of them, in this order.</summary>
public enum CompactionStage
{
    /// <summary>Rows in seq order into the new file, in batches, each with its checkpoint.</summary>
    Copy,

    /// <summary>The new file's b-tree over the ids (of an index: over the keys), built in its order.</summary>
    BuildOrder,

    /// <summary>What was written meanwhile.</summary>
    CatchUp,

    /// <summary>SQLite's check of the new file, and that it has what the old one has.</summary>
    Verify,

    /// <summary>The last changes, under a pause of writes.</summary>
    FinalCatchUp,

    /// <summary>The new file takes the old one's place.</summary>
    Swap,

    /// <summary>All units are done.</summary>
    Done,

    /// <summary><c>exclusive</c>: the whole file into a new one, by SQLite.</summary>
    Vacuum,

    /// <summary><c>incremental</c>: the file's tail into free pages, slice by slice.</summary>
    Move,

    /// <summary><c>release</c>: the blocks of free pages go back to the file system.</summary>
    Release,
}

/// <summary>How far a compaction is.</summary>
/// <param name="Unit">Unit in work.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="UnitsDone">Units swapped.</param>
/// <param name="UnitsTotal">Units of the job.</param>
/// <param name="RowsDone">Rows of the stage that are done.</param>
/// <param name="RowsTotal">Rows of the stage.</param>
/// <param name="BytesWritten">Bytes written to new files by this job, not counting earlier, interrupted ones.</param>
/// <param name="BytesPerSecond">Average since the job (or its last interruption) began.</param>
/// <param name="Fraction">0 to 1 over all units and stages; never goes back, also not over an interruption.</param>
/// <param name="LongestWritePause">Longest time so far that this job kept writes waiting.</param>
/// <param name="Remaining">Time still needed at the speed so far; null while that cannot be said.</param>
public sealed record CompactionProgress(
    CompactionUnit Unit,
    CompactionStage Stage,
    int UnitsDone,
    int UnitsTotal,
    long RowsDone,
    long RowsTotal,
    long BytesWritten,
    long BytesPerSecond,
    double Fraction,
    TimeSpan LongestWritePause,
    TimeSpan? Remaining = null);

/// <summary>What compacting one unit brought.</summary>
/// <param name="FileBytesBefore">Length of the file with its write-ahead log (the logical size).</param>
/// <param name="PhysicalBytesBefore">What they occupied on disk.</param>
/// <param name="Rows">Live documents and tombstones, or entries, that the file has now.</param>
/// <param name="WritePause">Longest time that writes waited for it.</param>
public sealed record UnitResult(
    CompactionUnit Unit,
    long FileBytesBefore,
    long FileBytesAfter,
    long PhysicalBytesBefore,
    long PhysicalBytesAfter,
    long Rows,
    long TombstonesDropped,
    TimeSpan WritePause,
    IReadOnlyDictionary<CompactionStage, TimeSpan> StageDurations)
{
    /// <summary>Negative if the file grew because of what was written meanwhile.</summary>
    public long BytesFreed => FileBytesBefore - FileBytesAfter;

    /// <summary>Bytes given back to the file system, also where the file's length stays; negative if there are more now.</summary>
    public long PhysicalBytesFreed => PhysicalBytesBefore - PhysicalBytesAfter;

    /// <summary>Time that was worked on it, in all its stages.</summary>
    public TimeSpan Duration => StageDurations.Values.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage);

    /// <summary>Bytes of the live documents before compression, by those after it; 1 where nothing is compressed.</summary>
    public double CompressionRatio { get; init; } = 1;
}

/// <summary>What a finished compaction brought, in the order of the work.</summary>
public sealed record CompactionResult(IReadOnlyList<UnitResult> Units, TimeSpan Duration)
{
    public long BytesFreed => Units.Sum(unit => unit.BytesFreed);

    public long PhysicalBytesFreed => Units.Sum(unit => unit.PhysicalBytesFreed);

    public TimeSpan LongestWritePause => Units.Count == 0 ? TimeSpan.Zero : Units.Max(unit => unit.WritePause);
}

/// <summary>What <c>FinishUnit</c> did.</summary>
public enum FinishOutcome
{
    /// <summary>The unit is swapped, or must catch up online once more: call <c>RunOnline</c> again.</summary>
    Continue,

    /// <summary>All units are swapped; the job has its result.</summary>
    Done,
}
