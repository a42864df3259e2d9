using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction.Rewrite;

/// <summary>
/// What is done once with all rows copied: the index over the ids, the sums of the state, the check. What is done is not done again for a copy that is
/// opened anew because its swap failed.
/// </summary>
internal sealed class CopyOrder(CompressionSetting compression)
{
    private bool _rowsChecked;
    private bool _verified;
    private bool _stateIsComplete;

    /// <summary>
    /// Builds the index, while another connection counts and checks the rows, which do not change meanwhile. In the write-ahead log
    /// the new pages and that connection do not hinder each other; and the log is short, because the index is small beside the rows.
    /// </summary>
    public void Build(RewriteCopy copy, JobControl control, CancellationToken cancellation)
    {
        if (copy.Checkpoint.Ordered)
        {
            return;
        }

        control.Progress.Report(CompactionStage.BuildOrder, 0, 1);
        var session = copy.Session;
        var pages = copy.Pages();
        CopyFile.UseWriteAheadLog(session);
        CopyFile.MapMemory(session, control.Options);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var rows = Task.Factory.StartNew(
            () => CountAndCheck(copy, control, both.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            session.Interruptible(cancellation, () => copy.Change(checkpoint =>
            {
                session.Execute(DocumentsSchema.CreateIdIndex);
                rows.GetAwaiter().GetResult().Write(session);
                return checkpoint with { Ordered = true };
            }));
        }
        catch
        {
            both.Cancel();
            Task.WaitAny([rows], CancellationToken.None);
            throw;
        }

        _rowsChecked = true;
        control.Progress.Report(CompactionStage.BuildOrder, 1, 1);
        control.AfterBatch(copy.BytesAdded(pages), cancellation);
        control.Hit(Failpoints.OrderBuilt);
    }

    /// <summary>The rows were checked while the index was built, if that was in this process: then what is left is the index.</summary>
    public void Verify(RewriteCopy copy, JobControl control, CancellationToken cancellation)
    {
        if (_verified)
        {
            return;
        }

        control.Progress.Report(CompactionStage.Verify, 0, 1);
        CopyFile.MapMemory(copy.Session, control.Options);
        if (_rowsChecked)
        {
            CopyFile.GiveBackFreePages(copy.Session, cancellation);
            copy.Session.Interruptible(cancellation, () => RequireEveryIdOnce(copy));
        }
        else
        {
            CopyFile.Verify(copy.Session, copy.Path, cancellation);
        }

        _verified = true;
        control.Progress.Report(CompactionStage.Verify, 1, 1);
        control.Hit(Failpoints.Verified);
    }

    /// <summary>Sums up what the rows take in the file, where that is not known from the source.</summary>
    public void CompleteState(RewriteCopy copy)
    {
        if (_stateIsComplete || IsAsTheSource(copy, copy.Source))
        {
            return;
        }

        copy.Session.InTransaction(write: false, () =>
        {
            RowCost cost = default;
            using (var rows = copy.Session.Query($"SELECT {RowHeader.Columns} FROM main.documents"))
            {
                while (rows.Read())
                {
                    cost += RowCost.Of(RowHeader.Read(rows), copy.Tree);
                }
            }

            (DocumentsState.Read(copy.Session) with { Cost = cost }).Write(copy.Session);
        });
        _stateIsComplete = true;
    }

    /// <summary>True if the copy has the source's rows, none left out and none encoded anew.</summary>
    public bool IsAsTheSource(RewriteCopy copy, DocumentsState source) => copy.Checkpoint.TombstonesDropped == 0 && source.Encoding == compression.ToString();

    /// <summary>
    /// The state with the rows copied so far; from here on it is kept up to date row by row. What they take in the file is left
    /// out: mostly it is known from the source at the end.
    /// </summary>
    private static DocumentsState CountAndCheck(RewriteCopy copy, JobControl control, CancellationToken cancellation)
    {
        using var rows = SqliteSession.OpenExisting(copy.Path, control.Options, memoryMap: true);
        DocumentsState? counted = null;
        rows.Interruptible(cancellation, () => rows.InTransaction(write: false, () =>
        {
            var before = DocumentsState.Read(rows);
            using (var sums = rows.Query(
                $"SELECT count(*), total(deleted > 0), total(octet_length(body)), total({BodyCodec.DecodedBytesSql}) FROM main.documents"))
            {
                sums.Read();
                var tombstones = (long)sums.GetDouble(1);
                counted = before with
                {
                    LastSeq = copy.Checkpoint.CopiedThrough,
                    Documents = sums.GetInt64(0) - tombstones,
                    Tombstones = tombstones,
                    BodyBytes = (long)sums.GetDouble(2),
                    DecodedBytes = (long)sums.GetDouble(3),
                    Cost = default,
                };
            }

            CopyFile.Check(rows, copy.Path);
        }));
        return counted!;
    }

    /// <exception cref="CorruptFileException"/>
    private static void RequireEveryIdOnce(RewriteCopy copy)
    {
        // That no id is twice in it was seen when it was built.
        var entries = copy.Session.Scalar("SELECT count(*) FROM main.documents INDEXED BY documents_by_id");
        var rows = DocumentsState.Read(copy.Session).Rows;
        if (entries != rows)
        {
            throw new CorruptFileException(copy.Path, $"its index has {entries} ids, and there are {rows} rows");
        }
    }
}
