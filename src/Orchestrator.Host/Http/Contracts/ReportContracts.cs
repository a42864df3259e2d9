namespace Orchestrator.Host.Http.Contracts;

/// <summary>The storage report of a cluster: every node, database, collection and index with its sizes.</summary>
/// <param name="Missing">Configured nodes that did not answer in time.</param>
public sealed record ReportDto(string Cluster, DateTimeOffset TakenAt, IReadOnlyList<NodeReportDto> Nodes, IReadOnlyList<string> Missing)
{
    /// <summary>Each database over all nodes; absent where the engine tells no more of them than of their parts.</summary>
    public IReadOnlyList<DatabaseTotalDto>? Databases { get; init; }
}

/// <summary>A database over all nodes that answered.</summary>
/// <param name="Copies">How many copies of its shards are counted.</param>
/// <param name="Data">Sum over these copies, without views.</param>
/// <param name="Views">How many views it has.</param>
/// <param name="ViewSize">Sum over their indexes on all nodes, as far as they are told node by node.</param>
public sealed record DatabaseTotalDto(string Database, int Copies, SizeDto Data, int Views, SizeDto ViewSize);

/// <param name="Size">All that it stores: the sum over its databases where its engine tells their sizes.</param>
/// <param name="Databases">Empty where its engine compacts whole members.</param>
public sealed record NodeReportDto(string Node, SizeDto Size, IReadOnlyList<DatabaseReportDto> Databases, DateTimeOffset TakenAt)
{
    /// <summary>The last compaction of the member as a whole; absent where none is remembered.</summary>
    public LastCompactionDto? LastCompaction { get; init; }
}

/// <param name="Size">Sum over its collections, where its engine tells their sizes.</param>
public sealed record DatabaseReportDto(string Database, SizeDto Size, IReadOnlyList<CollectionReportDto> Collections)
{
    /// <summary>Views and indexes of the whole database; absent where each belongs to a collection or a shard range.</summary>
    public IReadOnlyList<IndexReportDto>? Indexes { get; init; }

    /// <summary>Why the database is not compacted whatever it would free; absent where it may be.</summary>
    public string? LeftOut { get; init; }

    /// <summary>The last compaction of the database as a whole; absent where none is remembered.</summary>
    public LastCompactionDto? LastCompaction { get; init; }
}

/// <param name="Collection">Name of the collection, or of the shard range of which the member has a copy.</param>
/// <param name="Size">Sum over its documents and indexes.</param>
/// <param name="Documents">Sizes of the documents alone.</param>
public sealed record CollectionReportDto(string Collection, SizeDto Size, SizeDto Documents, IReadOnlyList<IndexReportDto> Indexes)
{
    /// <summary>Both names as people write them: <c>database/collection</c> or <c>database@range</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary>Why its documents are not compacted whatever that would free; absent where they may be.</summary>
    public string? LeftOut { get; init; }

    /// <summary>The last compaction of its documents; absent where none is remembered.</summary>
    public LastCompactionDto? LastCompaction { get; init; }
}

/// <summary>Sizes of one index or view.</summary>
public sealed record IndexReportDto(string Index, SizeDto Size)
{
    /// <summary>Why it is not compacted whatever that would free; absent where it may be.</summary>
    public string? LeftOut { get; init; }

    /// <summary>Its last compaction; absent where none is remembered.</summary>
    public LastCompactionDto? LastCompaction { get; init; }
}

/// <summary>Sizes in bytes.</summary>
/// <param name="FileBytes">Length of the files, the write-ahead log included.</param>
/// <param name="LiveBytes">What the same live data would take in fresh files.</param>
/// <param name="PhysicalBytes">Blocks that the file system holds for the files.</param>
/// <param name="ReclaimableBytes">What a compaction is expected to free.</param>
/// <param name="Fragmentation">Reclaimable share of the files, 0 to 1.</param>
public sealed record SizeDto(long FileBytes, long LiveBytes, long PhysicalBytes, long ReclaimableBytes, double Fragmentation)
{
    /// <summary>True where <c>reclaimableBytes</c> is about right only: a part of it was measured on some of the documents. Else absent.</summary>
    public bool? Sampled { get; init; }

    /// <summary>What the documents take uncompressed; absent where the engine does not tell it.</summary>
    public long? ExternalBytes { get; init; }

    /// <summary>How many indexes nothing uses any more, though their files are still there; absent where the engine does not tell it.</summary>
    public int? StaleIndexes { get; init; }

    /// <summary>What the engine tells beyond the numbers, or why it cannot tell one; absent for nothing.</summary>
    public string? Note { get; init; }
}
