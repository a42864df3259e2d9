using Orchestrator.Storage.Documents;

namespace Orchestrator.Storage.Compaction;

/// <summary>Drops tombstones in place: found by a reader, dropped by the writer, a few at a time.</summary>
/// <param name="oldest">Only those before the first one that is not due yet.</param>
internal sealed class TombstoneSweep(OpenDocuments documents, TombstonePurge purge, int batch = 500, bool oldest = false)
{
    private IReadOnlyList<long> found = [];
    private long through;

    public long Dropped { get; private set; }

    /// <summary>Looks for the next ones. Any thread.</summary>
    /// <returns>False if there are no more.</returns>
    public bool Find(CancellationToken cancellation)
    {
        while (found.Count == 0 && through < purge.HeldByAllThrough && !purge.DropsNothing)
        {
            cancellation.ThrowIfCancellationRequested();
            (found, through) = documents.Reader.Droppable(purge, through, batch, oldest);
        }

        return found.Count > 0;
    }

    /// <summary>Drops what was found. Writer.</summary>
    public void Drop()
    {
        Dropped += documents.File.Tombstones.Drop(found);
        found = [];
    }
}
