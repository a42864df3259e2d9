using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <content>What is done once with all rows copied: the index over the ids, the sums of the state, the check.</content>
internal sealed partial class DocumentsRewrite
{
    /// <summary>
    /// Builds the index, while another connection counts and checks the rows, which do not change meanwhile. In the write-ahead log
    /// the new pages and that connection do not hinder each other; and the log is short, because the index is small beside the rows.
    /// </summary>
    private void BuildOrder(JobControl control, CancellationToken cancellation)
    {
        if (checkpoint.Ordered)
        {
            return;
        }

        control.Progress.Report(CompactionStage.BuildOrder, 0, 1);
        var copy = Session;
        var pages = copy.Scalar("PRAGMA main.page_count");
        CopyFile.UseWriteAheadLog(copy);
        CopyFile.MapMemory(copy, control.Options);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var rows = Task.Factory.StartNew(
            () => CountAndCheck(control, both.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            copy.Interruptible(cancellation, () => checkpoint = copy.InTransaction(write: false, () =>
            {
                copy.Execute(DocumentsSchema.CreateIdIndex);
                rows.GetAwaiter().GetResult().Write(copy);
                var next = checkpoint with { Ordered = true };
                next.Write(copy);
                return next;
            }));
        }
        catch
        {
            both.Cancel();
            Task.WaitAny([rows], CancellationToken.None);
            throw;
        }

        rowsChecked = true;
        control.Progress.Report(CompactionStage.BuildOrder, 1, 1);
        control.AfterBatch((copy.Scalar("PRAGMA main.page_count") - pages) * tree.PageSize, cancellation);
        control.Hit(Failpoints.OrderBuilt);
    }

    /// <summary>
    /// The state with the rows copied so far; from here on it is kept up to date row by row. What they take in the file is left
    /// out: mostly it is known from the source at the end.
    /// </summary>
    private DocumentsState CountAndCheck(JobControl control, CancellationToken cancellation)
    {
        using var copy = SqliteSession.OpenExisting(CopyPath, control.Options, memoryMap: true);
        DocumentsState? counted = null;
        copy.Interruptible(cancellation, () => copy.InTransaction(write: false, () =>
        {
            var before = DocumentsState.Read(copy);
            using (var sums = copy.Query(
                $"SELECT count(*), total(deleted > 0), total(octet_length(body)), total({BodyCodec.DecodedBytesSql}) FROM main.documents"))
            {
                sums.Read();
                var tombstones = (long)sums.GetDouble(1);
                counted = before with
                {
                    LastSeq = checkpoint.CopiedThrough,
                    Documents = sums.GetInt64(0) - tombstones,
                    Tombstones = tombstones,
                    BodyBytes = (long)sums.GetDouble(2),
                    DecodedBytes = (long)sums.GetDouble(3),
                    Cost = default,
                };
            }

            CopyFile.Check(copy, CopyPath);
        }));
        return counted!;
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

    /// <summary>The rows were checked while the index was built, if that was in this process: then what is left is the index.</summary>
    private void Verify(JobControl control, CancellationToken cancellation)
    {
        if (verified)
        {
            return;
        }

        control.Progress.Report(CompactionStage.Verify, 0, 1);
        CopyFile.MapMemory(Session, control.Options);
        if (rowsChecked)
        {
            CopyFile.GiveBackFreePages(Session, cancellation);
            Session.Interruptible(cancellation, RequireEveryIdOnce);
        }
        else
        {
            CopyFile.Verify(Session, CopyPath, cancellation);
        }

        verified = true;
        control.Progress.Report(CompactionStage.Verify, 1, 1);
        control.Hit(Failpoints.Verified);
    }

    /// <exception cref="CorruptFileException"/>
    private void RequireEveryIdOnce()
    {
        // That no id is twice in it was seen when it was built.
        var entries = Session.Scalar("SELECT count(*) FROM main.documents INDEXED BY documents_by_id");
        var rows = DocumentsState.Read(Session).Rows;
        if (entries != rows)
        {
            throw new CorruptFileException(CopyPath, $"its index has {entries} ids, and there are {rows} rows");
        }
    }
}
