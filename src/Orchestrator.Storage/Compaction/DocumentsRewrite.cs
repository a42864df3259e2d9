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
    private const int SortingCacheKilobytes = 16 << 10;
    private const int MaxCatchUpRounds = 100_000;
    private SqliteSession? session;
    private BTree tree = new(4096);
    private Checkpoint checkpoint = new(0, 0, 0, 0, 0, false);
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
        CopyFile.PrepareForSwap(Session);
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

    private void BuildOrder(JobControl control, CancellationToken cancellation)
    {
        if (checkpoint.Ordered)
        {
            return;
        }

        control.Progress.Report(CompactionStage.BuildOrder, 0, 1);
        var copy = Session;
        var pages = copy.Scalar("PRAGMA main.page_count");

        // All of it is read again here, and by the check. What is sorted at a time is as large as the cache may be.
        CopyFile.MapMemory(copy, control.Options);
        copy.Execute($"PRAGMA main.cache_size = -{SortingCacheKilobytes}");
        copy.Interruptible(cancellation, () => checkpoint = copy.InTransaction(write: false, () =>
        {
            copy.Execute(DocumentsSchema.CreateIdIndex);
            CopyFile.UseSmallCache(copy);
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
            ReplaceBatch(control, last, cancellation);
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
        CopyFile.MapMemory(Session, control.Options);
        CopyFile.Verify(Session, CopyPath, cancellation);
        verified = true;
        control.Progress.Report(CompactionStage.Verify, 1, 1);
        control.Hit(Failpoints.Verified);
    }
}
