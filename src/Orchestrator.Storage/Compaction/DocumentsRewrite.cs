using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Copies the documents in seq order into a new file.
/// </summary>
/// <remarks>
/// Why nothing is lost, whatever is written meanwhile: the source has one row for each id, and every write gives its row
/// a new seq above all others. Invariant after a batch through seq c: each row that the source has up to c is in the
/// copy. The copy may also have rows which the source has no more; their ids have rows above c then, and catching up
/// removes an id's row before it adds the new one. At c = last seq, with no writes, nothing of that kind is left. Up to
/// the seq where the source was when the copy began, ids are unique without an index, which is why it is built only
/// then, in one go and dense. Rows above that seq need the index. A roll-back gives seqs a second time; it makes a new
/// generation, and a copy belongs to one generation. Transactions here begin without a write lock: asking for it at
/// the beginning would take that of the source too, and keep its writer waiting.
/// </remarks>
internal sealed class DocumentsRewrite(CollectionDirectory directory, TombstonePurge purge, CompressionSetting compression) : DocumentsCopy
{
    private const int MinBatchRows = 8;
    private const int MaxBatchRows = 1 << 14;
    private const int MaxCatchUpRounds = 100_000;
    private SqliteSession? session;
    private BTree tree = new(4096);
    private Checkpoint checkpoint = new(0, 0, 0, 0, 0, false);
    private int batchRows = 256;
    private bool verified;
    private bool stateIsComplete;
    private bool finishing;
    private DocumentsState? finished;

    public override string CopyPath => directory.DocumentsCopy;

    public override long Lag(long lastSeq) => lastSeq - checkpoint.CopiedThrough;

    public override long TombstonesDropped => checkpoint.TombstonesDropped;

    public override void RunOnline(JobControl control, CancellationToken cancellation)
    {
        finishing = false;
        Open(control);
        var total = Math.Max(1, SourceRows());
        control.Progress.Report(CompactionStage.Copy, checkpoint.RowsCopied, total);
        while (checkpoint.CopiedThrough < checkpoint.CopyTarget)
        {
            CopyBatch(control, checkpoint.CopyTarget, replaces: false, cancellation);
            control.Progress.Report(CompactionStage.Copy, checkpoint.RowsCopied, total);
            control.Hit(Failpoints.BatchCopied);
        }

        BuildOrder(control, cancellation);
        CatchUp(control, cancellation);
        Verify(control, cancellation);

        // The check may have taken long.
        CatchUp(control, cancellation);
        CompleteState();
        CopyFile.PrepareForSwap(Session);
        Session.Run("PRAGMA src.wal_checkpoint(PASSIVE)");
    }

    public override void FinishCopy(JobControl control, DocumentsState source)
    {
        control.Progress.Report(CompactionStage.FinalCatchUp, 0, 1);
        finishing = true;
        for (var round = 0; checkpoint.CopiedThrough < source.LastSeq && round < MaxCatchUpRounds; round++)
        {
            CopyBatch(control: null, source.LastSeq, replaces: true, CancellationToken.None);
        }

        var copy = DocumentsState.Read(Session);
        if (IsAsTheSource(source))
        {
            // The same rows, as they were.
            copy = copy with { Cost = source.Cost };
        }

        finished = copy;

        if (copy.Documents != source.Documents || copy.DecodedBytes != source.DecodedBytes || copy.LastSeq != source.LastSeq)
        {
            throw new StorageException(
                $"{CopyPath} has {copy.Documents} documents of {copy.DecodedBytes} bytes through {copy.LastSeq}, {directory.Documents} has "
                + $"{source.Documents} of {source.DecodedBytes} through {source.LastSeq}: the copy is not used.");
        }

        control.Hit(Failpoints.FinallyCaughtUp);
    }

    public override void Seal(JobControl control)
    {
        var copy = Session;
        copy.InTransaction(write: false, () =>
        {
            copy.Run("DELETE FROM main.terms");
            copy.Run("INSERT INTO main.terms SELECT * FROM src.terms");
            ((finished ?? throw new InvalidOperationException("The copy is not finished.")) with
            {
                Generation = checkpoint.SourceGeneration + 1,
            }).Write(copy);
        });
        session = null;
        CopyFile.CloseSynced(copy, CopyPath, control);
        control.Hit(Failpoints.Sealed);
    }

    public override void Dispose()
    {
        session?.Dispose();
        session = null;
    }

    private SqliteSession Session => session ?? throw new InvalidOperationException("The copy is not open.");

    private void Open(JobControl control)
    {
        if (session is not null)
        {
            CopyFile.GoOn(session);
            return;
        }

        session = CopyFile.Open(CopyPath, directory.Documents, control.Options);
        try
        {
            tree = new BTree((int)session.Scalar("PRAGMA main.page_size"));
            if (DocumentsSchema.IsEmpty(session))
            {
                Begin();
                control.Files.SyncDirectory(directory.Path);
            }

            checkpoint = Checkpoint.Read(session)
                ?? throw new CorruptFileException(CopyPath, "it is not a copy under way");
            RequireGeneration();
            var state = DocumentsState.Read(session);
            if (state.Generation != checkpoint.SourceGeneration)
            {
                // It was sealed for a swap that did not come about.
                (state with { Generation = checkpoint.SourceGeneration }).Write(session);
            }

            control.Hit(Failpoints.CopyCreated);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void Begin()
    {
        var copy = Session;
        copy.InTransaction(write: false, () =>
        {
            var source = DocumentsState.Read(copy, "src");
            DocumentsSchema.Create(copy, DocumentsState.New with
            {
                Generation = source.Generation,
                PurgedThrough = source.PurgedThrough,
                Encoding = compression.ToString(),
            });
            new Checkpoint(source.Generation, source.LastSeq, 0, 0, 0, false).Write(copy);
        });
    }

    private long SourceRows() => DocumentsState.Read(Session, "src").Rows;

    private void RequireGeneration()
    {
        var generation = Session.Scalar("SELECT generation FROM src.state");
        if (generation != checkpoint.SourceGeneration)
        {
            throw new CompactionRefusedException($"{directory.Documents} was rolled back, or tombstones were dropped from it; the compaction must begin anew.");
        }
    }

    /// <summary>Copies the next rows up to <paramref name="target"/>, with the checkpoint, in one transaction.</summary>
    private void CopyBatch(JobControl? control, long target, bool replaces, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var copy = Session;
        var pages = copy.Scalar("PRAGMA main.page_count");
        checkpoint = copy.InTransaction(write: false, () =>
        {
            // The first read of the source in this transaction; all that follows is of the same snapshot.
            RequireGeneration();
            var from = checkpoint.CopiedThrough;
            var through = copy.Scalar(
                "SELECT max(seq) FROM (SELECT seq FROM src.documents WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)",
                from, target, batchRows);
            var full = through != 0 && copy.Scalar(
                "SELECT count(*) FROM (SELECT 1 FROM src.documents WHERE seq > ?1 AND seq <= ?2 LIMIT 1)", through, target) > 0;
            through = full ? through : target;
            var rows = replaces ? ReplaceRows(from, through) : AppendRows(from, through);
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

    private (long Copied, long Dropped) AppendRows(long from, long through)
    {
        var dropped = CountDropped(from, through);

        // What was written under another setting meanwhile makes the source a mixed one.
        var asItIs = Session.Text("SELECT encoding FROM src.state") == compression.ToString();
        return (asItIs ? InsertRows(from, through) : EncodeRows(from, through), dropped);
    }

    private long InsertRows(long from, long through) => Session.Run(
            $"""
            INSERT INTO main.documents ({DocumentsSchema.ChangeColumns})
            SELECT {DocumentsSchema.ChangeColumns} FROM src.documents
            WHERE seq > ?1 AND seq <= ?2 AND NOT (deleted > 0 AND deleted < ?3 AND seq <= ?4) ORDER BY seq
            """,
            from, through, PurgeBefore, purge.HeldByAllThrough);

    private long EncodeRows(long from, long through)
    {
        long copied = 0;
        using var rows = Session.Query(
            $"""
            SELECT {DocumentsSchema.ChangeColumns} FROM src.documents
            WHERE seq > ?1 AND seq <= ?2 AND NOT (deleted > 0 AND deleted < ?3 AND seq <= ?4) ORDER BY seq
            """,
            from, through, PurgeBefore, purge.HeldByAllThrough);
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
        var rows = AppendRows(from, through);
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

    private void BuildOrder(JobControl control, CancellationToken cancellation)
    {
        if (checkpoint.Ordered)
        {
            return;
        }

        control.Progress.Report(CompactionStage.BuildOrder, 0, 1);
        var copy = Session;
        var pages = copy.Scalar("PRAGMA main.page_count");
        copy.Interruptible(cancellation, () => checkpoint = copy.InTransaction(write: false, () =>
        {
            copy.Execute(DocumentsSchema.CreateIdIndex);
            CountRows(copy);
            var next = checkpoint with { Ordered = true };
            next.Write(copy);
            return next;
        }));
        control.Progress.Report(CompactionStage.BuildOrder, 1, 1);
        control.AfterBatch((copy.Scalar("PRAGMA main.page_count") - pages) * tree.PageSize, cancellation);
        control.Hit(Failpoints.OrderBuilt);
    }

    /// <summary>
    /// Counts the rows copied so far; from here on the state is kept up to date row by row. What they take in the file is left
    /// out: mostly it is known from the source at the end.
    /// </summary>
    private void CountRows(SqliteSession copy)
    {
        var before = DocumentsState.Read(copy);
        using var sums = copy.Query(
            $"""
            SELECT count(*), total(deleted > 0), total(octet_length(body)), total({BodyCodec.DecodedBytesSql}) FROM main.documents
            """);
        sums.Read();
        var tombstones = (long)sums.GetDouble(1);
        var counted = before with
        {
            LastSeq = checkpoint.CopiedThrough,
            Documents = sums.GetInt64(0) - tombstones,
            Tombstones = tombstones,
            BodyBytes = (long)sums.GetDouble(2),
            DecodedBytes = (long)sums.GetDouble(3),
            Cost = default,
        };
        sums.Close();
        counted.Write(copy);
    }

    /// <summary>True if the copy has the source's rows, none left out and none encoded anew.</summary>
    private bool IsAsTheSource(DocumentsState source) => checkpoint.TombstonesDropped == 0 && source.Encoding == compression.ToString();

    /// <summary>Sums up what the rows take in the file, where that is not known from the source.</summary>
    private void CompleteState()
    {
        if (stateIsComplete || IsAsTheSource(DocumentsState.Read(Session, "src")))
        {
            return;
        }

        Session.InTransaction(write: false, () =>
        {
            RowCost cost = default;
            using (var rows = Session.Query($"SELECT {RowHeader.Columns} FROM main.documents"))
            {
                while (rows.Read())
                {
                    cost += RowCost.Of(RowHeader.Read(rows), tree);
                }
            }

            (DocumentsState.Read(Session) with { Cost = cost }).Write(Session);
        });
        stateIsComplete = true;
    }

    private void CatchUp(JobControl control, CancellationToken cancellation)
    {
        for (var round = 0; round < MaxCatchUpRounds; round++)
        {
            var last = Session.Scalar("SELECT last_seq FROM src.state");
            var lag = last - checkpoint.CopiedThrough;
            if (lag <= 0)
            {
                break;
            }

            control.Progress.Report(CompactionStage.CatchUp, checkpoint.CopiedThrough, last);
            CopyBatch(control, last, replaces: true, cancellation);
            if (lag <= control.Options.FinalCatchUpChanges / 4)
            {
                break;
            }
        }

        control.Hit(Failpoints.CaughtUp);
    }

    private void Verify(JobControl control, CancellationToken cancellation)
    {
        if (verified)
        {
            return;
        }

        control.Progress.Report(CompactionStage.Verify, 0, 1);
        CopyFile.Verify(Session, CopyPath, cancellation);
        verified = true;
        control.Progress.Report(CompactionStage.Verify, 1, 1);
        control.Hit(Failpoints.Verified);
    }
}
