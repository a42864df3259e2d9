using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Indexes;

/// <summary>Compares an index with the documents and gives it what it lacks, or takes away what it has too many.</summary>
internal static class IndexRepair
{
    private const int Batch = 1000;

    /// <summary>Adds the entries of the live documents after <see cref="IndexState.IndexedThrough"/>.</summary>
    public static void AddMissing(IndexFile index, SqliteSession documents, long last)
    {
        var rows = new List<RowReplacement>();
        using var query = documents.Query(
            "SELECT seq, codec, body FROM documents WHERE seq > ?1 AND deleted = 0 ORDER BY seq", index.State.IndexedThrough);
        while (query.Read())
        {
            rows.Add(new RowReplacement(0, query.GetInt64(0), DocumentsSchema.ReadBody(query, 1)));
            if (rows.Count >= Batch)
            {
                index.Store(rows, rows[^1].AddedSeq);
                rows.Clear();
            }
        }

        index.Store(rows, last);
    }

    /// <summary>Removes the entries of versions that were replaced while the index did not see it.</summary>
    /// <param name="giveUp">Asked now and then; true ends it with nothing removed.</param>
    /// <returns>False if it gave up.</returns>
    public static bool RemoveGarbage(IndexFile index, SqliteSession documents, Func<bool> giveUp)
    {
        var garbage = new List<RowReplacement>();
        using (var entries = index.Writer.Query("SELECT seq FROM entries ORDER BY seq"))
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

                if (seq % Batch == 0 && giveUp())
                {
                    return false;
                }

                if (current != seq)
                {
                    garbage.Add(new RowReplacement(seq, 0, default));
                }
            }
        }

        index.Store(garbage, index.State.IndexedThrough);
        return true;
    }
}
