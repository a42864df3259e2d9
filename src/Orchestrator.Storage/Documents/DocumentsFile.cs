using System.Text;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>
/// The writing side of <c>documents.sqlite</c>. <see cref="Current"/> changes only after a commit, so that readers of it
/// never see what may be rolled back.
/// </summary>
internal sealed partial class DocumentsFile : IDisposable
{
    private readonly SqliteSession session;
    private readonly BTree tree;
    private volatile Snapshot published;

    private DocumentsFile(SqliteSession session)
    {
        this.session = session;
        tree = new BTree((int)session.Scalar("PRAGMA page_size"));
        published = new Snapshot(DocumentsState.Read(session), Terms.Read(session), FirstCopy.Read(session), Publication.Read(session));
    }

    /// <summary>State and terms that belong together, on disk. Any thread.</summary>
    public Snapshot Current => published;

    public DocumentsState State => published.State;

    public IReadOnlyList<TermStart> TermHistory => published.Terms;

    public FeedPosition Position => published.Position;

    public BTree Tree => tree;

    public SqliteSession Session => session;

    /// <summary>The version that the file had before it was opened, if it was an older one.</summary>
    public long? MigratedFrom { get; private init; }

    /// <summary>How bodies are stored from now on.</summary>
    public CompressionSetting Compression { get; set; } = CompressionSetting.None;

    /// <summary>Null = not capped.</summary>
    public CapLimit? Cap { get; set; }

    /// <summary>Kept open until the file is closed, once it is there.</summary>
    public HoleFile? Holes { get; set; }

    /// <summary>Opens the file, or creates it.</summary>
    public static DocumentsFile Open(string path, StorageOptions options)
    {
        var session = SqliteSession.OpenOrCreate(path, options);
        try
        {
            session.UseWriteAheadLog(options);
            if (DocumentsSchema.IsEmpty(session))
            {
                session.InTransaction(write: true, () =>
                {
                    DocumentsSchema.Create(session, DocumentsState.New);
                    session.Execute(DocumentsSchema.CreateIdIndex);
                });
            }

            var migrated = DocumentsSchema.Migrate(session);
            return new DocumentsFile(session) { MigratedFrom = migrated };
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>See <see cref="CollectionStore.Commit"/>.</summary>
    /// <param name="rows">Gets what the indexes must know of each row that was written.</param>
    public IReadOnlyList<WriteOutcome> Commit(
        IReadOnlyList<WriteOperation> writes, long term, DateTimeOffset now, List<RowReplacement> rows)
    {
        RequireTerm(term);
        var outcomes = new WriteOutcome[writes.Count];
        Publish(session.InTransaction(write: true, () =>
        {
            var next = (State: State, Terms: WithTerm(term));
            for (var i = 0; i < outcomes.Length; i++)
            {
                (outcomes[i], next.State) = Write(writes[i], term, now, next.State, rows);
            }

            next.State = KeepCap(term, now, next.State, rows);

            next.State.Write(session);
            return next;
        }));
        return outcomes;
    }

    /// <summary>See <see cref="CollectionStore.StartTerm"/>.</summary>
    public TermStart StartTerm(long term)
    {
        RequireTerm(term);
        if (TermHistory.Count == 0 || TermHistory[^1].Term < term)
        {
            Publish(session.InTransaction(write: true, () => (State, WithTerm(term))));
        }

        return TermHistory[^1];
    }

    /// <summary>Applies a batch that reaches the end of its source's feed. See <see cref="CollectionStore.Apply"/>.</summary>
    /// <param name="rows">Gets what the indexes must know of each row that was written.</param>
    public ApplyResult Apply(ChangeBatch batch, List<RowReplacement> rows)
    {
        var merged = FeedContinuity.Check(batch, State, TermHistory);
        var applied = Apply(batch.Changes, merged, batch.Through, batch.PurgedThrough, rows, keepBodies: true);
        return new ApplyResult(applied, batch.Changes.Count - applied, Position);
    }

    /// <summary>Applies all pieces of a round, of which the last one reached the end of the source's feed.</summary>
    /// <param name="removed">Gets the seqs of the rows that were replaced, and nothing else: the pieces can be large.</param>
    /// <returns>Changes written.</returns>
    public int Apply(ReceivedChanges received, List<RowReplacement> removed) =>
        Apply(received.ChangesAfter(0), received.Terms, received.Through.Seq, received.PurgedThrough, removed, keepBodies: false);

    public void Dispose()
    {
        session.Dispose();
        Holes?.Dispose();
        Holes = null;
    }

    /// <returns>Changes written; those that are there already are skipped.</returns>
    private int Apply(
        IEnumerable<ChangeRecord> changes,
        IReadOnlyList<TermStart> merged,
        long through,
        long purgedThrough,
        List<RowReplacement> rows,
        bool keepBodies)
    {
        var applied = 0;
        Publish(session.InTransaction(write: true, () =>
        {
            if (!merged.SequenceEqual(TermHistory))
            {
                WriteTerms(merged);
            }

            var next = State;
            foreach (var change in changes)
            {
                if (change.Seq > State.LastSeq)
                {
                    next = Replace(change, next, rows);
                    applied++;
                    if (!keepBodies)
                    {
                        KeepRemovalOnly(rows);
                    }
                }
            }

            next = AtEndOf(next, through, purgedThrough, wasEmpty: State.LastSeq == 0);
            next.Write(session);
            return (next, merged);
        }));
        return applied;
    }

    /// <summary>The state where the end of a source's feed is reached.</summary>
    private DocumentsState AtEndOf(DocumentsState state, long through, long purgedThrough, bool wasEmpty)
    {
        var lastSeq = Math.Max(state.LastSeq, through);
        return state with
        {
            LastSeq = lastSeq,
            Incomplete = state.Incomplete && !HasAllOfRefetch(lastSeq),

            // An empty feed missed nothing by what the source has dropped, but can no more tell others of it.
            PurgedThrough = wasEmpty ? purgedThrough : state.PurgedThrough,
        };
    }

    private static void KeepRemovalOnly(List<RowReplacement> rows)
    {
        var removed = rows[^1].RemovedSeq;
        rows.RemoveAt(rows.Count - 1);
        if (removed != 0)
        {
            rows.Add(new RowReplacement(removed, 0, default));
        }
    }

    private (WriteOutcome Outcome, DocumentsState State) Write(
        WriteOperation write, long term, DateTimeOffset now, DocumentsState current, List<RowReplacement> rows)
    {
        var existing = Find(write.Id);
        var live = existing is { Deleted: false } ? existing : null;
        if (write.ExpectedRev is { } expected && expected != (live?.Rev ?? WriteOperation.MustNotExist))
        {
            return (new WriteOutcome.Conflict(live?.Rev), current);
        }

        if (write is WriteOperation.Delete && live is null)
        {
            return (new WriteOutcome.NotFound(), current);
        }

        if (live is not null && write is WriteOperation.Put { KeepsSame: true, Body: var body } && Has(live, body.Span))
        {
            return (new WriteOutcome.Unchanged(live.Seq, live.Rev), current);
        }

        var seq = current.LastSeq + 1;

        // A term has one primary, and a primary gives each seq once: no two writes of a set share this rev.
        var rev = $"{term}.{seq}";
        var change = write is WriteOperation.Put put
            ? new ChangeRecord(seq, write.Id, rev, term, null, put.Body)
            : new ChangeRecord(seq, write.Id, rev, term, now, ReadOnlyMemory<byte>.Empty);
        return (new WriteOutcome.Written(seq, rev, live is null), Replace(change, current, rows, existing) with { LastSeq = seq });
    }

    /// <summary>Whether the live document has the body, byte for byte.</summary>
    private bool Has(ExistingRow live, ReadOnlySpan<byte> body)
    {
        if (BodyCodec.DecodedBytes(live.Codec, live.BodyBytes) != body.Length)
        {
            return false;
        }

        using var row = session.Query("SELECT codec, body FROM documents WHERE seq = ?1", live.Seq);
        return row.Read() && DocumentsSchema.ReadBody(row, 0).Span.SequenceEqual(body);
    }

    private DocumentsState Replace(ChangeRecord change, DocumentsState current, List<RowReplacement> rows) =>
        Replace(change, current, rows, Find(change.Id));

    /// <summary>Puts a change in the place of its document's earlier version.</summary>
    private DocumentsState Replace(ChangeRecord change, DocumentsState current, List<RowReplacement> rows, ExistingRow? existing)
    {
        var idBytes = Encoding.UTF8.GetByteCount(change.Id);
        if (existing is not null)
        {
            session.Run("DELETE FROM documents WHERE seq = ?1", existing.Seq);
            current = current.Without(existing.Header(idBytes), tree);
        }

        var deletedAt = change.DeletedAt?.ToUnixTimeMilliseconds() ?? 0;
        var (codec, bytes) = change.Deleted ? (BodyCodec.Plain, null) : BodyCodec.Encode(change.Body, Compression);
        session.Run(
            "INSERT INTO documents (seq, id, rev, term, deleted, codec, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            change.Seq, change.Id, change.Rev, change.Term, deletedAt, codec, bytes);
        rows.Add(new RowReplacement(existing?.Seq ?? 0, change.Deleted ? 0 : change.Seq, change.Body));
        var header = new RowHeader(
            change.Seq, idBytes, Encoding.UTF8.GetByteCount(change.Rev), change.Term, deletedAt, codec, bytes?.Length ?? 0);
        return WithEncoding(current).With(header, tree);
    }

    /// <summary>A file without documents takes over the setting; one with others is mixed from now on.</summary>
    private DocumentsState WithEncoding(DocumentsState current)
    {
        var wanted = Compression.ToString();
        return current.Encoding == wanted
            ? current
            : current with { Encoding = current.Documents == 0 ? wanted : DocumentsState.Mixed };
    }

    private ExistingRow? Find(string id)
    {
        using var row = session.Query(
            "SELECT seq, rev, term, deleted, codec, octet_length(body) FROM documents WHERE id = ?1", id);
        return row.Read()
            ? new ExistingRow(
                row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4),
                row.IsDBNull(5) ? 0 : row.GetInt64(5))
            : null;
    }

    private void RequireTerm(long term)
    {
        var highest = TermHistory.Count == 0 ? 1 : TermHistory[^1].Term;
        if (term < highest)
        {
            throw new ArgumentException($"Term {term} is lower than the feed's term {highest}.", nameof(term));
        }
    }

    /// <summary>The history with a term that begins now, written in the current transaction if it is new.</summary>
    private IReadOnlyList<TermStart> WithTerm(long term)
    {
        if (TermHistory.Count > 0 && TermHistory[^1].Term == term)
        {
            return TermHistory;
        }

        var first = State.LastSeq + 1;
        session.Run("INSERT INTO terms (term, first_seq) VALUES (?1, ?2)", term, first);
        return [.. TermHistory, new TermStart(term, first)];
    }

    private void WriteTerms(IReadOnlyList<TermStart> all)
    {
        session.Run("DELETE FROM terms");
        foreach (var start in all)
        {
            session.Run("INSERT INTO terms (term, first_seq) VALUES (?1, ?2)", start.Term, start.FirstSeq);
        }
    }

    private void Publish((DocumentsState State, IReadOnlyList<TermStart> Terms) committed) =>
        published = published with { State = committed.State, Terms = committed.Terms };

    /// <summary>What the file's small tables say.</summary>
    internal sealed record Snapshot(DocumentsState State, IReadOnlyList<TermStart> Terms, FirstCopy? FirstCopy, Publication? Publication)
    {
        /// <summary>What a first copy, or a publication, has so far is no state that the source had: it is worth nothing until it is whole.</summary>
        public FeedPosition Position => FirstCopy is not null ? FeedPosition.Empty
            : Publication?.From ?? Documents.Terms.Position(Terms, State.LastSeq);
    }

    /// <summary>What is stored under an id, without its body.</summary>
    private sealed record ExistingRow(long Seq, string Rev, long Term, long DeletedAt, long Codec, long BodyBytes)
    {
        public bool Deleted => DeletedAt != 0;

        public RowHeader Header(int idBytes) =>
            new(Seq, idBytes, Encoding.UTF8.GetByteCount(Rev), Term, DeletedAt, Codec, BodyBytes);
    }
}
