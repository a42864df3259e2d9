using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Sizes;

/// <summary>Sizes of a collection's files, and what a compaction of them would bring and cost. Any thread.</summary>
internal sealed class CollectionSizing(OpenDocuments documents, IndexSet indexes, StorageOptions options)
{
    private const long TemporaryMargin = 1 << 20;
    private const double FixedSeconds = 0.05;
    private readonly SizeEstimator _estimator = new(documents.Reader);
    private long _measuredBytesPerSecond;

    /// <summary>See <see cref="CollectionStore.Sizes"/>.</summary>
    public CollectionSizes Sizes()
    {
        var state = documents.File.State;
        var files = indexes.Files;
        var units = new List<UnitSizes> { SizesOf(CompactionUnit.Documents) };
        units.AddRange(files.Select(index => SizesOf(new CompactionUnit(index.Definition.Name))));
        var temporary = TemporaryBytes(documents.Directory.Documents) + files.Sum(index => TemporaryBytes(index.Path));
        return new CollectionSizes(units, state.Documents, state.Tombstones, temporary)
        {
            StoredBytes = state.BodyBytes,
            DecodedBytes = state.DecodedBytes,
        };
    }

    /// <summary>What the compaction of a unit would bring and cost.</summary>
    /// <exception cref="UnknownIndexException"/>
    public UnitEstimate Estimate(CompactionUnit unit, CompactionRequest request)
    {
        var rewrites = request.Mode is CompactionMode.Rewrite or CompactionMode.Exclusive;
        var sizes = SizesOf(unit, withLive: rewrites);
        var (freed, written, temporary) = request.Mode switch
        {
            CompactionMode.Incremental => Moved(sizes, request.FreeSpaceTargetBytes),
            CompactionMode.Release => Released(sizes),
            _ => Rewritten(unit, sizes, request),
        };
        var measured = Interlocked.Read(ref _measuredBytesPerSecond);
        var speed = Math.Min(measured > 0 ? measured : options.AssumedBytesPerSecond, request.MaxBytesPerSecond ?? long.MaxValue);
        return new UnitEstimate(unit, sizes.DatabaseBytes, freed, temporary, TimeSpan.FromSeconds(FixedSeconds + ((double)written / speed)))
        {
            Sampled = rewrites && unit.Index is null && SizeEstimator.IsEncodedAnew(documents.Compression, documents.File.State),
        };
    }

    /// <summary>Length and disk usage of a unit's files, with their logs.</summary>
    public (long FileBytes, long PhysicalBytes) LengthsOf(CompactionUnit unit)
    {
        var path = unit.Index is null ? documents.Directory.Documents : indexes.Find(unit.Index).Path;
        return (
            options.Files.Length(path) + options.Files.Length(path + "-wal"),
            options.Files.PhysicalBytes(path) + options.Files.PhysicalBytes(path + "-wal"));
    }

    /// <summary>How fast a compaction was: later estimates go by it.</summary>
    public void Measured(long bytesPerSecond) => Interlocked.Exchange(ref _measuredBytesPerSecond, bytesPerSecond);

    private long TemporaryBytes(string path) =>
        options.Files.Length(path + CopyFile.Suffix) + options.Files.Length(path + VacuumInto.Suffix);

    private static (long Freed, long Written, long Temporary) Moved(UnitSizes sizes, long freeSpaceTarget) =>
        Math.Max(0, sizes.FreeListBytes - freeSpaceTarget) is var freed ? (freed, freed, 0) : default;

    /// <summary>What is given back already does not count again.</summary>
    private static (long Freed, long Written, long Temporary) Released(UnitSizes sizes) =>
        (Math.Max(0, sizes.FreeListBytes - Math.Max(0, sizes.FileBytes - sizes.PhysicalBytes)), 0, 0);

    private (long Freed, long Written, long Temporary) Rewritten(CompactionUnit unit, UnitSizes sizes, CompactionRequest request)
    {
        var index = unit.Index is null ? null : indexes.Find(unit.Index);
        var file = documents.File;
        var after = index is null ? _estimator.LiveBytesAfter(request.Purge, documents.Compression, file.State, file.Tree) : sizes.LiveBytes;
        var partial = request.Mode == CompactionMode.Rewrite ? options.Files.Length(index?.CopyPath ?? documents.Directory.DocumentsCopy) : 0;
        var written = Math.Max(0, after - partial);

        // A rewrite sorts the ids, or the keys, in a file beside it.
        var sorted = request.Mode != CompactionMode.Rewrite ? 0 : index?.State.KeyBytes ?? file.State.Cost.IdBytes;
        return (Math.Max(0, sizes.DatabaseBytes - after), written, written + sorted + TemporaryMargin);
    }

    /// <param name="withLive">Looks at a sample of the documents, which takes some milliseconds.</param>
    private UnitSizes SizesOf(CompactionUnit unit, bool withLive = true)
    {
        var index = unit.Index is null ? null : indexes.Find(unit.Index);
        var file = documents.File;
        var live = !withLive ? 0
            : index is null ? _estimator.LiveBytes(file.State, file.Tree)
            : SizeEstimator.LiveBytes(index.State, index.Tree);
        var (pages, freePages) = index is null ? documents.Reader.Read(Pages) : index.Read(Pages);
        var pageSize = (index?.Tree ?? file.Tree).PageSize;
        var (fileBytes, physicalBytes) = LengthsOf(unit);
        return new UnitSizes(unit, fileBytes, pages * pageSize, live, physicalBytes, freePages * pageSize);
    }

    private static (long All, long Free) Pages(ReaderPool.Lease lease) =>
        (lease.Session.Scalar("PRAGMA page_count"), lease.Session.Scalar("PRAGMA freelist_count"));
}
