using Orchestrator.Storage.Documents;

namespace Orchestrator.Storage.Compaction;

/// <summary>Drops tombstones in place: found by a reader, dropped by the writer, a few at a time.</summary>
/// <param name="oldest">Only those before the first one that is not due yet.</param>
internal sealed class TombstoneSweep(OpenDocuments documents, TombstonePurge purge, int batch = 500, bool oldest = false)
{
    private long through;

    /// <summary>Seqs of those that the last look has found and that are not dropped yet.</summary>
    public IReadOnlyList<long> Found { get; private set; } = [];

    public long Dropped { get; private set; }

    /// <summary>Looks for the next ones. Any thread.</summary>
    /// <returns>False if there are no more.</returns>
    public bool Find(CancellationToken cancellation)
    {
        while (Found.Count == 0 && through < purge.HeldByAllThrough && !purge.DropsNothing)
        {
            cancellation.ThrowIfCancellationRequested();
            (Found, through) = documents.Reader.Droppable(purge, through, batch, oldest);
        }

        return Found.Count > 0;
    }

    /// <summary>Drops what was found and is still due. Writer.</summary>
    public void Drop()
    {
        Dropped += documents.File.Tombstones.Drop(purge, Found);
        Found = [];
    }
}
