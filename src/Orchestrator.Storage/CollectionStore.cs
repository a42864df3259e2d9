using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage;

/// <summary>
/// The files of one collection. <b>Writer</b> members are for one thread at a time (the collection actor's); <b>reader</b>
/// members are for any thread, at any time, and wait only for the instant of a compaction's swap.
/// </summary>
/// <remarks>
/// Errors: <see cref="StorageException"/> for what the engine finds, <see cref="IOException"/> for the file system,
/// <see cref="Microsoft.Data.Sqlite.SqliteException"/> for SQLite. After an error of a writer member nothing of that call
/// is stored, unless the docstring says otherwise.
/// </remarks>
public sealed class CollectionStore : IDisposable
{
    private CollectionStore(CollectionDirectory directory)
    {
        Directory = directory;
    }

    public CollectionDirectory Directory { get; }

    /// <summary>What opening found and did.</summary>
    public OpenReport OpenReport => throw new NotImplementedException();

    /// <summary>Position of the feed, on disk. Any thread.</summary>
    public FeedPosition Position => throw new NotImplementedException();

    /// <summary>Live documents. Any thread.</summary>
    public long DocumentCount => throw new NotImplementedException();

    /// <summary>The indexes that are maintained, by name. Any thread.</summary>
    public IReadOnlyList<IndexDefinition> Indexes => throw new NotImplementedException();

    /// <summary>The terms of this feed, ascending. Any thread.</summary>
    public IReadOnlyList<TermStart> TermHistory => throw new NotImplementedException();

    /// <summary>Ids whose current version must be fetched from the primary after a roll-back. Any thread.</summary>
    public long PendingRefetchCount => throw new NotImplementedException();

    /// <summary>Opens a collection, creates it if it is not there, and repairs what a crash left.</summary>
    /// <exception cref="CorruptFileException">A file is damaged.</exception>
    /// <exception cref="StorageException">Another process has the collection open.</exception>
    public static CollectionStore Open(
        CollectionDirectory directory, CollectionSettings settings, StorageOptions options, TimeProvider time) =>
        throw new NotImplementedException();

    /// <summary>Writer. Stores all writes in one transaction, in their order; they are on disk when it returns.</summary>
    /// <param name="writes">Up to 10 000.</param>
    /// <param name="term">The primary's term; starts the term if it is new.</param>
    /// <returns>One outcome for each write, in their order. A refused write does not keep the others from being stored.</returns>
    /// <exception cref="ArgumentException">The term is lower than the feed's.</exception>
    public IReadOnlyList<WriteOutcome> Commit(IReadOnlyList<WriteOperation> writes, long term) => throw new NotImplementedException();

    /// <summary>
    /// Writer. Applies a piece of the primary's feed, with its own seqs, terms and revs; it is on disk when this
    /// returns. Changes that are there already are skipped.
    /// </summary>
    /// <exception cref="FeedConflictException">The batch does not continue this feed. Nothing is applied.</exception>
    /// <exception cref="ResyncRequiredException">Tombstones between this feed and the batch are gone. Nothing is applied.</exception>
    public ApplyResult Apply(ChangeBatch batch) => throw new NotImplementedException();

    /// <summary>Writer. Records that from the next seq on the feed is written in this term. Nothing if it is recorded already.</summary>
    /// <exception cref="ArgumentException">The term is lower than the feed's.</exception>
    public TermStart StartTerm(long term) => throw new NotImplementedException();

    /// <summary>
    /// Where the given term ends in this feed: the highest term up to <paramref name="term"/> that the feed has, and its
    /// last seq. A returning member whose last change has this term keeps its changes through the smaller of that seq and
    /// its own last one, and rolls back the rest; (0, 0) if the feed has no such term. Any thread.
    /// </summary>
    public FeedPosition EndOfTerm(long term) => throw new NotImplementedException();

    /// <summary>
    /// Writer. Drops all changes after a seq. They are first saved as NDJSON under <c>rollback/</c>; the ids are
    /// remembered for <see cref="CompleteRefetch"/>, because what those changes replaced is gone here. A running
    /// compaction of the documents fails, and starts from the beginning the next time.
    /// </summary>
    public RollBackResult RollBack(long afterSeq) => throw new NotImplementedException();

    /// <summary>Some of the ids whose current version must be fetched from the primary. Any thread.</summary>
    /// <param name="limit">1 to 10 000.</param>
    public IReadOnlyList<string> PendingRefetch(int limit) => throw new NotImplementedException();

    /// <summary>Writer. Stores what the primary has for an id of <see cref="PendingRefetch"/>, at its own place in the feed.</summary>
    /// <param name="current">The primary's current version or tombstone, or null if it has neither.</param>
    /// <remarks>A version that this feed has not reached yet is left to the feed.</remarks>
    /// <exception cref="FeedConflictException">Another document has that seq here.</exception>
    public void CompleteRefetch(string id, ChangeRecord? current) => throw new NotImplementedException();

    /// <summary>Writer. Builds an index from the documents and maintains it from now on. Nothing if it is there already.</summary>
    /// <exception cref="ArgumentException">There is an index of that name with another path.</exception>
    public void AddIndex(IndexDefinition index) => throw new NotImplementedException();

    /// <summary>Writer. Stops maintaining an index and removes its file.</summary>
    /// <exception cref="UnknownIndexException"/>
    public void RemoveIndex(string name) => throw new NotImplementedException();

    /// <summary>
    /// Writer. Copies the write-ahead logs into the files and empties them, as far as running reads allow. For a moment
    /// without writes, and after a compaction.
    /// </summary>
    public void Checkpoint() => throw new NotImplementedException();

    /// <summary>Reader. The live document of an id, or null.</summary>
    public StoredDocument? Get(string id) => throw new NotImplementedException();

    /// <summary>Reader. The document or tombstone of an id as it is in the feed, or null.</summary>
    public ChangeRecord? GetChange(string id) => throw new NotImplementedException();

    /// <summary>Reader. What comes after a seq in the feed.</summary>
    /// <param name="since">0 = from the beginning.</param>
    /// <param name="limit">Most changes, 1 to 10 000.</param>
    /// <param name="maxBytes">Ends the batch when its bodies reach this many bytes; at least one change is returned.</param>
    public ChangeBatch ReadChanges(long since, int limit = 1000, long maxBytes = 4 << 20) => throw new NotImplementedException();

    /// <summary>
    /// Reader. All live documents in seq order. Not one snapshot: a document that is written during the scan comes
    /// again, or for the first time, with its new version.
    /// </summary>
    public IEnumerable<StoredDocument> Scan() => throw new NotImplementedException();

    /// <summary>Reader. Digest of the live documents, of one snapshot. Reads the whole collection.</summary>
    public ContentChecksum Checksum(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Reader. Entries of an index with their documents, of one snapshot, ordered by key, then seq.</summary>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    public IReadOnlyList<IndexEntry> LookUp(string index, IndexQuery query) => throw new NotImplementedException();

    /// <summary>Reader. Sizes of the documents file and of each index.</summary>
    public CollectionSizes Sizes() => throw new NotImplementedException();

    /// <summary>Reader. What a compaction would bring and cost, unit by unit, in the order of the work.</summary>
    /// <exception cref="UnknownIndexException"/>
    public IReadOnlyList<UnitEstimate> Estimate(CompactionRequest request) => throw new NotImplementedException();

    /// <summary>
    /// Writer. Begins a compaction, or goes on with the one that was interrupted. Then, until it is done:
    /// <c>job.RunOnline(...)</c> on a background thread while writes go on, <see cref="FinishUnit"/> between two commits.
    /// Dispose of the job to stop; what it has copied is kept.
    /// </summary>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="CompactionRefusedException">A compaction is under way, or the collection waits for refetches.</exception>
    /// <exception cref="InsufficientDiskSpaceException"/>
    public CompactionJob StartCompaction(CompactionRequest request, Action<CompactionProgress>? progress = null) =>
        throw new NotImplementedException();

    /// <summary>Writer. After <see cref="CompactionJob.RunOnline"/>: the last changes, then the swap of the unit in work.</summary>
    /// <exception cref="CompactionRefusedException">The files were rolled back meanwhile.</exception>
    public FinishOutcome FinishUnit(CompactionJob job) => throw new NotImplementedException();

    /// <summary>Writer. Removes the partial copies that interrupted compactions left.</summary>
    /// <exception cref="CompactionRefusedException">A compaction is under way.</exception>
    public void DiscardPartialCompaction() => throw new NotImplementedException();

    /// <summary>Closes all files and releases them. Waits for running reads.</summary>
    public void Dispose() => throw new NotImplementedException();
}
