using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sizes;

namespace Orchestrator.Storage.Compaction.Rewrite;

/// <summary>Copies rows of the source into the copy, within the caller's transaction, and leaves out the tombstones that are due.</summary>
internal sealed class RowCopy(RewriteCopy copy, TombstonePurge purge, CompressionSetting compression)
{
    private const int NoLimit = -1;

    /// <summary>None are dropped in the write pause: that would make a look at all rows necessary.</summary>
    public bool KeepsTombstones { get; set; }

    private long PurgeBefore => KeepsTombstones ? 0 : purge.Before;

    /// <summary>Copies rows after a seq, which the copy has none of.</summary>
    /// <returns>Rows copied.</returns>
    public long Append(long from, long through, int most)
    {
        // What was written under another setting meanwhile makes the source a mixed one.
        var asItIs = copy.Session.Text("SELECT encoding FROM src.state") == compression.ToString();
        return asItIs ? InsertRows(from, through, most) : EncodeRows(from, through, most);
    }

    /// <summary>As <see cref="Append"/>, but takes out earlier versions first and keeps the state up to date.</summary>
    public (long Copied, long Dropped) Replace(long from, long through)
    {
        var session = copy.Session;
        var state = DocumentsState.Read(session);
        using (var replaced = session.Query(
            $"""
            SELECT {RowHeader.Columns} FROM main.documents
            WHERE id IN (SELECT id FROM src.documents WHERE seq > ?1 AND seq <= ?2)
            """,
            from, through))
        {
            while (replaced.Read())
            {
                state = state.Without(RowHeader.Read(replaced), copy.Tree);
            }
        }

        session.Run("DELETE FROM main.documents WHERE id IN (SELECT id FROM src.documents WHERE seq > ?1 AND seq <= ?2)", from, through);
        var rows = (Copied: Append(from, through, NoLimit), Dropped: CountDropped(from, through));
        using (var added = session.Query($"SELECT {RowHeader.Columns} FROM main.documents WHERE seq > ?1 AND seq <= ?2", from, through))
        {
            while (added.Read())
            {
                state = state.With(RowHeader.Read(added), copy.Tree);
            }
        }

        // Read again: counting the dropped ones may have moved it.
        var purgedThrough = session.Scalar("SELECT purged_through FROM main.state");
        (state with { LastSeq = through, PurgedThrough = purgedThrough }).Write(session);
        return rows;
    }

    /// <summary>Counts the tombstones in a range that are left out, and records the highest.</summary>
    public long CountDropped(long from, long through)
    {
        if (PurgeBefore <= 0 || purge.HeldByAllThrough <= from)
        {
            return 0;
        }

        using var row = copy.Session.Query(
            "SELECT count(*), max(seq) FROM src.documents WHERE seq > ?1 AND seq <= ?2 AND deleted > 0 AND deleted < ?3 AND seq <= ?4",
            from, through, PurgeBefore, purge.HeldByAllThrough);
        if (!row.Read() || row.GetInt64(0) == 0)
        {
            return 0;
        }

        copy.Session.Run("UPDATE main.state SET purged_through = max(purged_through, ?1)", row.GetInt64(1));
        return row.GetInt64(0);
    }

    // An error undoes the transaction: SQLite need not be able to undo the statement alone, for which it would keep a file.
    private long InsertRows(long from, long through, int most) => copy.Session.Run(
        $"""
        INSERT OR ROLLBACK INTO main.documents ({DocumentsSchema.ChangeColumns})
        SELECT {DocumentsSchema.ChangeColumns} FROM src.documents
        WHERE seq > ?1 AND seq <= ?2 AND NOT (deleted > 0 AND deleted < ?3 AND seq <= ?4) ORDER BY seq LIMIT ?5
        """,
        from, through, PurgeBefore, purge.HeldByAllThrough, most);

    private long EncodeRows(long from, long through, int most)
    {
        long copied = 0;
        using var rows = copy.Session.Query(
            $"""
            SELECT {DocumentsSchema.ChangeColumns} FROM src.documents
            WHERE seq > ?1 AND seq <= ?2 AND NOT (deleted > 0 AND deleted < ?3 AND seq <= ?4) ORDER BY seq LIMIT ?5
            """,
            from, through, PurgeBefore, purge.HeldByAllThrough, most);
        while (rows.Read())
        {
            var deleted = rows.GetInt64(4);
            var (codec, bytes) = deleted > 0 ? (BodyCodec.Plain, null) : BodyCodec.Encode(DocumentsSchema.ReadBody(rows, 5), compression);
            copy.Session.Run(
                $"INSERT INTO main.documents ({DocumentsSchema.ChangeColumns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetInt64(3), deleted, codec, bytes);
            copied++;
        }

        return copied;
    }
}
