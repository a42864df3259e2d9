using MongoDB.Bson;

namespace Orchestrator.MongoDouble.Commands;

/// <summary>Databases, collections and their sizes.</summary>
internal static class StorageCommands
{
    private const long DiskTotal = 100L << 30;
    private const long DiskUsed = 40L << 30;

    public static void Register(Registration add)
    {
        add("listDatabases", new CommandEntry("listDatabases", new Version(0, 0), true, context => Task.FromResult(ListDatabases(context))));
        add("listCollections", new CommandEntry("listCollections", new Version(3, 0), true, context => Task.FromResult(ListCollections(context))));
        add("collStats", new CommandEntry("collStats", new Version(0, 0), true, context => Task.FromResult(CollStats(context))));
        add("dbStats", new CommandEntry("dbStats", new Version(0, 0), true, context => Task.FromResult(DbStats(context))));
        add("listIndexes", new CommandEntry("listIndexes", new Version(3, 0), true, context => Task.FromResult(ListIndexes(context))));
        add("aggregate", new CommandEntry("", new Version(2, 2), false, context => Task.FromResult(Aggregate(context))));
    }

    public static DoubleCollection Find(CommandContext context, string name) =>
        context.Member.Collections.GetValueOrDefault($"{context.Database}.{name}") ?? throw (context.Version.Since(3, 0)
            ? CommandError.Missing($"{context.Database}.{name}")
            : new CommandError(0, "", $"Collection [{context.Database}.{name}] not found."));

    private static BsonDocument ListDatabases(CommandContext context)
    {
        var databases = context.Member.Collections.Values.GroupBy(collection => collection.Database).OrderBy(database => database.Key, StringComparer.Ordinal)
            .Select(database => context.Flag("nameOnly")
                ? new BsonDocument("name", database.Key)
                : new BsonDocument { { "name", database.Key }, { "sizeOnDisk", (double)database.Sum(Total) }, { "empty", false } })
            .ToList();
        return CommandContext.Ok(new BsonDocument("databases", new BsonArray(databases)));
    }

    private static BsonDocument ListCollections(CommandContext context)
    {
        var all = context.Member.Collections.Values
            .Where(collection => collection.Database == context.Database)
            .OrderBy(collection => collection.Name, StringComparer.Ordinal)
            .Select(collection => new BsonDocument
            {
                { "name", collection.Name },
                { "type", collection.Type },
                { "options", OptionsOf(collection) },
                { "info", new BsonDocument("readOnly", collection.Type == "view") },
            })
            .ToList();
        var batch = context.Command.TryGetValue("cursor", out var cursor) ? cursor.AsBsonDocument.GetValue("batchSize", int.MaxValue).ToInt32() : int.MaxValue;
        return DocumentCommands.FirstBatch(context, $"{context.Database}.$cmd.listCollections", all, batch);
    }

    private static BsonDocument OptionsOf(DoubleCollection collection) => collection switch
    {
        { Type: "view" } => new BsonDocument { { "viewOn", "other" }, { "pipeline", new BsonArray() } },
        { Type: "timeseries" } => new BsonDocument("timeseries", new BsonDocument("timeField", "at")),
        { IsCapped: true } => new BsonDocument { { "capped", true }, { "size", collection.Data.Bytes } },
        _ => [],
    };

    private static BsonDocument CollStats(CommandContext context)
    {
        var collection = Find(context, context.Value.AsString);
        if (collection.Type == "view")
        {
            throw new CommandError(166, "CommandNotSupportedOnView", $"Namespace {collection.Namespace} is a view, not a collection");
        }

        return CommandContext.Ok(new BsonDocument("ns", collection.Namespace).AddRange(Statistics(context, collection)));
    }

    private static BsonDocument Statistics(CommandContext context, DoubleCollection collection)
    {
        var statistics = new BsonDocument
        {
            { "size", collection.Data.Bytes - collection.Data.Free },
            { "count", collection.Documents },
            { "avgObjSize", collection.Documents == 0 ? 0 : (collection.Data.Bytes - collection.Data.Free) / collection.Documents },
            { "storageSize", collection.Data.Bytes },
            { "capped", collection.IsCapped },
        };
        if (context.Version.Since(4, 4))
        {
            statistics["freeStorageSize"] = collection.Data.Free;
        }

        if (context.Member.StorageEngine == "wiredTiger")
        {
            statistics["wiredTiger"] = FileStatistics(context, collection.Data);
            statistics["indexDetails"] = new BsonDocument(collection.Indexes.Select(index => new BsonElement(index.Key, FileStatistics(context, index.Value))));
        }

        statistics["nindexes"] = collection.Indexes.Count;
        statistics["indexBuilds"] = collection.HasIndexBuild ? new BsonArray(["building"]) : [];
        statistics["totalIndexSize"] = collection.Indexes.Values.Sum(index => index.Bytes);
        statistics["totalSize"] = Total(collection);
        statistics["indexSizes"] = new BsonDocument(collection.Indexes.Select(index => new BsonElement(index.Key, index.Value.Bytes)));
        statistics["scaleFactor"] = 1;
        return statistics;
    }

    private static BsonDocument FileStatistics(CommandContext context, DoubleFile file)
    {
        var tree = new BsonDocument();
        if (context.Version.Since(6, 0))
        {
            tree["btree compact pages reviewed"] = file.PagesReviewed;
            tree["btree compact pages rewritten"] = file.PagesReviewed;
            tree["btree compact pages skipped"] = 0L;
        }

        if (context.Version.Since(8, 0))
        {
            tree["btree expected number of compact pages rewritten"] = file.PagesExpected;
        }

        return new BsonDocument
        {
            { "block-manager", new BsonDocument { { "file bytes available for reuse", file.Free }, { "file size in bytes", file.Bytes } } },
            { "btree", tree },
        };
    }

    private static BsonDocument DbStats(CommandContext context)
    {
        var collections = context.Member.Collections.Values.Where(collection => collection.Database == context.Database).ToList();
        var statistics = new BsonDocument
        {
            { "db", context.Database },
            { "collections", collections.Count },
            { "storageSize", (double)collections.Sum(collection => collection.Data.Bytes) },
            { "indexSize", (double)collections.Sum(collection => collection.Indexes.Values.Sum(index => index.Bytes)) },
        };
        if (context.Version.Since(3, 6))
        {
            statistics["fsUsedSize"] = (double)DiskUsed;
            statistics["fsTotalSize"] = (double)DiskTotal;
        }

        return CommandContext.Ok(statistics);
    }

    private static BsonDocument ListIndexes(CommandContext context) => CommandContext.Cursor(
        $"{context.Database}.{context.Value}",
        Find(context, context.Value.AsString).Indexes.Keys.Select(name => new BsonDocument { { "v", 2 }, { "name", name } }));

    private static BsonDocument Aggregate(CommandContext context)
    {
        var stages = context.Command["pipeline"].AsBsonArray.Select(stage => stage.AsBsonDocument).ToList();
        switch (stages.FirstOrDefault()?.GetElement(0))
        {
            case { Name: "$currentOp" } first when context.Version.Since(3, 6):
                return OperationCommands.Aggregate(context, first.Value.AsBsonDocument, stages.Skip(1));
            case { Name: "$collStats" } when context.Version.Since(3, 4):
                CommandTable.Authorize(context, "collStats");
                CommandTable.RequireData(context);
                var collection = Find(context, context.Value.AsString);
                if (collection.Type == "view")
                {
                    throw new CommandError(166, "CommandNotSupportedOnView", $"Namespace {collection.Namespace} is a view, not a collection");
                }

                return CommandContext.Cursor(collection.Namespace, [new BsonDocument
                {
                    { "ns", collection.Namespace },
                    { "host", context.Member.Name },
                    { "storageStats", Statistics(context, collection) },
                }]);
            case { } stage:
                throw new CommandError(40324, "Location40324", $"Unrecognized pipeline stage name: '{stage.Name}'");
            default:
                return CommandContext.Cursor($"{context.Database}.{context.Value}", []);
        }
    }

    private static long Total(DoubleCollection collection) => collection.Files.Sum(file => file.Bytes);
}
