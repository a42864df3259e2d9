using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Replication;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>What a primary writes: each write gets the next seq of the feed, in the primary's term.</summary>
internal sealed class PrimaryWrites(SqliteSession session, CommittedState committed, DocumentRows rows, FeedHistory history)
{
    // Of the transaction under way: the checksum of all changes so far.
    private UInt128 _running;

    // No live document is before it; not kept on disk, since it only saves a look at what is there.
    private long _oldestLive;

    /// <summary>Null = not capped.</summary>
    public CapLimit? Cap { get; set; }

    /// <summary>See <see cref="CollectionStore.Commit"/>.</summary>
    /// <param name="replaced">Gets what the indexes must know of each row that was written.</param>
    public IReadOnlyList<WriteOutcome> Commit(
        IReadOnlyList<WriteOperation> writes, long term, DateTimeOffset now, List<RowReplacement> replaced)
    {
        RequireTerm(term);
        var outcomes = new WriteOutcome[writes.Count];
        var lastSeq = committed.State.LastSeq;
        var before = history.At(lastSeq);
        var moved = false;
        List<HistoryPoint> points = lastSeq == 0 ? [default] : [];
        committed.Change(
            current =>
            {
                _running = before ?? UInt128.Zero;
                var (terms, state) = (WithTerm(term), current.State);
                for (var i = 0; i < outcomes.Length; i++)
                {
                    (outcomes[i], state) = Write(writes[i], term, now, state, replaced);
                }

                state = KeepCap(term, now, state, replaced);
                moved = state.LastSeq > lastSeq;
                if (moved)
                {
                    points.Add(new HistoryPoint(state.LastSeq, _running));
                    history.Write(session, kept: before is not null, points);
                }

                return current with { State = state, Terms = terms };
            },
            () =>
            {
                if (moved)
                {
                    history.Committed(kept: before is not null, points);
                }
            });
        return outcomes;
    }

    /// <summary>See <see cref="CollectionFeed.StartTerm"/>.</summary>
    public TermStart StartTerm(long term)
    {
        RequireTerm(term);
        if (committed.Terms.Count == 0 || committed.Terms[^1].Term < term)
        {
            committed.Change(current => current with { Terms = WithTerm(term) });
        }

        return committed.Terms[^1];
    }

    private (WriteOutcome Outcome, DocumentsState State) Write(
        WriteOperation write, long term, DateTimeOffset now, DocumentsState current, List<RowReplacement> replaced)
    {
        var existing = rows.Find(write.Id);
        var live = existing is { Deleted: false } ? existing : null;
        if (write.ExpectedRev is { } expected && expected != (live?.Rev ?? WriteOperation.MustNotExist))
        {
            return (new WriteOutcome.Conflict(live?.Rev), current);
        }

        if (write is WriteOperation.Delete && live is null)
        {
            return (new WriteOutcome.NotFound(), current);
        }

        if (live is not null && write is WriteOperation.Put { KeepsSame: true, Body: var body } && rows.Has(live, body.Span))
        {
            return (new WriteOutcome.Unchanged(live.Seq, live.Rev), current);
        }

        var change = write is WriteOperation.Put put
            ? Next(current, write.Id, term, null, put.Body)
            : Next(current, write.Id, term, now, ReadOnlyMemory<byte>.Empty);
        return (new WriteOutcome.Written(change.Seq, change.Rev, live is null), Append(change, current, replaced, existing));
    }

    /// <summary>
    /// Deletes the documents whose last change is longest ago until the rest is within the cap; the last one stays in any
    /// case. As ordinary deletes: the other members do what the feed says, and need not know the cap.
    /// </summary>
    private DocumentsState KeepCap(long term, DateTimeOffset now, DocumentsState current, List<RowReplacement> replaced)
    {
        while (Cap is { } cap && current.Documents > 1 && (current.Documents > cap.MaxDocuments || current.BodyBytes > cap.MaxBytes))
        {
            var id = session.Text("SELECT id FROM documents WHERE seq >= ?1 AND deleted = 0 ORDER BY seq LIMIT 1", _oldestLive);
            if (rows.Find(id) is not { } oldest)
            {
                _oldestLive = _oldestLive == 0 ? throw new StorageException($"{session.File} counts {current.Documents} documents, but has none.") : 0;
                continue;
            }

            _oldestLive = oldest.Seq;
            current = Append(Next(current, id, term, now, ReadOnlyMemory<byte>.Empty), current, replaced, oldest);
        }

        return current;
    }

    /// <summary>The next change of the feed. A term has one primary, and a primary gives each seq once: no two writes of a set share its rev.</summary>
    private static ChangeRecord Next(DocumentsState current, string id, long term, DateTimeOffset? deletedAt, ReadOnlyMemory<byte> body)
    {
        var seq = current.LastSeq + 1;
        return new ChangeRecord(seq, id, $"{term}.{seq}", term, deletedAt, body);
    }

    private DocumentsState Append(ChangeRecord change, DocumentsState current, List<RowReplacement> replaced, StoredRow? existing)
    {
        _running = history.Next(_running, change);
        return rows.Replace(change, current, replaced, existing) with { LastSeq = change.Seq };
    }

    private void RequireTerm(long term)
    {
        var highest = committed.Terms.Count == 0 ? 1 : committed.Terms[^1].Term;
        if (term < highest)
        {
            throw new ArgumentException($"Term {term} is lower than the feed's term {highest}.", nameof(term));
        }
    }

    /// <summary>The terms with one that begins now, written in the current transaction if it is new.</summary>
    private IReadOnlyList<TermStart> WithTerm(long term)
    {
        if (committed.Terms.Count > 0 && committed.Terms[^1].Term == term)
        {
            return committed.Terms;
        }

        var start = new TermStart(term, committed.State.LastSeq + 1);
        Terms.Add(session, start);
        return [.. committed.Terms, start];
    }
}
