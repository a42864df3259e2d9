using Orchestrator.Storage.Documents;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Copies the documents by one <c>VACUUM INTO</c>, with the collection offline. Tombstones are dropped in the old file before,
/// because SQLite copies every row as it is.
/// </summary>
internal sealed class DocumentsVacuum(OpenDocuments documents, TombstoneSweep sweep, long expectedBytes)
    : DocumentsCopy
{
    private DocumentsState? copied;

    public override string CopyPath => documents.Directory.DocumentsCopy;

    public override long TombstonesDropped => sweep.Dropped;

    public override long Lag(long lastSeq) => 0;

    public override void RunOnline(JobControl control, CancellationToken cancellation)
    {
        while (sweep.Find(cancellation))
        {
            sweep.Drop();
        }

        var state = documents.File.State;
        VacuumInto.Run(
            control,
            documents.Directory.Documents,
            CopyPath,
            expectedBytes,
            copy =>
            {
                var rows = copy.Scalar("SELECT count(*) FROM documents");
                copied = DocumentsState.Read(copy);
                if (rows != state.Rows || copied != state)
                {
                    throw new StorageException(
                        $"The copy of {documents.Directory.Documents} has {rows} rows instead of {state.Rows}, or another state: it is not used.");
                }

                (state with { Generation = state.Generation + 1 }).Write(copy);
            },
            cancellation);
    }

    public override void FinishCopy(JobControl control, DocumentsState source)
    {
        control.Progress.Report(CompactionStage.FinalCatchUp, 0, 1);
        if (copied != source)
        {
            throw new StorageException($"{documents.Directory.Documents} was changed while it was offline: the copy is not used.");
        }
    }

    public override void Seal(JobControl control) => control.Hit(Failpoints.Sealed);

    public override void Dispose()
    {
    }
}
