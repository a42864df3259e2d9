using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Verification;

namespace Orchestrator.Storage;

/// <content>Settings, and the check of all files.</content>
public sealed partial class CollectionStore
{
    /// <summary>How bodies are stored from now on. Any thread.</summary>
    public CompressionSetting Compression { get; private set; } = CompressionSetting.None;

    /// <summary>Null = not capped. Any thread.</summary>
    public CapLimit? Cap { get; private set; }

    /// <summary>
    /// Writer. Takes over settings. What is stored already stays as it is until it is written again, or compacted with
    /// <c>rewrite</c> or <c>exclusive</c>; a cap is kept with the next commit.
    /// </summary>
    public void ChangeSettings(CompressionSetting compression, CapLimit? cap)
    {
        Compression = compression;
        Cap = cap;
        UseSettings();
    }

    /// <summary>
    /// Writer. Drops tombstones in place, without a compaction: for capped collections, which are not compacted.
    /// </summary>
    /// <param name="limit">Most tombstones to drop, 1 to 10 000: writes wait meanwhile.</param>
    /// <exception cref="CompactionRefusedException">A compaction is under way.</exception>
    /// <returns>Tombstones dropped; 0 if none are due.</returns>
    public int DropTombstones(TombstonePurge purge, int limit)
    {
        var writer = Writer();
        RequireNoCompaction();
        IReadOnlyList<long> found = [];
        for (long through = 0; found.Count == 0 && through < purge.HeldByAllThrough && !purge.DropsNothing;)
        {
            (found, through) = reader.Droppable(purge, through, limit);
        }

        return found.Count == 0 ? 0 : writer.Tombstones.Drop(found);
    }

    /// <summary>Also after the file was replaced.</summary>
    private void UseSettings()
    {
        documents.Rows.Compression = Compression;
        documents.Writes.Cap = Cap;
    }

    /// <summary>
    /// Reader. Checks all files: SQLite's own check, that every index entry has its document and the reverse, and that the
    /// feed has no gap that it cannot have. Reads everything; a swap waits for a part of it.
    /// </summary>
    /// <param name="progress">Is told what is looked at, rows done and rows in all, now and then, on the calling thread.</param>
    /// <exception cref="OperationCanceledException"/>
    public VerificationReport Verify(CancellationToken cancellation = default, VerificationProgress? progress = null) =>
        new Verifier(Directory.Documents, Reader(), progress, cancellation).Run([.. indexes.Values], documents.State);

    /// <summary>
    /// Reader. Digests of a piece of the feed, for comparing it with another member's; of one snapshot of bounded size.
    /// </summary>
    /// <param name="borders">Ends of the ranges, ascending; empty for ranges of bounded size, at most some 8 000 rows or 32 MiB in all.</param>
    /// <param name="tombstonesAfter">Tombstones up to this seq are left out.</param>
    /// <exception cref="OperationCanceledException"/>
    public RangeDigests Digest(long after, long through, IReadOnlyList<long> borders, long tombstonesAfter, CancellationToken cancellation = default) =>
        ReadWhole(reader => new ContentDigest(reader, cancellation).Digest(after, through, borders, tombstonesAfter));

    /// <summary>Reader. What the feed holds in a range, at most 512 versions.</summary>
    /// <param name="tombstonesAfter">Tombstones up to this seq are left out.</param>
    public VersionList Versions(long after, long through, long tombstonesAfter, CancellationToken cancellation = default) =>
        ReadWhole(reader => new ContentDigest(reader, cancellation).Versions(after, through, tombstonesAfter));

    /// <summary>Reader. Which versions of some documents the feed holds, tombstones included.</summary>
    /// <param name="ids">At most 100.</param>
    /// <exception cref="ArgumentException">Too many ids.</exception>
    public VersionList VersionsOf(IReadOnlyList<string> ids, CancellationToken cancellation = default) => ids.Count <= ContentDigest.MaxIds
        ? ReadWhole(reader => new ContentDigest(reader, cancellation).VersionsOf(ids))
        : throw new ArgumentException($"At most {ContentDigest.MaxIds} ids are looked up at once, not {ids.Count}.", nameof(ids));
}
