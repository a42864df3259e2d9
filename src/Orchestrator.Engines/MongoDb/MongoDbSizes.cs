using MongoDB.Bson;

namespace Orchestrator.Engines.MongoDb;

/// <summary>Sizes of a collection's files: one for its documents and one for each index.</summary>
/// <param name="HasIndexBuild">Whether an index of it is being built.</param>
internal sealed record MongoDbSizes(IReadOnlyList<MongoDbFile> Files, bool HasIndexBuild, bool IsCapped)
{
    public long Bytes => Files.Sum(file => file.Bytes);

    public long Free => Files.Sum(file => file.Free);

    /// <summary>Pages that the compaction at work has looked at and written, over all files.</summary>
    public long PagesDone => Files.Sum(file => file.PagesReviewed);

    public long PagesExpected => Files.Sum(file => file.PagesExpected);

    public static MongoDbSizes Of(BsonDocument statistics)
    {
        var sizes = statistics.GetValue("indexSizes", new BsonDocument()).AsBsonDocument;
        var details = statistics.GetValue("indexDetails", new BsonDocument()).AsBsonDocument;
        var stored = statistics["storageSize"].ToInt64();
        var documents = statistics.TryGetValue("wiredTiger", out var tiger)
            ? MongoDbFile.Of(stored, statistics.TryGetValue("freeStorageSize", out var free) ? free.ToInt64() : null, tiger.AsBsonDocument)

            // MMAPv1: all that holds no record, padding counted with the record.
            : new MongoDbFile(stored, Math.Max(0, stored - statistics.GetValue("size", stored).ToInt64()), 0, 0);
        var indexes = sizes.Select(index => MongoDbFile.Of(index.Value.ToInt64(), null, details.GetValue(index.Name, new BsonDocument()).AsBsonDocument));
        return new MongoDbSizes(
            [documents, .. indexes],
            statistics.TryGetValue("indexBuilds", out var builds) && builds.AsBsonArray.Count > 0,
            statistics.GetValue("capped", false).ToBoolean());
    }
}

/// <summary>One file of WiredTiger, or what MMAPv1 gives to a collection or an index.</summary>
/// <param name="Free">Blocks in it that may be reused.</param>
internal sealed record MongoDbFile(long Bytes, long Free, long PagesReviewed, long PagesExpected)
{
    /// <summary>A file of this size or less is left alone.</summary>
    public const long Smallest = 1 << 20;

    /// <summary>
    /// What a compaction can free. WiredTiger works on a file only if at least 20 % of it is free in its first 80 %, or 10 % in its first 90 %
    /// (block_compact.c): with less than a tenth free it does nothing at all. From 7.3 it also does nothing where less than the target is free.
    /// </summary>
    /// <param name="target">In bytes; 0 for none.</param>
    public long Gain(long target) => Bytes > Smallest && Free * 10 >= Bytes && Free >= target ? Math.Min(Free, Bytes) : 0;

    public static MongoDbFile Of(long bytes, long? free, BsonDocument statistics)
    {
        var blocks = statistics.GetValue("block-manager", new BsonDocument()).AsBsonDocument;
        var tree = statistics.GetValue("btree", new BsonDocument()).AsBsonDocument;
        return new MongoDbFile(
            bytes,
            free ?? blocks.GetValue("file bytes available for reuse", 0).ToInt64(),
            tree.GetValue("btree compact pages reviewed", 0).ToInt64(),
            tree.GetValue("btree expected number of compact pages rewritten", 0).ToInt64());
    }
}
