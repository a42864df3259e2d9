using Orchestrator.Storage.Compaction.Rewrite;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Compaction;

/// <summary>Makes the work that carries out a mode on a unit.</summary>
internal sealed class UnitWorks(OpenDocuments documents, IndexSet indexes, StorageOptions options)
{
    public UnitWork Create(UnitEstimate estimate, CompactionRequest request)
    {
        var unit = estimate.Unit;
        var index = unit.Index is null ? null : indexes.Find(unit.Index);
        var expected = Math.Max(1, estimate.FileBytes - estimate.BytesFreed);
        switch (request.Mode)
        {
            case CompactionMode.Incremental:
                return new IncrementalMove(unit, InPlace(index), index is null ? Sweep(request) : null, request.FreeSpaceTargetBytes);
            case CompactionMode.Release:
                return new HoleRelease(unit, InPlace(index));
            case CompactionMode.Exclusive when index is not null:
                return new IndexVacuum(index, expected);

            // SQLite's VACUUM copies rows as they are; where they are to be encoded anew, the rewrite does it, offline.
            case CompactionMode.Exclusive when documents.File.State.Encoding == documents.Compression.ToString():
                return new DocumentsVacuum(documents, Sweep(request), expected);
            default:
                return index is null ? new DocumentsRewrite(documents.Directory, request.Purge, documents.Compression) : new IndexRewrite(index);
        }
    }

    private TombstoneSweep Sweep(CompactionRequest request) => new(documents, request.Purge);

    private InPlaceFile InPlace(IndexFile? index)
    {
        var path = documents.Directory.Documents;
        return index is null
            ? new InPlaceFile(
                path, documents.File.Tree.PageSize, () => documents.File.Session, () => documents.File.Holes ??= options.Files.OpenForHoles(path))
            : new InPlaceFile(index.Path, index.Tree.PageSize, () => index.Writer, () => index.Holes ??= options.Files.OpenForHoles(index.Path));
    }
}
