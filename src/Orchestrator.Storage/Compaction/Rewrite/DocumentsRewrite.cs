using Orchestrator.Storage.Documents;

namespace Orchestrator.Storage.Compaction.Rewrite;

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
    private const int MaxCatchUpRounds = 100_000;

    private readonly CopyOrder _order = new(compression);

    // Null while the copy is closed.
    private OpenCopy? _open;

    // As the copy was when it was closed.
    private Checkpoint? _closedAt;
    private DocumentsState? _finished;

    public override string CopyPath => directory.DocumentsCopy;

    public override long Lag(long lastSeq) => lastSeq - (Checkpoint?.CopiedThrough ?? 0);

    public override long TombstonesDropped => Checkpoint?.TombstonesDropped ?? 0;

    private Checkpoint? Checkpoint => _open?.Copy.Checkpoint ?? _closedAt;

    private OpenCopy Current => _open ?? throw new InvalidOperationException("The copy is not open.");

    public override void RunOnline(JobControl control, CancellationToken cancellation)
    {
        Open(control);
        Current.Rows.KeepsTombstones = false;
        try
        {
            CopyAll(Current, control, cancellation);
        }
        catch (OperationCanceledException)
        {
            Current.Syncs.Sync();
            throw;
        }
    }

    public override void FinishCopy(JobControl control, DocumentsState source)
    {
        control.Progress.Report(CompactionStage.FinalCatchUp, 0, 1);
        var (copy, batches, rows, _) = Current;
        rows.KeepsTombstones = true;
        for (var round = 0; copy.Checkpoint.CopiedThrough < source.LastSeq && round < MaxCatchUpRounds; round++)
        {
            batches.Replace(control: null, source.LastSeq, CancellationToken.None);
        }

        var finished = DocumentsState.Read(copy.Session);
        if (_order.IsAsTheSource(copy, source))
        {
            // The same rows, as they were.
            finished = finished with { Cost = source.Cost };
        }

        _finished = finished;

        if (finished.Documents != source.Documents || finished.DecodedBytes != source.DecodedBytes || finished.LastSeq != source.LastSeq)
        {
            throw new StorageException(
                $"{CopyPath} has {finished.Documents} documents of {finished.DecodedBytes} bytes through {finished.LastSeq}, {directory.Documents} has "
                + $"{source.Documents} of {source.DecodedBytes} through {source.LastSeq}: the copy is not used.");
        }

        control.Hit(Failpoints.FinallyCaughtUp);
    }

    public override void Seal(JobControl control)
    {
        var (copy, batches, _, _) = Current;
        var session = copy.Session;
        session.InTransaction(write: false, () =>
        {
            session.Run("DELETE FROM main.terms");
            session.Run("INSERT INTO main.terms SELECT * FROM src.terms");
            session.Run("DELETE FROM main.history");
            session.Run("INSERT INTO main.history SELECT * FROM src.history");
            ((_finished ?? throw new InvalidOperationException("The copy is not finished.")) with
            {
                Generation = copy.Checkpoint.SourceGeneration + 1,
            }).Write(session);
        });
        _closedAt = copy.Checkpoint;
        _open = null;
        copy.CloseSynced(control);
        batches.Dispose();
        control.Hit(Failpoints.Sealed);
    }

    public override void Dispose()
    {
        if (_open is { } open)
        {
            _closedAt = open.Copy.Checkpoint;
            _open = null;
            open.Copy.Dispose();
            open.Batches.Dispose();
        }
    }

    private void Open(JobControl control)
    {
        if (_open is { } open)
        {
            CopyFile.GoOn(open.Copy.Session);
            open.Syncs.WriteUnsynced(control.Files.BootId);
            return;
        }

        var copy = RewriteCopy.Open(directory, compression, control);
        try
        {
            var rows = new RowCopy(copy, purge, compression);
            _open = new OpenCopy(copy, new CopyBatches(copy, rows, control), rows, new CopySyncs(copy));
            _open.Syncs.WriteUnsynced(control.Files.BootId);
            control.Hit(Failpoints.CopyCreated);
        }
        catch
        {
            if (_open is null)
            {
                copy.Dispose();
            }

            Dispose();
            throw;
        }
    }

    private void CopyAll(OpenCopy open, JobControl control, CancellationToken cancellation)
    {
        var (copy, batches, _, syncs) = open;
        var total = Math.Max(1, copy.Source.Rows);
        control.Progress.Report(CompactionStage.Copy, copy.Checkpoint.RowsCopied, total);
        while (copy.Checkpoint.CopiedThrough < copy.Checkpoint.CopyTarget)
        {
            batches.Append(control, cancellation);
            control.Progress.Report(CompactionStage.Copy, copy.Checkpoint.RowsCopied, total);
            control.Hit(Failpoints.BatchCopied);
        }

        _order.Build(copy, control, cancellation);
        CatchUp(open, control, cancellation);
        _order.Verify(copy, control, cancellation);

        // The check may have taken long.
        CatchUp(open, control, cancellation);
        _order.CompleteState(copy);
        cancellation.ThrowIfCancellationRequested();
        syncs.SyncForSwap();
        copy.Session.Run("PRAGMA src.wal_checkpoint(PASSIVE)");
    }

    private static void CatchUp(OpenCopy open, JobControl control, CancellationToken cancellation)
    {
        var copy = open.Copy;
        for (var round = 0; round < MaxCatchUpRounds; round++)
        {
            var last = copy.Session.Scalar("SELECT last_seq FROM src.state");
            var lag = last - copy.Checkpoint.CopiedThrough;
            if (lag <= 0)
            {
                break;
            }

            control.Progress.Report(CompactionStage.CatchUp, copy.Checkpoint.CopiedThrough, last);
            open.Batches.Replace(control, last, cancellation);
            if (lag <= control.Options.FinalCatchUpChanges / 4)
            {
                break;
            }
        }

        control.Hit(Failpoints.CaughtUp);
    }

    /// <summary>The copy while it is open, with those who work on it.</summary>
    private sealed record OpenCopy(RewriteCopy Copy, CopyBatches Batches, RowCopy Rows, CopySyncs Syncs);
}
