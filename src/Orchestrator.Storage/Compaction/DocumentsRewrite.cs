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
internal sealed partial class DocumentsRewrite(CollectionDirectory directory, TombstonePurge purge, CompressionSetting compression) : DocumentsCopy
{
    private const int MaxCatchUpRounds = 100_000;
    private SqliteSession? session;
    private BTree tree = new(4096);
    private Checkpoint checkpoint = new(0, 0, 0, 0, 0, false, "");
    private bool rowsChecked;
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
        try
        {
            CopyAll(control, cancellation);
        }
        catch (OperationCanceledException)
        {
            Sync();
            throw;
        }
    }

    private void CopyAll(JobControl control, CancellationToken cancellation)
    {
        var total = Math.Max(1, SourceRows());
        control.Progress.Report(CompactionStage.Copy, checkpoint.RowsCopied, total);
        while (checkpoint.CopiedThrough < checkpoint.CopyTarget)
        {
            AppendBatch(control, cancellation);
            control.Progress.Report(CompactionStage.Copy, checkpoint.RowsCopied, total);
            control.Hit(Failpoints.BatchCopied);
        }

        BuildOrder(control, cancellation);
        CatchUp(control, cancellation);
        Verify(control, cancellation);

        // The check may have taken long.
        CatchUp(control, cancellation);
        CompleteState();
        cancellation.ThrowIfCancellationRequested();
        SyncForSwap();
        Session.Run("PRAGMA src.wal_checkpoint(PASSIVE)");
    }

    public override void FinishCopy(JobControl control, DocumentsState source)
    {
        control.Progress.Report(CompactionStage.FinalCatchUp, 0, 1);
        finishing = true;
        for (var round = 0; checkpoint.CopiedThrough < source.LastSeq && round < MaxCatchUpRounds; round++)
        {
            ReplaceBatch(control: null, source.LastSeq, CancellationToken.None);
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
            copy.Run("DELETE FROM main.history");
            copy.Run("INSERT INTO main.history SELECT * FROM src.history");
            ((finished ?? throw new InvalidOperationException("The copy is not finished.")) with
            {
                Generation = checkpoint.SourceGeneration + 1,
            }).Write(copy);
        });
        session = null;
        CopyFile.CloseSynced(copy, CopyPath, control);
        CloseWriteBack();
        control.Hit(Failpoints.Sealed);
    }

    public override void Dispose()
    {
        session?.Dispose();
        session = null;
        CloseWriteBack();
    }

    private SqliteSession Session => session ?? throw new InvalidOperationException("The copy is not open.");

    private void Open(JobControl control)
    {
        if (session is not null)
        {
            CopyFile.GoOn(session);
            WriteUnsynced(control.Files.BootId);
            return;
        }

        session = CopyFile.Open(CopyPath, directory.Documents, control.Options);
        try
        {
            tree = new BTree((int)session.Scalar("PRAGMA main.page_size"));
            batchRows = FirstBatchRows(control);
            writeBack = control.Files.OpenForWriteBack(CopyPath);
            if (DocumentsSchema.IsEmpty(session))
            {
                Begin(control.Files.BootId ?? "");
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

            WriteUnsynced(control.Files.BootId);
            control.Hit(Failpoints.CopyCreated);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void Begin(string boot)
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
            new Checkpoint(source.Generation, source.LastSeq, 0, 0, 0, false, boot).Write(copy);
        });
    }

    private long SourceRows() => DocumentsState.Read(Session, "src").Rows;

    private void RequireGeneration()
    {
        var generation = Session.Scalar("SELECT generation FROM src.state");
        if (generation != checkpoint.SourceGeneration)
        {
            throw new CompactionRefusedException($"{directory.Documents} was rolled back, or tombstones were dropped from it; the compaction must start again.");
        }
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
            ReplaceBatch(control, last, cancellation);
            if (lag <= control.Options.FinalCatchUpChanges / 4)
            {
                break;
            }
        }

        control.Hit(Failpoints.CaughtUp);
    }
}
