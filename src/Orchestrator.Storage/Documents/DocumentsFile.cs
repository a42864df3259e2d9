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
    private readonly FeedHistory history;

    // Of the transaction under way: the checksum of all changes so far.
    private UInt128 running;
    private volatile Snapshot published;

    private DocumentsFile(SqliteSession session)
    {
        this.session = session;
        tree = new BTree((int)session.Scalar("PRAGMA page_size"));
        history = new FeedHistory(session);
        published = new Snapshot(DocumentsState.Read(session), Terms.Read(session), FirstCopy.Read(session), Publication.Read(session));
    }

    /// <summary>State and terms that belong together, on disk. Any thread.</summary>
    public Snapshot Current => published;

    public DocumentsState State => published.State;

    public IReadOnlyList<TermStart> TermHistory => published.Terms;

    public FeedPosition Position => published.Position;

    /// <summary>The running checksum of the feed. Any thread, to read it.</summary>
    public FeedHistory History => history;

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
        var before = history.At(State.LastSeq);
        List<HistoryPoint> points = State.LastSeq == 0 ? [default] : [];
        var committed = session.InTransaction(write: true, () =>
        {
            running = before ?? UInt128.Zero;
            var next = (State: State, Terms: WithTerm(term));
            for (var i = 0; i < outcomes.Length; i++)
            {
                (outcomes[i], next.State) = Write(writes[i], term, now, next.State, rows);
            }

            next.State = KeepCap(term, now, next.State, rows);
            if (next.State.LastSeq > State.LastSeq)
            {
                points.Add(new HistoryPoint(next.State.LastSeq, running));
                history.Write(session, kept: before is not null, points);
            }

            next.State.Write(session);
            return next;
        });
        if (committed.State.LastSeq > State.LastSeq)
        {
            history.Committed(kept: before is not null, points);
        }

        Publish(committed);
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
        RequireSameHistory(batch);
        var applied = Apply(batch.Changes, merged, batch.Through, batch.PurgedThrough, batch.History, rows, keepBodies: true);
        return new ApplyResult(applied, batch.Changes.Count - applied, Position);
    }

    /// <summary>Applies all pieces of a round, of which the last one reached the end of the source's feed.</summary>
    /// <param name="removed">Gets the seqs of the rows that were replaced, and nothing else: the pieces can be large.</param>
    /// <returns>Changes written.</returns>
    public int Apply(ReceivedChanges received, List<RowReplacement> removed) =>
        Apply(received.ChangesAfter(0), received.Terms, received.Through.Seq, received.PurgedThrough, received.History, removed, keepBodies: false);

    public void Dispose()
    {
        session.Dispose();
        history.Dispose();
        Holes?.Dispose();
        Holes = null;
    }

    /// <returns>Changes written; those that are there already are skipped.</returns>
    private int Apply(
        IEnumerable<ChangeRecord> changes,
        IReadOnlyList<TermStart> merged,
        long through,
        long purgedThrough,
        IReadOnlyList<HistoryPoint> source,
        List<RowReplacement> rows,
        bool keepBodies)
    {
        var applied = 0;
        var moves = through > State.LastSeq;
        var points = PointsThrough(source, through);
        var kept = points.Count > 0 && history.At(State.LastSeq) is not null && points[0].Seq == State.LastSeq;
        points = kept && State.LastSeq > 0 ? points.GetRange(1, points.Count - 1) : points;
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

            if (moves)
            {
                history.Write(session, kept, points);
            }

            next = AtEndOf(next, through, purgedThrough, wasEmpty: State.LastSeq == 0);
            next.Write(session);
            return (next, merged);
        }), () =>
        {
            if (moves)
            {
                history.Committed(kept, points);
            }
        });
        return applied;
    }

    /// <summary>A source's points, if they tell of the whole feed through a seq.</summary>
    private static List<HistoryPoint> PointsThrough(IReadOnlyList<HistoryPoint> source, long through) =>
        source.Count > 0 && source[^1].Seq == through ? [.. source] : [];

    /// <summary>
    /// Where both know their checksum at the place where the batch begins, it must be the same; and where none of its changes has been
    /// replaced yet, they must lead to the source's checksum at its end.
    /// </summary>
    private void RequireSameHistory(ChangeBatch batch)
    {
        if (batch.Since != State.LastSeq || batch.Since == 0 || batch.History.Count == 0 || history.At(batch.Since) is not { } own
            || batch.History[0].Seq > batch.Since)
        {
            return;
        }

        if (batch.History[0] != new HistoryPoint(batch.Since, own))
        {
            throw new DifferentHistoryException(
                $"The checksum of all changes through {batch.Since} is {own:x32} here; the source has {batch.History[0].Checksum:x32} at {batch.History[0].Seq}.");
        }

        if (batch.Changes.Count != batch.Through - batch.Since || batch.History[^1].Seq != batch.Through)
        {
            return;
        }

        var reached = batch.Changes.Aggregate(own, history.Next);
        if (reached != batch.History[^1].Checksum)
        {
            throw new DifferentHistoryException(
                $"The changes after {batch.Since} lead to the checksum {reached:x32} at {batch.Through}; the source has {batch.History[^1].Checksum:x32}.");
        }
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
        running = history.Next(running, change);
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

    private void Publish((DocumentsState State, IReadOnlyList<TermStart> Terms) committed, Action? first = null)
    {
        first?.Invoke();
        published = published with { State = committed.State, Terms = committed.Terms };
    }

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
