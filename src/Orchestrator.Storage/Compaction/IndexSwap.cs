using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Compaction;

/// <summary>The end of a compaction of an index: the new file takes the old one's place. Either is whole, and catches up from the feed when it is opened: no intent is needed.</summary>
internal sealed class IndexSwap(CollectionDirectory directory, CollectionGate gate, StorageOptions options)
{
    /// <summary>Writer. The last entries, then the swap.</summary>
    /// <returns>False if it is put off: the copy must catch up first, or reads must end.</returns>
    public bool Finish(CompactionJob job, IndexCopy copy)
    {
        var index = copy.Index;
        if (job.PutsOff(copy.Lag) || !job.Drain(index.Pool))
        {
            return false;
        }

        try
        {
            job.ReadyToFinish = false;
            copy.FinishCopyAndSeal(job.Control);
            job.Control.Progress.Report(CompactionStage.Swap, 0, 1);
            index.CloseWriter();
            Swap(job.Control, index);
        }
        finally
        {
            index.Pool.Resume();
        }

        return true;
    }

    private void Swap(JobControl control, IndexFile index)
    {
        try
        {
            control.Hit(Failpoints.IndexClosed);
            SwapIntent.RequireNoLog(options.Files, index.Path);
            SwapIntent.RequireNoLog(options.Files, index.CopyPath);
            SwapIntent.RemoveLog(options.Files, index.Path);
            options.Files.Rename(index.CopyPath, index.Path);
        }
        catch
        {
            index.OpenWriter();
            throw;
        }

        try
        {
            options.Files.SyncDirectory(directory.Indexes);
            control.Hit(Failpoints.IndexRenamed);
            index.OpenWriter();
        }
        catch (Exception e)
        {
            gate.Fail($"{directory} must be opened again: {e.Message}");
            throw;
        }
    }
}
