using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Copies an index's entries in seq order into a new file and builds its b-tree over the keys in their order. Entries
/// never change; the writer's removals meanwhile come through a <see cref="RemovalLog"/>, which is emptied
/// with each batch. A log that has overflowed, because the copy had to wait for long, is replaced by a new one, and what is not in
/// the source any more is looked for.
/// </summary>
internal sealed class IndexRewrite : IndexCopy
{
    private const int MinBatchRows = 64;
    private const int MaxBatchRows = 1 << 16;
    private const int MaxCatchUpRounds = 100_000;
    private readonly IndexFile index;
    private RemovalLog removals = new(0);
    private SqliteSession? session;
    private BTree tree = new(4096);
    private Progress checkpoint = new(0, 0, 0);
    private int batchRows = 4096;
    private bool verified;

    public IndexRewrite(IndexFile index)
        : base(index)
    {
        this.index = index;
    }

    public override long Lag => removals.IsValid ? index.State.IndexedThrough - checkpoint.CopiedThrough + removals.Count : long.MaxValue;

    /// <summary>True if a partial copy of the index is there and can be gone on with.</summary>
    public static bool IsUsable(IndexFile index, StorageOptions options)
    {
        if (!options.Files.Exists(index.CopyPath))
        {
            return false;
        }

        try
        {
            using var session = SqliteSession.OpenExisting(index.CopyPath, options, memoryMap: false);
            return IndexSchema.IsKnown(session) && Progress.Read(session) is { } checkpoint
                && checkpoint.SourceGeneration == index.State.Generation && checkpoint.CopiedThrough <= index.State.IndexedThrough;
        }
        catch (Exception e) when (e is StorageException or InvalidOperationException or InvalidCastException)
        {
            return false;
        }
    }

    public override void RunOnline(JobControl control, CancellationToken cancellation)
    {
        Open(control);
        var total = Math.Max(1, index.State.Entries);
        CopyThrough(control, cancellation, () => control.Progress.Report(CompactionStage.Copy, checkpoint.RowsCopied, total));
        if (!Session.Has(IndexSchema.KeyIndex))
        {
            control.Progress.Report(CompactionStage.BuildOrder, 0, 1);
            var pages = Session.Scalar("PRAGMA main.page_count");
            Session.Interruptible(cancellation, () => Session.Execute(IndexSchema.CreateKeyIndex));
            control.Progress.Report(CompactionStage.BuildOrder, 1, 1);
            control.AfterBatch((Session.Scalar("PRAGMA main.page_count") - pages) * tree.PageSize, cancellation);
            control.Hit(Failpoints.IndexOrderBuilt);
        }

        CopyThrough(control, cancellation, () => control.Progress.Report(CompactionStage.CatchUp, 1, 1));
        Verify(control, cancellation);
        CopyThrough(control, cancellation, () => control.Progress.Report(CompactionStage.Verify, 1, 1));
        CopyFile.PrepareForSwap(Session);
    }

    public override void FinishCopyAndSeal(JobControl control)
    {
        control.Progress.Report(CompactionStage.FinalCatchUp, 0, 1);
        if (removals.WhyInvalid is { } why)
        {
            throw new CompactionRefusedException($"The compaction of {index.Path} can continue later: {why}.");
        }

        var through = index.State.IndexedThrough;
        for (var round = 0; checkpoint.CopiedThrough < through && round < MaxCatchUpRounds; round++)
        {
            CopyBatch(through);
        }

        CopyBatch(through);
        var copy = Session;
        var state = IndexState.Read(copy);
        if (state.Entries != index.State.Entries)
        {
            throw new StorageException($"{CopyPath} has {state.Entries} entries, {index.Path} has {index.State.Entries}: the copy is not used.");
        }

        (state with { Generation = checkpoint.SourceGeneration + 1, IndexedThrough = through }).Write(copy);
        session = null;
        CopyFile.CloseSynced(copy, CopyPath, control);
        control.Hit(Failpoints.IndexSealed);
    }

    public override void Dispose()
    {
        index.Removals = null;
        Close();
    }

    private SqliteSession Session => session ?? throw new InvalidOperationException("The copy is not open.");

    private void Close()
    {
        session?.Dispose();
        session = null;
    }

    private void Open(JobControl control)
    {
        if (session is not null)
        {
            CopyFile.GoOn(session);
            return;
        }

        LogRemovals(control);
        session = CopyFile.Open(CopyPath, index.Path, control.Options);
        try
        {
            tree = new BTree((int)session.Scalar("PRAGMA main.page_size"));
            if (DocumentsSchema.IsEmpty(session))
            {
                session.InTransaction(write: false, () =>
                {
                    IndexSchema.Create(session);
                    new Progress(index.State.Generation, 0, 0).Write(session);
                });
            }

            checkpoint = Progress.Read(session) ?? throw new CorruptFileException(CopyPath, "it is not a copy under way");
            RequireSource();
            RemoveGarbage();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>From now on the writer's removals are logged; what is read after this lacks those of before.</summary>
    private void LogRemovals(JobControl control)
    {
        removals = new RemovalLog(control.Options.LoggedRemovals);
        index.Removals = removals;
    }

    private void RequireSource()
    {
        if (Session.Scalar("SELECT generation FROM src.state") != checkpoint.SourceGeneration)
        {
            throw new CompactionRefusedException($"The compaction of {index.Path} must begin anew: it was rolled back or rebuilt.");
        }
    }

    /// <summary>Entries that were removed while nobody logged it: between an interruption and now, or after the log was full.</summary>
    private void RemoveGarbage()
    {
        if (checkpoint.RowsCopied > 0)
        {
            Session.InTransaction(write: false, () =>
            {
                Session.Run("DELETE FROM main.entries WHERE seq NOT IN (SELECT seq FROM src.entries)");
                Recount();
            });
        }
    }

    private void Recount()
    {
        var state = IndexState.New with { Generation = checkpoint.SourceGeneration };
        using (var rows = Session.Query("SELECT seq, octet_length(key) FROM main.entries"))
        {
            while (rows.Read())
            {
                state = state.With(rows.GetInt64(0), rows.GetInt64(1), tree);
            }
        }

        state.Write(Session);
    }

    private void CopyThrough(JobControl control, CancellationToken cancellation, Action report)
    {
        report();
        for (var round = 0; round < MaxCatchUpRounds; round++)
        {
            if (!removals.IsValid)
            {
                LogRemovals(control);
                RemoveGarbage();
            }

            var last = Session.Scalar("SELECT indexed_through FROM src.state");
            var lag = last - checkpoint.CopiedThrough + removals.Count;
            if (lag <= 0)
            {
                return;
            }

            cancellation.ThrowIfCancellationRequested();
            var pages = Session.Scalar("PRAGMA main.page_count");
            CopyBatch(last);
            var bytes = Math.Max(0, Session.Scalar("PRAGMA main.page_count") - pages) * tree.PageSize;
            var factor = bytes == 0 ? 2 : Math.Clamp((double)control.BatchBytes / bytes, 0.25, 2);
            batchRows = (int)Math.Clamp(batchRows * factor, MinBatchRows, MaxBatchRows);
            control.AfterBatch(bytes, cancellation);
            report();
            control.Hit(Failpoints.IndexBatchCopied);
            if (lag <= control.Options.FinalCatchUpChanges / 4)
            {
                return;
            }
        }
    }

    /// <summary>Copies the next entries up to <paramref name="target"/>, then takes out what was removed, in one transaction.</summary>
    private void CopyBatch(long target)
    {
        var copy = Session;

        // Taken before the snapshot: what is in the list is not in the source any more, nor will be copied again.
        var removed = removals.Take();
        try
        {
            checkpoint = copy.InTransaction(write: false, () => CopyBatch(copy, target, removed));
        }
        catch
        {
            removals.PutBack(removed);
            throw;
        }
    }

    private Progress CopyBatch(SqliteSession copy, long target, IReadOnlyList<long> removed)
    {
        RequireSource();
        var from = checkpoint.CopiedThrough;
        var through = copy.Scalar(
            "SELECT seq FROM src.entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1 OFFSET ?3", from, target, batchRows - 1);
        through = through == 0 ? target : through;
        var copied = copy.Run(
            "INSERT INTO main.entries (seq, key) SELECT seq, key FROM src.entries WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
            from, through);
        var state = IndexState.Read(copy);
        using (var added = copy.Query(
            "SELECT seq, octet_length(key) FROM main.entries WHERE seq > ?1 AND seq <= ?2", from, through))
        {
            while (added.Read())
            {
                state = state.With(added.GetInt64(0), added.GetInt64(1), tree);
            }
        }

        state = TakeOut(copy, state, removed);
        state.Write(copy);
        var next = checkpoint with { CopiedThrough = Math.Max(from, through), RowsCopied = checkpoint.RowsCopied + copied };
        next.Write(copy);
        return next;
    }

    private IndexState TakeOut(SqliteSession copy, IndexState state, IReadOnlyList<long> removed)
    {
        foreach (var seq in removed)
        {
            var length = copy.Scalar("SELECT octet_length(key) FROM main.entries WHERE seq = ?1", seq);
            if (length > 0)
            {
                copy.Run("DELETE FROM main.entries WHERE seq = ?1", seq);
                state = state.Without(seq, length, tree);
            }
        }

        return state;
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
    }

    /// <summary>How far the copy is; in the copy itself, written in the transaction of each batch.</summary>
    private sealed record Progress(long SourceGeneration, long CopiedThrough, long RowsCopied)
    {
        public static Progress? Read(SqliteSession session)
        {
            using var row = session.Query("SELECT source_generation, copied_through, rows_copied FROM main.checkpoint");
            return row.Read() ? new Progress(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)) : null;
        }

        public void Write(SqliteSession session) => session.Run(
            "INSERT OR REPLACE INTO main.checkpoint (one, source_generation, copied_through, rows_copied) VALUES (1, ?1, ?2, ?3)",
            SourceGeneration, CopiedThrough, RowsCopied);
    }
}
