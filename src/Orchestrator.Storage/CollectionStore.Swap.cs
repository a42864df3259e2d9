using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage;

/// <content>The end of a compaction: the new file takes the old one's place.</content>
public sealed partial class CollectionStore
{
    private const int MostDrainTimeouts = 100;

    private IReadOnlyDictionary<CompactionUnit, (long FileBytes, long PhysicalBytes)> sizesBefore =
        new Dictionary<CompactionUnit, (long FileBytes, long PhysicalBytes)>();

    private FinishOutcome FinishDocuments(CompactionJob running, DocumentsCopy copy)
    {
        if (!HasCaughtUp(running, copy.Lag(documents.State.LastSeq), options.FinalCatchUpChanges))
        {
            return Postpone(running);
        }

        copy.FinishCopy(running.Control, documents.State);
        if (!Drain(running, documentsPool))
        {
            return FinishOutcome.Continue;
        }

        try
        {
            running.Control.Progress.Report(CompactionStage.Swap, 0, 1);
            running.ReadyToFinish = false;
            copy.Seal(running.Control);
            SwapDocuments(running.Control);
        }
        finally
        {
            documentsPool.Resume();
        }

        return UnitDone(running, documents.State.Rows);
    }

    /// <summary>
    /// Waits for running reads, not longer than writes can wait; each time twice as long, so that in the end it comes to the swap.
    /// </summary>
    private bool Drain(CompactionJob running, ReaderPool pool)
    {
        if (running.Drains++ > MaxDrains)
        {
            throw new CompactionRefusedException($"{Directory}: reads leave no moment for the swap; the compaction can continue later.");
        }

        if (pool.Drain(options.ReaderDrainTimeout * Math.Min(1 << Math.Min(running.Drains - 1, 16), MostDrainTimeouts)))
        {
            return true;
        }

        running.ReadyToFinish = false;
        return false;
    }

    /// <summary>
    /// With no connection left to the old file, so that its write-ahead log is gone: if it is not, e.g. because the disk was
    /// full, the swap is given up, since the log must be removed, and then a revoked swap would lose it. The record of the intent is what
    /// decides: before it is written a crash leaves the old file, after it the new one.
    /// </summary>
    private void SwapDocuments(JobControl control)
    {
        var generation = documents.State.Generation + 1;
        documents.Dispose();
        IDisposable? oldContent = null;
        try
        {
            SwapIntent.RequireNoLog(options.Files, Directory.Documents);
            SwapIntent.RequireNoLog(options.Files, Directory.DocumentsCopy);
            oldContent = options.Files.KeepContent(Directory.Documents);
            control.Hit(Failpoints.Closed);
            new SwapIntent(generation).Write(options.Files, Directory);
            control.Hit(Failpoints.IntentWritten);
            SwapIntent.Rename(options.Files, Directory, control.Hit);
            SwapIntent.Forget(options.Files, Directory);
            control.Hit(Failpoints.IntentRemoved);
        }
        catch (Exception e)
        {
            Revoke(e);
            throw new StorageException($"{Directory}: the compacted file could not take the old one's place: {e.Message}", e);
        }
        finally
        {
            // Frees the old file's blocks, which writes need not wait for.
            _ = Task.Run(() => oldContent?.Dispose());
        }

        Reopen();
    }

    /// <summary>
    /// After a failure within the swap. If the old file still has its name and the intent can be taken back, all is as
    /// before. Else only a start can tell which file it is to be: no write may be acknowledged until then.
    /// </summary>
    private void Revoke(Exception cause)
    {
        try
        {
            if (!options.Files.Exists(Directory.DocumentsCopy))
            {
                throw new StorageException("the new file has its name, but that is not known to be durable");
            }

            SwapIntent.Remove(options.Files, Directory);
            Reopen();
        }
        catch (Exception e)
        {
            failure = $"{Directory} must be opened again: a swap failed ({cause.Message}) and could not be undone ({e.Message}).";
            documentsPool.Dispose();
        }
    }

    private void Reopen()
    {
        try
        {
            documents = DocumentsFile.Open(Directory.Documents, options);
            UseSettings();
        }
        catch (Exception e)
        {
            failure = $"{Directory} must be opened again: {e.Message}";
            documentsPool.Dispose();
            throw;
        }
    }

    private FinishOutcome FinishIndex(CompactionJob running, IndexCopy copy)
    {
        var index = copy.Index;
        if (!HasCaughtUp(running, copy.Lag, options.FinalCatchUpChanges))
        {
            return Postpone(running);
        }

        if (!Drain(running, index.Pool))
        {
            return FinishOutcome.Continue;
        }

        try
        {
            running.ReadyToFinish = false;
            copy.FinishCopyAndSeal(running.Control);
            running.Control.Progress.Report(CompactionStage.Swap, 0, 1);

            // Either file is whole, and catches up from the feed when it is opened: no intent is needed.
            index.CloseWriter();
            SwapIndex(running.Control, copy);
        }
        finally
        {
            index.Pool.Resume();
        }

        return UnitDone(running, index.State.Entries);
    }

    private void SwapIndex(JobControl control, IndexCopy rewrite)
    {
        var path = rewrite.Index.Path;
        try
        {
            control.Hit(Failpoints.IndexClosed);
            SwapIntent.RequireNoLog(options.Files, path);
            SwapIntent.RequireNoLog(options.Files, rewrite.CopyPath!);
            SwapIntent.RemoveLog(options.Files, path);
            options.Files.Rename(rewrite.CopyPath!, path);
        }
        catch
        {
            rewrite.Index.OpenWriter();
            throw;
        }

        try
        {
            options.Files.SyncDirectory(Directory.Indexes);
            control.Hit(Failpoints.IndexRenamed);
            rewrite.Index.OpenWriter();
        }
        catch (Exception e)
        {
            failure = $"{Directory} must be opened again: {e.Message}";
            throw;
        }
    }

    private FinishOutcome UnitDone(CompactionJob running, long rows)
    {
        running.Control.Progress.Paused(time.GetElapsedTime(running.PauseBegan));
        var work = running.Current;
        var before = sizesBefore[work.Unit];
        var after = LengthsOf(work.Unit);
        var state = documents.State;
        return running.UnitDone((durations, pause) => new UnitResult(
            work.Unit, before.FileBytes, after.FileBytes, before.PhysicalBytes, after.PhysicalBytes, rows, work.TombstonesDropped, pause, durations)
        {
            CompressionRatio = work.Unit.Index is null && state.BodyBytes > 0 ? (double)state.DecodedBytes / state.BodyBytes : 1,
        });
    }
}
