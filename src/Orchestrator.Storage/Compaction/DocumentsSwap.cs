using Orchestrator.Storage.Documents;

namespace Orchestrator.Storage.Compaction;

/// <summary>The end of a compaction of the documents: the new file takes the old one's place.</summary>
internal sealed class DocumentsSwap(OpenDocuments documents, CollectionGate gate, StorageOptions options)
{
    private readonly CollectionDirectory _directory = documents.Directory;

    /// <summary>Writer. The last changes, then the swap.</summary>
    /// <returns>False if it is put off: the copy must catch up first, or reads must end.</returns>
    public bool Finish(CompactionJob job, DocumentsCopy copy)
    {
        if (job.PutsOff(copy.Lag(documents.File.State.LastSeq)))
        {
            return false;
        }

        copy.FinishCopy(job.Control, documents.File.State);
        if (!job.Drain(documents.Pool))
        {
            return false;
        }

        try
        {
            job.Control.Progress.Report(CompactionStage.Swap, 0, 1);
            job.ReadyToFinish = false;
            copy.Seal(job.Control);
            Swap(job.Control);
        }
        finally
        {
            documents.Pool.Resume();
        }

        return true;
    }

    /// <summary>
    /// With no connection left to the old file, so that its write-ahead log is gone: if it is not, e.g. because the disk was
    /// full, the swap is given up, since the log must be removed, and then a revoked swap would lose it. The record of the intent is what
    /// decides: before it is written a crash leaves the old file, after it the new one.
    /// </summary>
    private void Swap(JobControl control)
    {
        var generation = documents.File.State.Generation + 1;
        documents.File.Dispose();
        IDisposable? oldContent = null;
        try
        {
            SwapIntent.RequireNoLog(options.Files, _directory.Documents);
            SwapIntent.RequireNoLog(options.Files, _directory.DocumentsCopy);
            oldContent = options.Files.KeepContent(_directory.Documents);
            control.Hit(Failpoints.Closed);
            new SwapIntent(generation).Write(options.Files, _directory);
            control.Hit(Failpoints.IntentWritten);
            SwapIntent.Rename(options.Files, _directory, control.Hit);
            SwapIntent.Forget(options.Files, _directory);
            control.Hit(Failpoints.IntentRemoved);
        }
        catch (Exception e)
        {
            Revoke(e);
            throw new StorageException($"{_directory}: the compacted file could not take the old one's place: {e.Message}", e);
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
            if (!options.Files.Exists(_directory.DocumentsCopy))
            {
                throw new StorageException("the new file has its name, but that is not known to be durable");
            }

            SwapIntent.Remove(options.Files, _directory);
            Reopen();
        }
        catch (Exception e)
        {
            gate.Fail($"{_directory} must be opened again: a swap failed ({cause.Message}) and could not be undone ({e.Message}).");
            documents.Pool.Dispose();
        }
    }

    private void Reopen()
    {
        try
        {
            documents.Reopen();
        }
        catch (Exception e)
        {
            gate.Fail($"{_directory} must be opened again: {e.Message}");
            documents.Pool.Dispose();
            throw;
        }
    }
}
