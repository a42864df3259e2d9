using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Compaction;

/// <summary>Copies an index by one <c>VACUUM INTO</c>, with the collection offline.</summary>
internal sealed class IndexVacuum(IndexFile index, long expectedBytes) : IndexCopy(index)
{
    private IndexState? copied;

    public override long Lag => 0;

    public override void RunOnline(JobControl control, CancellationToken cancellation)
    {
        var state = Index.State;
        VacuumInto.Run(
            control,
            Index.Path,
            CopyPath,
            expectedBytes,
            copy =>
            {
                var rows = copy.Scalar("SELECT count(*) FROM entries");
                copied = IndexState.Read(copy);
                if (rows != state.Entries || copied != state)
                {
                    throw new StorageException($"The copy of {Index.Path} has {rows} entries instead of {state.Entries}: it is not used.");
                }

                (state with { Generation = state.Generation + 1 }).Write(copy);
            },
            cancellation);
    }

    public override void FinishCopyAndSeal(JobControl control)
    {
        if (copied != Index.State)
        {
            throw new StorageException($"{Index.Path} was changed while it was offline: the copy is not used.");
        }

        control.Hit(Failpoints.IndexSealed);
    }

    public override void Dispose()
    {
    }
}
