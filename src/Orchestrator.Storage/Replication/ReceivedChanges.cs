using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// The pieces of a source's feed that do not reach its end yet, in a file of their own. The feed has one row for each id,
/// so a piece that is cut off lacks every version which was replaced after its end: together with what the member has
/// it is no state that the source ever had. With the piece that reaches the end, all of them together are.
/// </summary>
/// <remarks>
/// Why: pieces follow on one another, and each is of one snapshot of the source. A row that the source has when the last
/// piece is read was in it, or unchanged, when the piece with its seq was read; and a received row that has been replaced
/// since is replaced by a later piece, because the new version's seq comes after all that was there. Nothing of this is
/// confirmed to anybody, so it need not survive a crash; the round then begins anew. Only a round that is too large to be taken
/// over in one transaction is made durable, when it is whole: see <see cref="Publication"/>.
/// </remarks>
internal sealed class ReceivedChanges : IDisposable
{
    // What a row takes beside its body and its id, about: so that many small ones count too.
    private const int RowBytes = 100;
    private readonly FileLayer files;
    private readonly string path;
    private readonly SqliteSession session;

    // Where the source's feed ended when the first piece was read.
    private readonly long begunAt;

    private ReceivedChanges(FileLayer files, string path, SqliteSession session, FeedPosition position, IReadOnlyList<TermStart> terms, long begunAt)
    {
        this.files = files;
        this.path = path;
        this.session = session;
        this.begunAt = begunAt;
        Through = position;
        Terms = terms;
    }

    /// <summary>Where the next piece begins.</summary>
    public FeedPosition Through { get; private set; }

    /// <summary>The terms of the feed, as far as the pieces tell.</summary>
    public IReadOnlyList<TermStart> Terms { get; private set; }

    /// <summary>What the changes take, in bytes, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>The source has dropped tombstones up to here.</summary>
    public long PurgedThrough { get; private set; }

    /// <summary>What the last piece tells of the source's history; nothing after a restart.</summary>
    public IReadOnlyList<HistoryPoint> History { get; private set; } = [];

    /// <summary>Bytes that a change counts for.</summary>
    public static long BytesOf(ChangeRecord change) => change.Body.Length + change.Id.Length + RowBytes;

    /// <summary>Begins a round behind a member's own feed; <paramref name="first"/> has yet to be added.</summary>
    public static ReceivedChanges Begin(
        string path, StorageOptions options, FeedPosition position, IReadOnlyList<TermStart> terms, ChangeBatch first)
    {
        Remove(options.Files, path);
        var session = SqliteSession.OpenOrCreate(path, options);
        try
        {
            session.Execute("PRAGMA journal_mode = MEMORY");
            session.Execute("PRAGMA synchronous = OFF");
            session.Execute(
                """
                CREATE TABLE changes (
                    seq INTEGER PRIMARY KEY,
                    id TEXT NOT NULL UNIQUE,
                    rev TEXT NOT NULL,
                    term INTEGER NOT NULL,
                    deleted INTEGER NOT NULL,
                    codec INTEGER NOT NULL,
                    body BLOB)
                """);
            return new ReceivedChanges(options.Files, path, session, position, terms, first.Last.Seq);
        }
        catch
        {
            session.Dispose();
            Remove(options.Files, path);
            throw;
        }
    }

    /// <summary>Opens a round that is being taken over; null if it is not there, or another one.</summary>
    public static ReceivedChanges? OpenSealed(string path, StorageOptions options, Publication publication)
    {
        if (!options.Files.Exists(path))
        {
            return null;
        }

        var session = SqliteSession.OpenExisting(path, options, memoryMap: false);
        try
        {
            if (session.Has("round"))
            {
                using var row = session.Query("SELECT through_seq, purged_through FROM round");
                var terms = Documents.Terms.Read(session);
                if (row.Read() && Documents.Terms.Position(terms, row.GetInt64(0)) == publication.Through)
                {
                    return new ReceivedChanges(options.Files, path, session, publication.Through, terms, 0) { PurgedThrough = row.GetInt64(1) };
                }
            }

            session.Dispose();
            return null;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Nothing is to be added any more: all of it is on disk when this returns.</summary>
    public void Seal()
    {
        session.InTransaction(write: true, () =>
        {
            session.Execute("CREATE TABLE round (through_seq INTEGER NOT NULL, purged_through INTEGER NOT NULL)");
            session.Run("INSERT INTO round (through_seq, purged_through) VALUES (?1, ?2)", Through.Seq, PurgedThrough);
            session.Execute("CREATE TABLE terms (term INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL)");
            foreach (var start in Terms)
            {
                session.Run("INSERT INTO terms (term, first_seq) VALUES (?1, ?2)", start.Term, start.FirstSeq);
            }
        });

        // For everything that was ever written to the file.
        files.SyncFile(path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes the file, which a crash may have left.</summary>
    public static void Remove(FileLayer files, string path)
    {
        files.Delete(path);
        files.Delete(path + "-journal");
    }

    /// <summary>Adds the next piece.</summary>
    /// <exception cref="FeedConflictException">It does not continue the pieces so far. The round must begin anew.</exception>
    public void Add(ChangeBatch batch)
    {
        // A dropped tombstone of a deletion after the first piece was read would leave its document here for good.
        if (batch.PurgedThrough > begunAt && batch.PurgedThrough > Through.Seq && Through.Seq > 0)
        {
            throw new FeedConflictException(
                $"The source has dropped tombstones up to {batch.PurgedThrough} since it was asked first, when its feed ended at {begunAt}.");
        }

        var merged = FeedContinuity.CheckNext(batch, Through.Seq, Terms);
        session.InTransaction(write: true, () =>
        {
            foreach (var change in batch.Changes.Where(change => change.Seq > Through.Seq))
            {
                session.Run(
                    $"INSERT OR REPLACE INTO changes ({DocumentsSchema.ChangeColumns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    change.Seq, change.Id, change.Rev, change.Term, change.DeletedAt?.ToUnixTimeMilliseconds() ?? 0,
                    BodyCodec.Plain, change.Deleted ? null : change.Body.ToArray());
            }
        });
        Bytes += batch.Changes.Sum(BytesOf);
        Terms = merged;
        History = batch.History;
        PurgedThrough = Math.Max(PurgedThrough, batch.PurgedThrough);
        Through = Documents.Terms.Position(merged, Math.Max(Through.Seq, batch.Through));
    }

    /// <summary>What was received after a seq, in seq order, one row in memory at a time.</summary>
    public IEnumerable<ChangeRecord> ChangesAfter(long seq)
    {
        using var rows = session.Query($"SELECT {DocumentsSchema.ChangeColumns} FROM changes WHERE seq > ?1 ORDER BY seq", seq);
        while (rows.Read())
        {
            yield return DocumentsSchema.ReadChange(rows);
        }
    }

    /// <summary>Closes the file and leaves it, to be opened again with <see cref="OpenSealed"/>.</summary>
    public void Close() => session.Dispose();

    /// <summary>Removes the file. If that fails, the next round or the next start does it.</summary>
    public void Dispose()
    {
        session.Dispose();
        try
        {
            Remove(files, path);
        }
        catch (Exception e) when (FileErrors.IsOfFiles(e))
        {
            // Nothing is lost by it: what is received is of use to this round only.
        }
    }
}
