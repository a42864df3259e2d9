using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Documents.Replication;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

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
/// </remarks>
public sealed partial class CollectionStore : IDisposable
{
    private const int MaxWrites = 10_000;
    private readonly StorageOptions options;
    private readonly TimeProvider time;
    private readonly IDisposable hold;
    private readonly ReaderPool documentsPool;
    private readonly DocumentsReader reader;
    private readonly SizeEstimator estimator;
    private volatile DocumentsFile documents;
    private volatile SortedList<string, IndexFile> indexes = new(StringComparer.OrdinalIgnoreCase);
    private volatile CompactionJob? job;
    private volatile string? failure;

    private CollectionStore(CollectionDirectory directory, StorageOptions options, TimeProvider time, IDisposable hold, DocumentsFile documents)
    {
        Directory = directory;
        this.options = options;
        this.time = time;
        this.hold = hold;
        this.documents = documents;
        documentsPool = new ReaderPool(
            () => SqliteSession.OpenExisting(directory.Documents, options, memoryMap: true), options.ReaderConnections);
        reader = new DocumentsReader(documentsPool, directory.Documents);
        estimator = new SizeEstimator(reader);
        OpenReport = new OpenReport(StartUpState.Fresh, false, 0, [], []);
    }

    public CollectionDirectory Directory { get; }

    /// <summary>What opening found and did.</summary>
    public OpenReport OpenReport { get; private set; }

    /// <summary>Position of the feed, on disk; that of an empty one while <see cref="IsBeingCopied"/>. Any thread.</summary>
    public FeedPosition Position => documents.Position;

    /// <summary>
    /// False after a roll-back, until the end of a source's feed is reached and everything is fetched again: documents are
    /// missing then which the position says are there. Such a member must promise and confirm nothing. Any thread.
    /// </summary>
    public bool IsComplete => !documents.State.Incomplete;

    /// <summary>Live documents. Any thread.</summary>
    public long DocumentCount => documents.State.Documents;

    /// <summary>The indexes that are maintained, by name. Any thread.</summary>
    public IReadOnlyList<IndexDefinition> Indexes => [.. indexes.Values.Select(index => index.Definition)];

    /// <summary>The terms of this feed, ascending. Any thread.</summary>
    public IReadOnlyList<TermStart> TermHistory => documents.TermHistory;

    /// <summary>Ids whose current version must be fetched from the primary after a roll-back. Any thread.</summary>
    public long PendingRefetchCount => reader.PendingRefetchCount();

    /// <summary>
    /// Opens a collection, creates it if it is not there, and repairs what a crash left. An index that lacks much is not in
    /// <see cref="Indexes"/> afterwards: it is to be built with <see cref="StartIndex"/>.
    /// </summary>
    /// <exception cref="CorruptFileException">A file is damaged.</exception>
    /// <exception cref="StorageException">Another process has the collection open.</exception>
    public static CollectionStore Open(
        CollectionDirectory directory, CollectionSettings settings, StorageOptions options, TimeProvider time)
    {
        RequireDistinctNames(settings.Indexes);
        return FileErrors.Named(directory, () => OpenFiles(directory, settings, options, time));
    }

    private static CollectionStore OpenFiles(
        CollectionDirectory directory, CollectionSettings settings, StorageOptions options, TimeProvider time)
    {
        options.Files.CreateDirectory(directory.Indexes);
        var hold = Hold(directory, options);
        DocumentsFile? documents = null;
        CollectionStore? store = null;
        try
        {
            var aside = PutAside(directory, options, time.GetUtcNow());
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
            store = new CollectionStore(directory, options, time, hold, documents);
            store.OpenReport = startUp.Classify(created, documents.State, settings);
            store.ChangeSettings(settings.Compression, settings.Cap);
            if (documents.MigratedFrom is { } version)
            {
                store.Note($"The documents file was of version {version}; it is upgraded to the current one.");
            }

            foreach (var definition in settings.Indexes)
            {
                store.OpenIndex(definition);
            }

            if (aside is not null)
            {
                store.BeginResync(aside);
            }

            store.GoOnWithPublication();
            if (store.IsFirstCopy)
            {
                store.Note($"The collection was being copied from another member; that continues after change {store.ReceivedThrough.Seq}.");
            }

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
                hold.Dispose();
            }

            throw;
        }
    }

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

        DropReceived();
        var rows = new List<RowReplacement>(writes.Count);
        var writer = Writer();
        DropFirstCopy();
        var outcomes = writer.Writes.Commit(writes, term, time.GetUtcNow(), rows);
        options.Failpoint?.Invoke(Failpoints.Committed);
        UpdateIndexes(rows);
        return outcomes;
    }

    /// <summary>
    /// Writer. Copies the write-ahead logs into the files and empties them, as far as running reads allow. For a moment
    /// without writes, and after a compaction.
    /// </summary>
    public void Checkpoint()
    {
        var writer = Writer();
        writer.Session.Checkpoint();
        foreach (var index in indexes.Values)
        {
            index.Checkpoint();
        }
    }

    /// <summary>Reader. The live document of an id, or null.</summary>
    public StoredDocument? Get(string id) =>
        GetChange(id) is { Deleted: false } change ? new StoredDocument(change.Id, change.Rev, change.Seq, change.Body) : null;

    /// <summary>Reader. The document or tombstone of an id as it is in the feed, or null.</summary>
    public ChangeRecord? GetChange(string id) => ReadWhole(reader => reader.GetChange(id));

    /// <summary>Reader. What comes after a seq in the feed.</summary>
    /// <param name="since">0 = from the beginning.</param>
    /// <param name="limit">Most changes, 1 to 10 000.</param>
    /// <param name="maxBytes">Ends the batch when its bodies reach this many bytes; at least one change is returned.</param>
    public ChangeBatch ReadChanges(long since, int limit = 1000, long maxBytes = 4 << 20) =>
        ReadWhole(reader => reader.ReadChanges(since, limit, maxBytes));

    /// <summary>
    /// Reader. All live documents in seq order. Not one snapshot: a document that is written during the scan comes
    /// again, or for the first time, with its new version.
    /// </summary>
    public IEnumerable<StoredDocument> Scan() => Reader().Scan(0);

    /// <summary>Reader. Live documents in the order of their ids (UTF-8 bytes), after an id.</summary>
    /// <param name="after">Empty for the first ones.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="maxBytes">No further ones after so many bytes of bodies.</param>
    public IReadOnlyList<StoredDocument> ListDocuments(string after, int limit, long maxBytes) => Reader().AfterId(after, limit, maxBytes);

    /// <summary>Reader. Digest of the live documents, of one snapshot. Reads the whole collection.</summary>
    public ContentChecksum Checksum(CancellationToken cancellation = default) => ReadWhole(reader => reader.Checksum(cancellation));

    /// <summary>Reader. Entries of an index with their documents, of one snapshot, ordered by key, then seq.</summary>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="IndexBeingBuiltException"/>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    public IReadOnlyList<IndexEntry> LookUp(string index, IndexQuery query) => IndexReader.LookUp(Find(index), Reader(), query);

    /// <summary>Closes all files and releases them. Stops a compaction; waits for running reads.</summary>
    public void Dispose()
    {
        job?.Dispose();
        StopBuilds();
        DropReceived();
        documentsPool.Dispose();
        foreach (var index in indexes.Values)
        {
            index.Dispose();
        }

        documents.Dispose();
        hold.Dispose();
    }

    private static IDisposable Hold(CollectionDirectory directory, StorageOptions options)
    {
        try
        {
            return options.Files.Hold(directory.Lock);
        }
        catch (IOException e)
        {
            throw new StorageException($"Collection {directory} at {directory.Path} {(IsHeld(e) ? "is in use by another process" : $"cannot be locked: {e.Message}")}", e);
        }
    }

    /// <summary>Whether somebody else has the lock: EWOULDBLOCK of Linux and macOS, or a sharing violation of Windows.</summary>
    internal static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private DocumentsFile Writer()
    {
        RequireOnline();
        if (failure is { } why)
        {
            throw new StorageException(why);
        }

        // Nothing else is to be written before.
        FinishPublication();
        return documents;
    }

    private T Named<T>(Func<T> work) => FileErrors.Named(Directory, work);

    private void Named(Action work) => FileErrors.Named(Directory, work);

    private DocumentsReader Reader()
    {
        RequireOnline();
        if (failure is { } why)
        {
            throw new StorageException(why);
        }

        return IsBeingCopied ? throw new CollectionBeingCopiedException(Directory.ToString()) : reader;
    }

    private void RequireOnline()
    {
        if (offline)
        {
            throw new CollectionOfflineException(Directory.ToString());
        }
    }
}
