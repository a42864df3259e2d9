using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;

namespace Orchestrator.Storage;

/// <content>Sizes and estimates.</content>
public sealed partial class CollectionStore
{
    private const long TemporaryMargin = 1 << 20;
    private const double FixedSeconds = 0.05;
    private long measuredBytesPerSecond;

    /// <summary>Reader. Sizes of the documents file and of each index. Also while the collection is offline.</summary>
    public CollectionSizes Sizes()
    {
        var state = documents.State;
        var units = new List<UnitSizes> { SizesOf(CompactionUnit.Documents) };
        units.AddRange(indexes.Values.Select(index => SizesOf(new CompactionUnit(index.Definition.Name))));
        var temporary = TemporaryBytes(Directory.Documents) + indexes.Values.Sum(index => TemporaryBytes(index.Path));
        return new CollectionSizes(units, state.Documents, state.Tombstones, temporary)
        {
            StoredBytes = state.BodyBytes,
            DecodedBytes = state.DecodedBytes,
        };
    }

    /// <summary>
    /// Reader. What a compaction would bring and cost, unit by unit, in the order of the work. What another compression setting
    /// would bring is told from some of the documents.
    /// </summary>
    /// <exception cref="UnknownIndexException"/>
    public IReadOnlyList<UnitEstimate> Estimate(CompactionRequest request) => [.. Units(request).Select(unit => Estimate(unit, request))];

    private long TemporaryBytes(string path) =>
        options.Files.Length(path + CopyFile.Suffix) + options.Files.Length(path + VacuumInto.Suffix);

    private UnitEstimate Estimate(CompactionUnit unit, CompactionRequest request)
    {
        var rewrites = request.Mode is CompactionMode.Rewrite or CompactionMode.Exclusive;
        var sizes = SizesOf(unit, withLive: rewrites);
        var (freed, written, temporary) = request.Mode switch
        {
            CompactionMode.Incremental => Moved(sizes, request.FreeSpaceTargetBytes),
            CompactionMode.Release => Released(sizes),
            _ => Rewritten(unit, sizes, request),
        };
        var measured = Interlocked.Read(ref measuredBytesPerSecond);
        var speed = Math.Min(measured > 0 ? measured : options.AssumedBytesPerSecond, request.MaxBytesPerSecond ?? long.MaxValue);
        return new UnitEstimate(unit, sizes.DatabaseBytes, freed, temporary, TimeSpan.FromSeconds(FixedSeconds + ((double)written / speed)))
        {
            Sampled = rewrites && unit.Index is null && SizeEstimator.IsEncodedAnew(Compression, documents.State),
        };
    }

    private static (long Freed, long Written, long Temporary) Moved(UnitSizes sizes, long freeSpaceTarget) =>
        Math.Max(0, sizes.FreeListBytes - freeSpaceTarget) is var freed ? (freed, freed, 0) : default;

    /// <summary>What is given back already does not count again.</summary>
    private static (long Freed, long Written, long Temporary) Released(UnitSizes sizes) =>
        (Math.Max(0, sizes.FreeListBytes - Math.Max(0, sizes.FileBytes - sizes.PhysicalBytes)), 0, 0);

    private (long Freed, long Written, long Temporary) Rewritten(CompactionUnit unit, UnitSizes sizes, CompactionRequest request)
    {
        var path = unit.Index is null ? Directory.Documents : Find(unit.Index).Path;
        var after = unit.Index is null ? estimator.LiveBytesAfter(request.Purge, Compression, documents.State, documents.Tree) : sizes.LiveBytes;
        var partial = request.Mode == CompactionMode.Rewrite ? options.Files.Length(path + CopyFile.Suffix) : 0;
        var written = Math.Max(0, after - partial);

        // A rewrite sorts the ids, or the keys, in a file beside it.
        var sorted = request.Mode != CompactionMode.Rewrite ? 0 : unit.Index is null ? documents.State.Cost.IdBytes : Find(unit.Index).State.KeyBytes;
        return (Math.Max(0, sizes.DatabaseBytes - after), written, written + sorted + TemporaryMargin);
    }

    /// <param name="withLive">Looks at a sample of the documents, which takes some milliseconds.</param>
    private UnitSizes SizesOf(CompactionUnit unit, bool withLive = true)
    {
        var index = unit.Index is null ? null : Find(unit.Index);
        var live = !withLive ? 0
            : index is null ? estimator.LiveBytes(documents.State, documents.Tree)
            : SizeEstimator.LiveBytes(index.State, index.Tree);
        var (pages, freePages) = index is null ? reader.Read(Pages) : index.Read(Pages);
        var pageSize = (index?.Tree ?? documents.Tree).PageSize;
        var (fileBytes, physicalBytes) = LengthsOf(unit);
        return new UnitSizes(unit, fileBytes, pages * pageSize, live, physicalBytes, freePages * pageSize);
    }

    private (long FileBytes, long PhysicalBytes) LengthsOf(CompactionUnit unit)
    {
        var path = unit.Index is null ? Directory.Documents : Find(unit.Index).Path;
        return (
            options.Files.Length(path) + options.Files.Length(path + "-wal"),
            options.Files.PhysicalBytes(path) + options.Files.PhysicalBytes(path + "-wal"));
    }

    private static (long All, long Free) Pages(Sqlite.ReaderPool.Lease lease) =>
        (lease.Session.Scalar("PRAGMA page_count"), lease.Session.Scalar("PRAGMA freelist_count"));
}
