using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// Changes the copying rate of a compaction while it runs. Answered with its <see cref="CompactionStatus"/>; a compaction that
/// has ended is answered with how it ended.
/// </summary>
/// <param name="MaxBytesPerSecond">The new limit; 0 is unlimited, a lower one than the engine's least is raised to that.</param>
public sealed record ThrottleCompaction(long Epoch, CompactionTicket Ticket, long MaxBytesPerSecond) : INodeCommand;

/// <summary>
/// Stops a compaction at its next checkpoint and keeps what it has copied: it ends as <see cref="CompactionPaused"/>, and a
/// later ticket for the same units goes on from there. Answered with its <see cref="CompactionStatus"/>.
/// </summary>
public sealed record PauseCompaction(long Epoch, CompactionTicket Ticket) : INodeCommand;

/// <summary>
/// Puts a member's copy of a collection aside and copies everything anew from the primary: for a damaged file. Refused on the
/// primary. Answered with <see cref="ResyncBegun"/> once the old files are aside.
/// </summary>
/// <param name="Database">Empty, with an empty <paramref name="Collection"/>, for all collections; a member whose own file is damaged is rebuilt by it.</param>
public sealed record ResyncCollection(long Epoch, string Database, string Collection) : INodeCommand;

/// <summary>Checks files and contents of collections. Answered with <see cref="CollectionsVerified"/> when all are checked.</summary>
/// <param name="Database">Only this database; empty for all.</param>
/// <param name="Collection">Only this collection; empty for all.</param>
public sealed record VerifyCollections(long Epoch, string Database, string Collection) : INodeCommand
{
    /// <summary>
    /// Names the check. Then the member also tells <see cref="FileCheckProgressed"/> every second; the same order again asks for the one
    /// that is at work; and the member ends it when the order has not been repeated for a minute. Empty for none of that.
    /// </summary>
    public string Id { get; init; } = "";

    /// <summary>Only these collections, as far as the member has them; empty for what <c>Database</c> and <c>Collection</c> say.</summary>
    public IReadOnlyList<DocumentsUnit> Collections { get; init; } = [];
}

/// <summary>Ends a check of files that has a name. Not answered.</summary>
public sealed record CancelFileCheck(long Epoch, string Id) : INodeCommand;

/// <summary>How far a check of files is; also sent while nothing moves, so that whoever waits knows that it is alive.</summary>
public sealed record FileCheckProgressed(string Node, string Id, FileCheckProgress Progress);

/// <param name="Collection">The collection that is checked or compared; empty before the first.</param>
/// <param name="Stage">What is looked at: <c>file NAME</c>, <c>feed</c>, <c>index NAME</c>, <c>checksum</c>, <c>compare</c>.</param>
/// <param name="RowsDone">Rows of the collection looked at.</param>
/// <param name="RowsTotal">Rows of the collection to look at, as they were counted at the beginning.</param>
/// <param name="CollectionsDone">Collections finished.</param>
/// <param name="CollectionsTotal">Collections to do.</param>
public sealed record FileCheckProgress(string Collection, string Stage, long RowsDone, long RowsTotal, int CollectionsDone, int CollectionsTotal)
{
    public static FileCheckProgress None { get; } = new("", "", 0, 0, 0, 0);
}

/// <summary>Removes index files whose definition is gone. Answered with <see cref="IndexesCleanedUp"/>.</summary>
/// <param name="Database">Only this database; empty for all.</param>
/// <param name="Collection">Only this collection; empty for all.</param>
public sealed record CleanUpIndexes(long Epoch, string Database, string Collection) : INodeCommand
{
    /// <summary>Also the partial copies that interrupted compactions left to be gone on with.</summary>
    public bool PartialCopies { get; init; }
}

/// <summary>The old files are aside and the copying from the primary has begun.</summary>
/// <param name="KeptIn">Where the old files are, on the member.</param>
public sealed record ResyncBegun(string Node, string Database, string Collection, string KeptIn);

/// <summary>What checking found, collection by collection.</summary>
public sealed record CollectionsVerified(string Node, IReadOnlyList<CollectionVerdict> Collections);

/// <summary>What checking one collection found.</summary>
/// <param name="Problems">Sentences that name the file; empty if nothing is wrong.</param>
/// <param name="Documents">Live documents that were checked.</param>
/// <param name="IndexEntries">Index entries that were checked against their documents.</param>
/// <param name="Position">The feed's last change when it was checked.</param>
/// <param name="Checksum">SHA-256 over the live documents in id order; equal on members with equal contents at equal positions.</param>
public sealed record CollectionVerdict(
    string Database,
    string Collection,
    IReadOnlyList<string> Problems,
    long Documents,
    long IndexEntries,
    FeedPosition Position,
    string Checksum);

/// <summary>The files that were removed.</summary>
/// <param name="BytesFreed">Bytes given back to the file system.</param>
public sealed record IndexesCleanedUp(string Node, IReadOnlyList<RemovedIndexFile> Files, long BytesFreed);

/// <param name="File">Its path on the member.</param>
public sealed record RemovedIndexFile(string Database, string Collection, string File);

/// <summary>A collection that a member cannot serve, for example since a file is damaged.</summary>
/// <param name="Reason">The reason with the file's name.</param>
public sealed record FailedCollection(string Database, string Collection, string Reason);
