using Orchestrator.Storage.Files;

namespace Orchestrator.Storage;

/// <summary>How a node stores its collections. The defaults suit documents of 200 bytes to 100 kB.</summary>
public sealed record StorageOptions
{
    public static StorageOptions Default { get; } = new();

    /// <summary>Page size of new files in bytes: a power of two, 4096 to 65536.</summary>
    public int PageSize { get; init; } = 8192;

    /// <summary>Page cache of each connection, in bytes.</summary>
    public long CacheBytes { get; init; } = 8L << 20;

    /// <summary>How much of a file is read through a memory map, in bytes; 0 = no memory map.</summary>
    public long MemoryMapBytes { get; init; } = 256L << 20;

    /// <summary>Most reading connections kept open per file; further readers wait. 1 to 64.</summary>
    public int ReaderConnections { get; init; } = 8;

    /// <summary>The write-ahead log is copied into the file when it is longer than this, in bytes.</summary>
    public long WriteAheadLogBytes { get; init; } = 4L << 20;

    /// <summary>
    /// What a compaction copies in one transaction, in bytes, about: at most this is copied again after a crash. It is not kept in memory.
    /// </summary>
    public long CopyBatchBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Most changes that may be left for the write pause that ends a compaction. With more, the compaction
    /// catches up online again.
    /// </summary>
    public int FinalCatchUpChanges { get; init; } = 256;

    /// <summary>A compaction stops when the disk has less than this left, in bytes; 0 = no limit.</summary>
    public long MinimumFreeDiskBytes { get; init; } = 64L << 20;

    /// <summary>Speed assumed by estimates until a compaction of the collection was measured, in bytes per second.</summary>
    public long AssumedBytesPerSecond { get; init; } = 80L << 20;

    /// <summary>
    /// How long a swap waits for running reads before it gives up for this time, with writes waiting too. The next time it waits
    /// twice as long, up to 100 times this.
    /// </summary>
    public TimeSpan ReaderDrainTimeout { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Most indexes of one collection that are built, or compacted by one compaction, at the same time; never more than there are
    /// processors. 1 to 16; each takes a few megabytes of memory.
    /// </summary>
    public int ParallelIndexes { get; init; } = 2;

    /// <summary>Indexes that may be in work at the same time on this machine.</summary>
    public int IndexWorkers => Math.Clamp(ParallelIndexes, 1, Environment.ProcessorCount);

    /// <summary>An index that lacks more rows than this when the collection is opened is left to be built while it serves.</summary>
    internal long IndexedAtOpening { get; init; } = 10_000;

    /// <summary>
    /// The first copy of a collection is stored piece by piece, and the collection not served meanwhile, if more changes than this are left
    /// after the first piece, or about so many bytes.
    /// </summary>
    internal long FirstCopyChanges { get; init; } = 20_000;

    /// <summary>See <see cref="FirstCopyChanges"/>.</summary>
    internal long FirstCopyBytes { get; init; } = 64L << 20;

    /// <summary>
    /// A round of a source's feed that takes more bytes than this is taken over in transactions of so many, and the collection not served
    /// meanwhile.
    /// </summary>
    internal long PublishedBytes { get; init; } = 64L << 20;

    /// <summary>Removals that are logged for the copy, or the build, of an index before it has to look for them.</summary>
    internal int LoggedRemovals { get; init; } = 1 << 20;

    /// <summary>The layer under all file access that does not go through SQLite.</summary>
    internal FileLayer Files { get; init; } = FileLayer.System;

    /// <summary>Called with the name of each point where a crash is of interest; see <see cref="Compaction.Failpoints"/>.</summary>
    internal Action<string>? Failpoint { get; init; }
}
