using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Indexes;

/// <content>Catching up with the documents, at opening and after an error.</content>
internal sealed partial class IndexFile
{
    private const int CatchUpBatch = 1000;

    private bool IsLongToBuild(DocumentsState documents)
    {
        // More rows than there are cannot be missing, however many changes there were.
        var missing = state.IndexedThrough > documents.LastSeq ? documents.LastSeq : documents.LastSeq - state.IndexedThrough;
        return Math.Min(missing, documents.Rows) > options.IndexedAtOpening
            || (state.Entries > options.IndexedAtOpening && !Writer.Has(IndexSchema.KeyIndex));
    }

    private void TryCatchUp(DocumentsFile documents)
    {
        try
        {
            if (writer is null)
            {
                // A swap has closed it and could not open it again.
                OpenWriter();
            }

            CatchUp(documents);
            IsBehind = false;
        }
        catch (StorageException e)
        {
            Fail(e);
        }
    }

    private void Fail(StorageException e)
    {
        IsBehind = true;

        // What was removed is not known any more; a compaction of this file cannot go on.
        Removals?.Invalidate($"the index could not take in a change ({e.Message})");
    }

    private void CatchUp(DocumentsFile documents)
    {
        var last = documents.State.LastSeq;
        var session = Writer;
        if (state.IndexedThrough > last)
        {
            // Not from this feed, e.g. a documents file put back from a backup.
            Clear();
        }

        mayHaveGarbage |= state.Entries > 0 && (state.IndexedThrough < last || documents.State.Incomplete);
        if (state.IndexedThrough < last)
        {
            AddMissing(documents, last);
        }

        if (mayHaveGarbage)
        {
            RemoveGarbage(documents.Session, static () => false);
            mayHaveGarbage = false;
        }

        session.Execute(IndexSchema.CreateKeyIndex);
    }

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

    /// <summary>Adds the entries of the live documents after <see cref="IndexState.IndexedThrough"/>.</summary>
    public void AddMissing(DocumentsFile documents, long last)
    {
        var rows = new List<RowReplacement>();
        using var query = documents.Session.Query(
            "SELECT seq, codec, body FROM documents WHERE seq > ?1 AND deleted = 0 ORDER BY seq", state.IndexedThrough);
        while (query.Read())
        {
            rows.Add(new RowReplacement(0, query.GetInt64(0), DocumentsSchema.ReadBody(query, 1)));
            if (rows.Count >= CatchUpBatch)
            {
                Store(rows, rows[^1].AddedSeq);
                rows.Clear();
            }
        }

        Store(rows, last);
    }

    /// <summary>Removes the entries of versions that were replaced while the index did not see it.</summary>
    /// <param name="giveUp">Asked now and then; true ends it with nothing removed.</param>
    /// <returns>False if it gave up.</returns>
    public bool RemoveGarbage(SqliteSession documents, Func<bool> giveUp)
    {
        var garbage = new List<RowReplacement>();
        using (var entries = Writer.Query("SELECT seq FROM entries ORDER BY seq"))
        using (var live = documents.Query("SELECT seq FROM documents WHERE deleted = 0 ORDER BY seq"))
        {
            long current = 0;
            while (entries.Read())
            {
                var seq = entries.GetInt64(0);
                while (current < seq && live.Read())
                {
                    current = live.GetInt64(0);
                }

                if (seq % CatchUpBatch == 0 && giveUp())
                {
                    return false;
                }

                if (current != seq)
                {
                    garbage.Add(new RowReplacement(seq, 0, default));
                }
            }
        }

        Store(garbage, state.IndexedThrough);
        return true;
    }
}
