using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sizes;

namespace Orchestrator.Storage.Compaction;

/// <content>What is copied in one transaction.</content>
internal sealed partial class DocumentsRewrite
{
    private const int MinBatchRows = 8;
    private const int MaxBatchRows = 1 << 14;
    private const int NoLimit = -1;

    // Rows are copied by one statement for each piece of a batch; the disk begins to write a piece while the next one is copied.
    private const long PieceBytes = 4L << 20;
    private WriteBack? writeBack;
    private int batchRows;

    /// <summary>Rows for about one piece, by the average of the source's.</summary>
    private int FirstBatchRows(JobControl control)
    {
        var source = DocumentsState.Read(Session, "src");
        var bytes = source.Cost.LeafBytes + (source.Cost.OverflowPages * tree.PageSize);
        var rowBytes = source.Rows == 0 ? tree.PageSize : Math.Max(1, bytes / source.Rows);
        return (int)Math.Clamp(Math.Min(PieceBytes, control.BatchBytes) / rowBytes, MinBatchRows, MaxBatchRows);
    }

    private void CloseWriteBack()
    {
        writeBack?.Dispose();
        writeBack = null;
    }

    /// <summary>
    /// Copies the next rows up to the seq where the source was when the copy began, with the checkpoint, in one transaction. A
    /// cancellation ends it at the next piece; what is copied by then counts.
    /// </summary>
    private void AppendBatch(JobControl control, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var copy = Session;
        var pages = copy.Scalar("PRAGMA main.page_count");
        long bytes = 0;
        checkpoint = copy.InTransaction(write: false, () =>
        {
            // The first read of the source in this transaction; all that follows is of the same snapshot.
            RequireGeneration();
            var next = checkpoint;
            do
            {
                var before = bytes;
                next = AppendPiece(next);
                bytes = Math.Max(0, copy.Scalar("PRAGMA main.page_count") - pages) * tree.PageSize;
                AdaptBatch(bytes - before, Math.Min(PieceBytes, control.BatchBytes));
                writeBack?.Begin();
            }
            while (next.CopiedThrough < next.CopyTarget && bytes < control.BatchBytes && !cancellation.IsCancellationRequested);

            next.Write(copy);
            return next;
        });
        control.AfterBatch(bytes, cancellation);
    }

    private Checkpoint AppendPiece(Checkpoint at)
    {
        var copied = AppendRows(at.CopiedThrough, at.CopyTarget, batchRows);

        // Rows are appended in seq order, so the last one tells how far it came.
        var through = copied < batchRows ? at.CopyTarget : Session.Scalar("SELECT max(seq) FROM main.documents");
        return at with
        {
            CopiedThrough = through,
            RowsCopied = at.RowsCopied + copied,
            TombstonesDropped = at.TombstonesDropped + CountDropped(at.CopiedThrough, through),
        };
    }

    /// <summary>
    /// Copies the next rows up to <paramref name="target"/> in the place of those of the same ids, with the checkpoint, in one
    /// transaction.
    /// </summary>
    private void ReplaceBatch(JobControl? control, long target, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var copy = Session;
        var pages = copy.Scalar("PRAGMA main.page_count");
        checkpoint = copy.InTransaction(write: false, () =>
        {
            RequireGeneration();
            var from = checkpoint.CopiedThrough;
            var through = copy.Scalar(
                "SELECT max(seq) FROM (SELECT seq FROM src.documents WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)",
                from, target, batchRows);
            var full = through != 0 && copy.Scalar(
                "SELECT count(*) FROM (SELECT 1 FROM src.documents WHERE seq > ?1 AND seq <= ?2 LIMIT 1)", through, target) > 0;
            through = full ? through : target;
            var rows = ReplaceRows(from, through);
            var next = checkpoint with
            {
                CopiedThrough = through,
                RowsCopied = checkpoint.RowsCopied + rows.Copied,
                TombstonesDropped = checkpoint.TombstonesDropped + rows.Dropped,
            };
            next.Write(copy);
            return next;
        });
        if (control is not null)
        {
            var bytes = Math.Max(0, copy.Scalar("PRAGMA main.page_count") - pages) * tree.PageSize;
            AdaptBatch(bytes, control.BatchBytes);
            control.AfterBatch(bytes, cancellation);
        }
    }

    /// <returns>Rows copied.</returns>
    private long AppendRows(long from, long through, int most)
    {
        // What was written under another setting meanwhile makes the source a mixed one.
        var asItIs = Session.Text("SELECT encoding FROM src.state") == compression.ToString();
        return asItIs ? InsertRows(from, through, most) : EncodeRows(from, through, most);
    }

    // An error undoes the transaction: SQLite need not be able to undo the statement alone, for which it would keep a file.
    private long InsertRows(long from, long through, int most) => Session.Run(
            $"""
            INSERT OR ROLLBACK INTO main.documents ({DocumentsSchema.ChangeColumns})
            SELECT {DocumentsSchema.ChangeColumns} FROM src.documents
            WHERE seq > ?1 AND seq <= ?2 AND NOT (deleted > 0 AND deleted < ?3 AND seq <= ?4) ORDER BY seq LIMIT ?5
            """,
            from, through, PurgeBefore, purge.HeldByAllThrough, most);

    private long EncodeRows(long from, long through, int most)
    {
        long copied = 0;
        using var rows = Session.Query(
            $"""
            SELECT {DocumentsSchema.ChangeColumns} FROM src.documents
            WHERE seq > ?1 AND seq <= ?2 AND NOT (deleted > 0 AND deleted < ?3 AND seq <= ?4) ORDER BY seq LIMIT ?5
            """,
            from, through, PurgeBefore, purge.HeldByAllThrough, most);
        while (rows.Read())
        {
            var deleted = rows.GetInt64(4);
            var (codec, bytes) = deleted > 0 ? (BodyCodec.Plain, null) : BodyCodec.Encode(DocumentsSchema.ReadBody(rows, 5), compression);
            Session.Run(
                $"INSERT INTO main.documents ({DocumentsSchema.ChangeColumns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetInt64(3), deleted, codec, bytes);
            copied++;
        }

        return copied;
    }

    /// <summary>As <see cref="AppendRows"/>, but takes out earlier versions first and keeps the state up to date.</summary>
    private (long Copied, long Dropped) ReplaceRows(long from, long through)
    {
        var copy = Session;
        var state = DocumentsState.Read(copy);
        using (var replaced = copy.Query(
            $"""
            SELECT {RowHeader.Columns} FROM main.documents
            WHERE id IN (SELECT id FROM src.documents WHERE seq > ?1 AND seq <= ?2)
            """,
            from, through))
        {
            while (replaced.Read())
            {
                state = state.Without(RowHeader.Read(replaced), tree);
            }
        }

        copy.Run("DELETE FROM main.documents WHERE id IN (SELECT id FROM src.documents WHERE seq > ?1 AND seq <= ?2)", from, through);
        var rows = (Copied: AppendRows(from, through, NoLimit), Dropped: CountDropped(from, through));
        using (var added = copy.Query($"SELECT {RowHeader.Columns} FROM main.documents WHERE seq > ?1 AND seq <= ?2", from, through))
        {
            while (added.Read())
            {
                state = state.With(RowHeader.Read(added), tree);
            }
        }

        // Read again: counting the dropped ones may have moved it.
        var purgedThrough = copy.Scalar("SELECT purged_through FROM main.state");
        (state with { LastSeq = through, PurgedThrough = purgedThrough }).Write(copy);
        return rows;
    }

    /// <summary>None are dropped in the write pause: that would make a look at all rows necessary.</summary>
    private long PurgeBefore => finishing ? 0 : purge.Before;

    /// <summary>Counts the tombstones in a range that are left out, and records the highest.</summary>
    private long CountDropped(long from, long through)
    {
        if (PurgeBefore <= 0 || purge.HeldByAllThrough <= from)
        {
            return 0;
        }

        using var row = Session.Query(
            "SELECT count(*), max(seq) FROM src.documents WHERE seq > ?1 AND seq <= ?2 AND deleted > 0 AND deleted < ?3 AND seq <= ?4",
            from, through, PurgeBefore, purge.HeldByAllThrough);
        if (!row.Read() || row.GetInt64(0) == 0)
        {
            return 0;
        }

        Session.Run("UPDATE main.state SET purged_through = max(purged_through, ?1)", row.GetInt64(1));
        return row.GetInt64(0);
    }

    private void AdaptBatch(long bytes, long targetBytes)
    {
        var factor = bytes == 0 ? 2 : Math.Clamp((double)targetBytes / bytes, 0.25, 2);
        batchRows = (int)Math.Clamp(batchRows * factor, MinBatchRows, MaxBatchRows);
    }
}
