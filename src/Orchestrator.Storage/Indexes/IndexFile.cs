using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Indexes;

/// <summary>
/// One index in its file: entries (seq of the document's version, key). Because a version never changes and each new one
/// has a new seq, an entry whose seq is gone from the documents is garbage and nothing worse: readers skip it.
/// </summary>
/// <remarks>
/// The documents are committed first. The index is not synced at each commit; after a crash it catches up from the feed.
/// </remarks>
internal sealed class IndexFile : IDisposable
{
    private readonly StorageOptions options;
    private SqliteSession? writer;
    private volatile RemovalLog? removals;
    private volatile IndexState state = IndexState.New;

    private IndexFile(IndexDefinition definition, string path, StorageOptions options)
    {
        Definition = definition;
        Path = path;
        this.options = options;
        Tree = new BTree(options.PageSize);
        Pool = new ReaderPool(() => SqliteSession.OpenExisting(path, options, memoryMap: true), options.ReaderConnections);
    }

    public IndexDefinition Definition { get; }

    public string Path { get; }

    /// <summary>Where a compaction writes the file anew.</summary>
    public string CopyPath => Path + CopyFile.Suffix;

    public IndexState State => state;

    public ReaderPool Pool { get; }

    public BTree Tree { get; private set; }

    /// <summary>
    /// While a compaction copies this file: gets the seq of each entry that is removed. Set by any thread; a snapshot that is taken
    /// afterwards has all removals that the log did not get.
    /// </summary>
    public RemovalLog? Removals
    {
        get => removals;
        set => removals = value;
    }

    /// <summary>Kept open until the file is closed, once it is there.</summary>
    public HoleFile? Holes { get; set; }

    /// <summary>Opens or creates the file as it is.</summary>
    public static IndexFile Open(IndexDefinition definition, string path, StorageOptions options)
    {
        var index = new IndexFile(definition, path, options);
        try
        {
            index.OpenWriter();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Adds the entry of a document that is about to be stored in the middle of the feed, where catching up would not find
    /// it: on disk when this returns. If the document is then not stored, the entry is garbage; see <see cref="MaintainedIndex.CatchUpLater"/>. After
    /// a crash in between, the documents are not complete, and opening removes it.
    /// </summary>
    public void AddDurably(long seq, ReadOnlyMemory<byte> body) =>
        Durably(() => Store([new RowReplacement(0, seq, body)], state.IndexedThrough));

    /// <summary>Removes the entries after a seq, on disk when this returns; before the documents are rolled back.</summary>
    public void RollBack(long afterSeq) => Durably(() =>
    {
        var session = Writer;
        state = session.InTransaction(write: true, () =>
        {
            var next = state;
            using (var rows = session.Query("SELECT seq, octet_length(key) FROM entries WHERE seq > ?1", afterSeq))
            {
                while (rows.Read())
                {
                    next = next.Without(rows.GetInt64(0), rows.GetInt64(1), Tree);
                }
            }

            session.Run("DELETE FROM entries WHERE seq > ?1", afterSeq);
            next = next with { Generation = next.Generation + 1, IndexedThrough = Math.Min(next.IndexedThrough, afterSeq) };
            next.Write(session);
            return next;
        });
    });

    /// <summary>Removes all entries, on disk when it returns.</summary>
    public void EmptyDurably() => Durably(Clear);

    /// <summary>Removes all entries.</summary>
    public void Clear()
    {
        var session = Writer;
        session.InTransaction(write: true, () =>
        {
            session.Run("DELETE FROM entries");
            (IndexState.New with { Generation = state.Generation + 1 }).Write(session);
        });
        state = IndexState.Read(session);
    }

    public void Checkpoint() => writer?.Checkpoint();

    /// <summary>Runs a read on a rented session. Any thread.</summary>
    public T Read<T>(Func<ReaderPool.Lease, T> read)
    {
        using var lease = Pool.Rent();
        try
        {
            return read(lease);
        }
        catch (StorageException)
        {
            lease.Broken = true;
            throw;
        }
    }

    public SqliteSession Writer => writer ?? throw new StorageException($"{Path} is closed.");

    public void OpenWriter()
    {
        var session = SqliteSession.OpenOrCreate(Path, options);
        try
        {
            session.UseWriteAheadLog(options, relaxed: true);
            if (DocumentsSchema.IsEmpty(session))
            {
                session.InTransaction(write: true, () => IndexSchema.Create(session));
            }

            if (!IndexSchema.IsKnown(session))
            {
                throw new CorruptFileException(Path, "it is not an index file of this version");
            }

            state = IndexState.Read(session);
            Tree = new BTree((int)session.Scalar("PRAGMA page_size"));
            writer = session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void OpenWriterIfClosed()
    {
        if (writer is null)
        {
            OpenWriter();
        }
    }

    public void CloseWriter()
    {
        writer?.Dispose();
        writer = null;
        Holes?.Dispose();
        Holes = null;
    }

    public void Dispose()
    {
        Pool.Dispose();
        CloseWriter();
    }

    /// <summary>Removes and adds entries; after it everything up to <paramref name="through"/> is indexed.</summary>
    public void Store(IReadOnlyList<RowReplacement> rows, long through)
    {
        var session = Writer;
        state = session.InTransaction(write: true, () =>
        {
            var next = state;
            foreach (var row in rows)
            {
                next = Remove(session, row.RemovedSeq, next);
                if (row.AddedSeq != 0 && Definition.Path.Extract(row.Body.Span) is { } key)
                {
                    // The entry can be there already, from an attempt that failed later on.
                    next = Remove(session, row.AddedSeq, next);
                    session.Run("INSERT INTO entries (seq, key) VALUES (?1, ?2)", row.AddedSeq, key.Encoded);
                    next = next.With(row.AddedSeq, key.Encoded.Length, Tree);
                }
            }

            next = next with { IndexedThrough = Math.Max(next.IndexedThrough, through) };
            next.Write(session);
            return next;
        });
        Removals?.Add(rows);
    }

    private IndexState Remove(SqliteSession session, long seq, IndexState current)
    {
        if (seq == 0)
        {
            return current;
        }

        long length;
        using (var row = session.Query("SELECT octet_length(key) FROM entries WHERE seq = ?1", seq))
        {
            if (!row.Read())
            {
                return current;
            }

            length = row.GetInt64(0);
        }

        session.Run("DELETE FROM entries WHERE seq = ?1", seq);
        return current.Without(seq, length, Tree);
    }

    private void Durably(Action work)
    {
        Writer.Execute("PRAGMA synchronous = FULL");
        try
        {
            work();
        }
        finally
        {
            writer?.Execute("PRAGMA synchronous = NORMAL");
        }
    }
}
