using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Replication;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;
using Orchestrator.Storage.Verification;

namespace Orchestrator.Storage;

/// <summary>
/// The files of one collection. <b>Writer</b> members are for one thread at a time (the collection actor's); <b>reader</b>
/// members are for any thread, at any time, and wait only for the instant of a compaction's swap. Both are refused with a
/// <see cref="CollectionOfflineException"/> during a compaction of the mode <c>exclusive</c>.
/// </summary>
/// <remarks>
/// Errors: <see cref="StorageException"/>, for what the engine finds, and SQLite, and the file system; they name the file and the
/// cause. After an error of a writer member nothing of that call is stored, unless the docstring says otherwise; if the collection is
/// then closed by a crash or with a disk that still fails, a commit that failed last may be found when it is opened again.
/// What a member does stands in the class of its subject; here is only whether it may be done now.
/// </remarks>
public sealed class CollectionStore : IDisposable
{
    private const int MaxWrites = 10_000;
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly IDisposable _lock;
    private readonly OpenDocuments _documents;
    private readonly IndexSet _indexes;
    private readonly CollectionSizing _sizing;
    private readonly CurrentCompaction _currentCompaction;
    private readonly ReceivedRound _round;
    private readonly WriterTurn _turn;
    private readonly WholeReads _reads;

    private CollectionStore(CollectionDirectory directory, StorageOptions options, TimeProvider time, IDisposable held, DocumentsFile documents)
    {
        _options = options;
        _time = time;
        _lock = held;
        var gate = new CollectionGate(directory);
        _documents = new OpenDocuments(directory, options, documents);
        _reads = new WholeReads(_documents, gate);
        _indexes = new IndexSet(_documents, options);
        _sizing = new CollectionSizing(_documents, _indexes, options);
        _currentCompaction = new CurrentCompaction(directory);
        _round = new ReceivedRound(_documents, _indexes, options);
        var firstCopy = new FirstCopyReceiver(_documents, _indexes, options, _currentCompaction.Refuse);
        _turn = new WriterTurn(_documents, gate, _round, firstCopy);
        Feed = new CollectionFeed(
            _documents,
            _turn,
            _round,
            new FeedReceiver(_documents, _indexes, options, firstCopy, _round),
            new CollectionRollBack(_documents, _indexes, options, _currentCompaction.Refuse));
        Compaction = new CollectionCompaction(_documents, _indexes, _sizing, gate, _turn, _currentCompaction, options, time);
        OpenReport = new OpenReport(StartUpState.Fresh, false, 0, [], []);
    }

    public CollectionDirectory Directory => _documents.Directory;

    /// <summary>What this member takes over from others, and rolls back.</summary>
    public CollectionFeed Feed { get; }

    public CollectionCompaction Compaction { get; }

    /// <summary>What opening found and did.</summary>
    public OpenReport OpenReport { get; private set; }

    /// <summary>Position of the feed, on disk; that of an empty one while <see cref="IsBeingCopied"/>. Any thread.</summary>
    public FeedPosition Position => _documents.File.Position;

    /// <summary>
    /// False after a roll-back, until the end of a source's feed is reached and everything is fetched again: documents are
    /// missing then which the position says are there. Such a member must promise and confirm nothing. Any thread.
    /// </summary>
    public bool IsComplete => !_documents.File.State.Incomplete;

    /// <summary>
    /// True while the collection is copied for the first time and is too large for that to be done at once: it cannot be read, its
    /// <see cref="Position"/> is that of an empty one, and <see cref="CollectionFeed.Apply"/> stores each piece as it comes. Also while a later round
    /// is taken over that is too large for one transaction: its <see cref="Position"/> is the one before that round. Any thread.
    /// </summary>
    public bool IsBeingCopied => _documents.File.Current.IsBeingCopied;

    /// <summary>True if all is here that the position says. Any thread.</summary>
    public bool IsWhole => IsComplete && !IsBeingCopied;

    /// <summary>Live documents. Any thread.</summary>
    public long DocumentCount => _documents.File.State.Documents;

    /// <summary>The indexes that are maintained, by name. Any thread.</summary>
    public IReadOnlyList<IndexDefinition> Indexes => [.. _indexes.Files.Select(index => index.Definition)];

    /// <summary>The indexes that are being built. Any thread.</summary>
    public IReadOnlyList<IndexBuild> Builds => _indexes.Builds;

    /// <summary>How bodies are stored from now on. Any thread.</summary>
    public CompressionSetting Compression => _documents.Compression;

    /// <summary>Null = not capped. Any thread.</summary>
    public CapLimit? Cap => _documents.Cap;

    /// <summary>
    /// Opens a collection, creates it if it is not there, and repairs what a crash left. An index that lacks much is not in
    /// <see cref="Indexes"/> afterwards: it is to be built with <see cref="StartIndex"/>.
    /// </summary>
    /// <exception cref="CorruptFileException">A file is damaged.</exception>
    /// <exception cref="StorageException">Another process has the collection open.</exception>
    public static CollectionStore Open(
        CollectionDirectory directory, CollectionSettings settings, StorageOptions options, TimeProvider time)
    {
        IndexDefinition.RequireDistinctNames(settings.Indexes);
        return FileErrors.Named(directory, () => OpenFiles(directory, settings, options, time));
    }

    /// <summary>
    /// Makes the next <see cref="Open"/> put all files of the collection aside, below <c>rollback/</c>, and begin with an empty
    /// one that is not <see cref="IsComplete"/> until it has been copied. For a collection that is not open, or is about to be
    /// closed. The order is on disk when it returns, and survives a crash at any point of its execution.
    /// </summary>
    public static void OrderResync(CollectionDirectory directory, StorageOptions options) => ResyncOrder.Give(directory, options);

    /// <summary>Writer. Stores all writes in one transaction, in their order; they are on disk when it returns.</summary>
    /// <param name="writes">Up to 10 000.</param>
    /// <param name="term">The primary's term; starts the term if it is new.</param>
    /// <returns>One outcome for each write, in their order. A refused write does not keep the others from being stored.</returns>
    /// <exception cref="ArgumentException">The term is lower than the feed's.</exception>
    public IReadOnlyList<WriteOutcome> Commit(IReadOnlyList<WriteOperation> writes, long term)
    {
        if (writes.Count > MaxWrites)
        {
            throw new ArgumentException($"At most {MaxWrites} writes are committed at once, not {writes.Count}.", nameof(writes));
        }

        var writer = _turn.BeginOwnFeed();
        var rows = new List<RowReplacement>(writes.Count);
        var outcomes = writer.Writes.Commit(writes, term, _time.GetUtcNow(), rows);
        _options.Failpoint?.Invoke(Failpoints.Committed);
        _indexes.Update(rows);
        return outcomes;
    }

    /// <summary>
    /// Writer. Takes over settings. What is stored already stays as it is until it is written again, or compacted with
    /// <c>rewrite</c> or <c>exclusive</c>; a cap is kept with the next commit.
    /// </summary>
    public void ChangeSettings(CompressionSetting compression, CapLimit? cap) => _documents.ChangeSettings(compression, cap);

    /// <summary>
    /// Writer. Copies the write-ahead logs into the files and empties them, as far as running reads allow. For a moment
    /// without writes, and after a compaction.
    /// </summary>
    public void Checkpoint()
    {
        _turn.Begin().Session.Checkpoint();
        _indexes.Checkpoint();
    }

    /// <summary>
    /// Reader. Looks for the oldest tombstones that are due, in capped collections, which are not compacted. It reads past every document
    /// that is older than they are, so it may take long.
    /// </summary>
    /// <param name="limit">Most tombstones to find, 1 to 10 000: so many hold up writes when they are dropped.</param>
    /// <returns>Their seqs, for <see cref="DropTombstones"/>; empty if none are due.</returns>
    public IReadOnlyList<long> FindTombstones(TombstonePurge purge, int limit)
    {
        var sweep = new TombstoneSweep(_documents, purge, limit, oldest: true);
        _reads.Read(_ => sweep.Find(CancellationToken.None));
        _options.Failpoint?.Invoke(Failpoints.TombstonesFound);
        return sweep.Found;
    }

    /// <summary>Writer. Drops tombstones in place, without a compaction.</summary>
    /// <param name="purge">As it is now: what it keeps stays.</param>
    /// <param name="seqs">Those that <see cref="FindTombstones"/> has found; what is no longer a tombstone there is passed over.</param>
    /// <exception cref="CompactionRefusedException">A compaction is under way.</exception>
    /// <returns>Tombstones dropped.</returns>
    public int DropTombstones(TombstonePurge purge, IReadOnlyList<long> seqs)
    {
        var writer = _turn.Begin();
        _currentCompaction.RequireNone();
        return writer.Tombstones.Drop(purge, seqs);
    }

    /// <summary>Reader. The live document of an id, or null.</summary>
    public StoredDocument? Get(string id) =>
        GetChange(id) is { Deleted: false } change ? new StoredDocument(change.Id, change.Rev, change.Seq, change.Body) : null;

    /// <summary>Reader. The document or tombstone of an id as it is in the feed, or null.</summary>
    public ChangeRecord? GetChange(string id) => _reads.Read(reader => reader.GetChange(id));

    /// <summary>Reader. What comes after a seq in the feed.</summary>
    /// <param name="since">0 = from the beginning.</param>
    /// <param name="limit">Most changes, 1 to 10 000.</param>
    /// <param name="maxBytes">Ends the batch when its bodies reach this many bytes; at least one change is returned.</param>
    public ChangeBatch ReadChanges(long since, int limit = 1000, long maxBytes = 4 << 20) =>
        _reads.Read(reader => reader.ReadChanges(since, limit, maxBytes));

    /// <summary>
    /// Reader. All live documents in seq order. Not one snapshot: a document that is written during the scan comes
    /// again, or for the first time, with its new version.
    /// </summary>
    public IEnumerable<StoredDocument> Scan() => _reads.Reader().Scan(0);

    /// <summary>Reader. Live documents in the order of their ids (UTF-8 bytes), after an id.</summary>
    /// <param name="after">Empty for the first ones.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="maxBytes">No further ones after so many bytes of bodies.</param>
    public IReadOnlyList<StoredDocument> ListDocuments(string after, int limit, long maxBytes) => _reads.Reader().AfterId(after, limit, maxBytes);

    /// <summary>Reader. Entries of an index with their documents, of one snapshot, ordered by key, then seq.</summary>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="IndexBeingBuiltException"/>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    public IReadOnlyList<IndexEntry> LookUp(string index, IndexQuery query) => IndexReader.LookUp(_indexes.Find(index), _reads.Reader(), query);

    /// <summary>Reader. Digest of the live documents, of one snapshot. Reads the whole collection.</summary>
    public ContentChecksum Checksum(CancellationToken cancellation = default) => _reads.Read(reader => reader.Checksum(cancellation));

    /// <summary>
    /// Reader. Digests of a piece of the feed, for comparing it with another member's; of one snapshot of bounded size.
    /// </summary>
    /// <param name="borders">Ends of the ranges, ascending; empty for ranges of bounded size, at most some 8 000 rows or 32 MiB in all.</param>
    /// <param name="tombstonesAfter">Tombstones up to this seq are left out.</param>
    /// <exception cref="OperationCanceledException"/>
    public RangeDigests Digest(long after, long through, IReadOnlyList<long> borders, long tombstonesAfter, CancellationToken cancellation = default) =>
        _reads.Read(reader => new ContentDigest(reader, cancellation).Digest(after, through, borders, tombstonesAfter));

    /// <summary>Reader. What the feed holds in a range, at most 512 versions.</summary>
    /// <param name="tombstonesAfter">Tombstones up to this seq are left out.</param>
    public VersionList Versions(long after, long through, long tombstonesAfter, CancellationToken cancellation = default) =>
        _reads.Read(reader => new ContentDigest(reader, cancellation).Versions(after, through, tombstonesAfter));

    /// <summary>Reader. Which versions of some documents the feed holds, tombstones included.</summary>
    /// <param name="ids">At most 100.</param>
    /// <exception cref="ArgumentException">Too many ids.</exception>
    public VersionList VersionsOf(IReadOnlyList<string> ids, CancellationToken cancellation = default) => ids.Count <= ContentDigest.MaxIds
        ? _reads.Read(reader => new ContentDigest(reader, cancellation).VersionsOf(ids))
        : throw new ArgumentException($"At most {ContentDigest.MaxIds} ids are looked up at once, not {ids.Count}.", nameof(ids));

    /// <summary>
    /// Reader. Checks all files: SQLite's own check, that every index entry has its document and the reverse, and that the
    /// feed has no gap that it cannot have. Reads everything; a swap waits for a part of it.
    /// </summary>
    /// <param name="progress">Is told what is looked at, rows done and rows in all, now and then, on the calling thread.</param>
    /// <exception cref="OperationCanceledException"/>
    public VerificationReport Verify(CancellationToken cancellation = default, VerificationProgress? progress = null) =>
        new Verifier(Directory.Documents, _reads.Reader(), progress, cancellation).Run(_indexes.Files, _documents.File.State);

    /// <summary>
    /// Writer. Begins to build an index beside the writer; look-ups find it once it is done. Then, until it is done:
    /// <see cref="IndexBuild.RunOnline"/> on a background thread while writes go on, <see cref="FinishIndex"/> between two
    /// commits. Dispose of the build to stop; what is built is gone on with the next time, also after a crash. A compaction of
    /// the mode <c>exclusive</c> stops all builds.
    /// </summary>
    /// <returns>Null if the index is there already.</returns>
    /// <exception cref="ArgumentException">There is an index of that name with another path, or it is being built.</exception>
    public IndexBuild? StartIndex(IndexDefinition index)
    {
        _turn.Begin();
        return _indexes.Start(index);
    }

    /// <summary>Writer. After <see cref="IndexBuild.RunOnline"/>: the last changes; then the index is maintained and found by look-ups.</summary>
    /// <returns><see cref="FinishOutcome.Continue"/>: too much was written meanwhile; call <c>RunOnline</c> again.</returns>
    public FinishOutcome FinishIndex(IndexBuild build)
    {
        _turn.Begin();
        return _indexes.Finish(build);
    }

    /// <summary>
    /// Writer. Stops maintaining an index, or building it. Its file is kept until <see cref="CleanIndexes"/>, so that the same index can be
    /// added again at the cost of what was written meanwhile.
    /// </summary>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="CompactionRefusedException">The index is being compacted.</exception>
    public void RemoveIndex(string name)
    {
        _turn.Begin();
        if (!_indexes.StopBuild(name))
        {
            _currentCompaction.RequireNotCompacted(name);
            _indexes.Remove(name);
        }
    }

    /// <summary>Writer. Stops maintaining an index whose file is damaged, and removes the file.</summary>
    /// <returns>False if the file is that of no maintained index.</returns>
    /// <exception cref="CompactionRefusedException">The index is being compacted.</exception>
    public bool DiscardIndex(string file)
    {
        _turn.Begin();
        return _indexes.Discard(file, _currentCompaction.RequireNotCompacted);
    }

    /// <summary>Writer. Removes the index files whose definition is gone.</summary>
    /// <returns>The files, and how many bytes they occupied on disk.</returns>
    public RemovedFiles CleanIndexes()
    {
        _turn.Begin();
        return _indexes.RemoveOrphans();
    }

    /// <summary>Reader. Sizes of the documents file and of each index. Also while the collection is offline.</summary>
    public CollectionSizes Sizes() => _sizing.Sizes();

    /// <summary>
    /// Reader. What a compaction would bring and cost, unit by unit, in the order of the work. What another compression setting
    /// would bring is told from some of the documents.
    /// </summary>
    /// <exception cref="UnknownIndexException"/>
    public IReadOnlyList<UnitEstimate> Estimate(CompactionRequest request) =>
        request.UnitsOf(_indexes).ConvertAll(unit => _sizing.Estimate(unit, request));

    /// <summary>Closes all files and releases them. Stops a compaction; waits for running reads.</summary>
    public void Dispose()
    {
        _currentCompaction.Job?.Dispose();
        _indexes.StopBuilds();
        _round.Drop();
        _documents.Dispose();
        _indexes.Dispose();
        _lock.Dispose();
    }

    private static CollectionStore OpenFiles(
        CollectionDirectory directory, CollectionSettings settings, StorageOptions options, TimeProvider time)
    {
        options.Files.CreateDirectory(directory.Indexes);
        var held = CollectionLock.Take(directory, options);
        DocumentsFile? documents = null;
        CollectionStore? store = null;
        try
        {
            var aside = ResyncOrder.PutAside(directory, options, time.GetUtcNow());
            var startUp = new StartUp(directory, options);
            var created = startUp.FinishSwap();
            documents = DocumentsFile.Open(directory.Documents, options);
            TemporaryFiles.KeepBeside(documents.Session, directory.DataDirectory);
            if (documents.Current.Publication is null)
            {
                ReceivedChanges.Remove(options.Files, directory.Received);
            }

            // Also makes the names durable that a crash has left in between.
            options.Files.SyncDirectory(directory.Path);
            options.Files.SyncDirectory(directory.Indexes);
            store = new CollectionStore(directory, options, time, held, documents);
            store.OpenReport = startUp.Classify(created, documents.State, settings);
            store.BeginWork(settings, aside);
            return store;
        }
        catch
        {
            if (store is not null)
            {
                store.Dispose();
            }
            else
            {
                documents?.Dispose();
                held.Dispose();
            }

            throw;
        }
    }

    /// <summary>Opens the indexes and goes on with what was under way.</summary>
    /// <param name="aside">Where the former files are, if the collection is to be copied again.</param>
    private void BeginWork(CollectionSettings settings, string? aside)
    {
        var documents = _documents.File;
        ChangeSettings(settings.Compression, settings.Cap);
        if (documents.MigratedFrom is { } version)
        {
            Note($"The documents file was of version {version}; it is upgraded to the current one.");
        }

        foreach (var definition in settings.Indexes)
        {
            _indexes.Open(definition, Note);
        }

        if (aside is not null)
        {
            documents.RollBack.MarkIncomplete();
            ResyncOrder.Forget(Directory, _options);
            Note($"The collection is copied again from another member; its old files are in {aside}.");
        }

        _round.GoOnWithPublication(Note);
        if (documents.Current.FirstCopy is not null)
        {
            Note($"The collection was being copied from another member; that continues after change {Feed.ReceivedThrough.Seq}.");
        }
    }

    private void Note(string note) => OpenReport = OpenReport with { Notes = [.. OpenReport.Notes, note] };
}
