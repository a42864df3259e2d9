using MongoDB.Bson;

namespace Orchestrator.Engines.MongoDb;

/// <summary>The commands that the driver sends, each with its answer taken apart.</summary>
internal sealed class MongoDbCalls(IMongoDbConnection connection, TimeSpan timeout)
{
    private const int BatchSize = 1000;

    public string Address => connection.Address;

    public Task<BsonDocument> Admin(BsonDocument command, CancellationToken cancellationToken) => connection.Run("admin", command, timeout, cancellationToken);

    public Task<BsonDocument> On(string database, BsonDocument command, CancellationToken cancellationToken) => connection.Run(database, command, timeout, cancellationToken);

    /// <summary>Takes as long as the command takes.</summary>
    public Task<BsonDocument> Unlimited(string database, BsonDocument command, CancellationToken cancellationToken) =>
        connection.Run(database, command, null, cancellationToken);

    /// <summary>Who the server is; asked without having logged in, too.</summary>
    public async Task<MongoDbHello> Hello(CancellationToken cancellationToken) => new(await Admin(new BsonDocument("hello", 1), cancellationToken).ConfigureAwait(false));

    public async Task<MongoDbVersion> Version(CancellationToken cancellationToken)
    {
        var info = await Admin(new BsonDocument("buildInfo", 1), cancellationToken).ConfigureAwait(false);
        var version = MongoDbVersion.Parse(info["version"].AsString);
        return version with { IsMmap = version.MustBeMmap || (version.MayBeMmap && await IsMmap(cancellationToken).ConfigureAwait(false)) };
    }

    public async Task<MongoDbStatus> Status(CancellationToken cancellationToken) =>
        new(await Admin(new BsonDocument("replSetGetStatus", 1), cancellationToken).ConfigureAwait(false));

    public async Task<MongoDbSetConfiguration> Configuration(CancellationToken cancellationToken)
    {
        var answer = await Admin(new BsonDocument("replSetGetConfig", 1), cancellationToken).ConfigureAwait(false);
        return MongoDbSetConfiguration.Of(answer["config"].AsBsonDocument);
    }

    /// <summary>Storage engine, backups and background compaction; the long sections are left out.</summary>
    public Task<BsonDocument> ServerStatus(CancellationToken cancellationToken) => Admin(
        new BsonDocument { { "serverStatus", 1 }, { "metrics", 0 }, { "locks", 0 }, { "repl", 0 }, { "opcounters", 0 }, { "tcmalloc", 0 } }, cancellationToken);

    /// <summary>Storage engine, for example <c>wiredTiger</c>; before 3.0 there is only <c>mmapv1</c>, and the server does not tell.</summary>
    public async Task<string> StorageEngine(CancellationToken cancellationToken) =>
        (await ServerStatus(cancellationToken).ConfigureAwait(false)).TryGetValue("storageEngine", out var engine) ? engine["name"].AsString : "";

    /// <summary>Of which version the data may have features, for example <c>7.0</c>; empty where the server does not tell (before 3.4, or without the right).</summary>
    public async Task<string> FeatureVersion(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Admin(new BsonDocument { { "getParameter", 1 }, { "featureCompatibilityVersion", 1 } }, cancellationToken).ConfigureAwait(false);
            return answer.GetValue("featureCompatibilityVersion", "") switch
            {
                BsonDocument found => found.GetValue("version", "").AsString,
                var text => text.AsString,
            };
        }
        catch (MongoDbRefusal)
        {
            return "";
        }
    }

    /// <summary>Whether writes are stopped for a backup; only the command tells it, not the stage of the same name.</summary>
    public async Task<bool> IsFsyncLocked(CancellationToken cancellationToken)
    {
        var answer = await Admin(new BsonDocument { { "currentOp", 1 }, { "opid", -1 } }, cancellationToken).ConfigureAwait(false);
        return answer.GetValue("fsyncLock", false).ToBoolean();
    }

    /// <summary>Compactions at work on the server, whoever began them.</summary>
    public async Task<IReadOnlyList<MongoDbOperation>> Compactions(CancellationToken cancellationToken)
    {
        var command = new BsonDocument
        {
            { "aggregate", 1 },
            { "pipeline", new BsonArray
                {
                    new BsonDocument("$currentOp", new BsonDocument { { "allUsers", true }, { "idleConnections", false } }),
                    new BsonDocument("$match", new BsonDocument("command.compact", new BsonDocument("$exists", true))),
                }
            },
            { "cursor", new BsonDocument() },
        };
        var found = await All("admin", command, cancellationToken).ConfigureAwait(false);
        return [.. found.Select(operation => new MongoDbOperation(operation))];
    }

    public Task KillOperation(BsonValue id, CancellationToken cancellationToken) =>
        Admin(new BsonDocument { { "killOp", 1 }, { "op", id } }, cancellationToken);

    public async Task<IReadOnlyList<string>> Databases(CancellationToken cancellationToken)
    {
        var answer = await Admin(new BsonDocument { { "listDatabases", 1 }, { "nameOnly", true } }, cancellationToken).ConfigureAwait(false);
        return [.. answer["databases"].AsBsonArray.Select(database => database["name"].AsString)];
    }

    public Task<IReadOnlyList<BsonDocument>> Collections(string database, CancellationToken cancellationToken) => All(
        database,
        new BsonDocument { { "listCollections", 1 }, { "nameOnly", true }, { "cursor", new BsonDocument("batchSize", BatchSize) } },
        cancellationToken);

    /// <summary>Sizes of a collection's files; null if it is gone.</summary>
    public async Task<MongoDbSizes?> Sizes(string database, string collection, CancellationToken cancellationToken)
    {
        var command = new BsonDocument
        {
            { "aggregate", collection },
            { "pipeline", new BsonArray { new BsonDocument("$collStats", new BsonDocument("storageStats", new BsonDocument())) } },
            { "cursor", new BsonDocument() },
        };
        try
        {
            var found = await All(database, command, cancellationToken).ConfigureAwait(false);
            return found.Count == 0 ? null : MongoDbSizes.Of(found[0]["storageStats"].AsBsonDocument);
        }
        catch (MongoDbRefusal refusal) when (refusal.IsMissing)
        {
            return null;
        }
    }

    public async Task<(long Free, long Total)?> Disk(CancellationToken cancellationToken)
    {
        var answer = await Admin(new BsonDocument("dbStats", 1), cancellationToken).ConfigureAwait(false);
        return answer.TryGetValue("fsTotalSize", out var total) && total.ToInt64() > 0
            ? (total.ToInt64() - answer["fsUsedSize"].ToInt64(), total.ToInt64())
            : null;
    }

    /// <summary>The shards that a mongos knows: name and <c>set/name:port,name:port</c> of each.</summary>
    public async Task<IReadOnlyList<(string Shard, string Host)>> Shards(CancellationToken cancellationToken)
    {
        var answer = await Admin(new BsonDocument("listShards", 1), cancellationToken).ConfigureAwait(false);
        return [.. answer["shards"].AsBsonArray.Select(shard => (shard["_id"].AsString, shard["host"].AsString))];
    }

    /// <summary>The config servers of a mongos, as <c>set/name:port,name:port</c> (manual of serverStatus, section sharding).</summary>
    public async Task<string> ConfigServers(CancellationToken cancellationToken)
    {
        var status = await ServerStatus(cancellationToken).ConfigureAwait(false);
        return status.GetValue("sharding", new BsonDocument()).AsBsonDocument.GetValue("configsvrConnectionString", "").AsString;
    }

    /// <summary>Whether a mongos' balancer is in a round; no where it does not tell (before 3.4, or without the right).</summary>
    public async Task<bool> MovesChunks(CancellationToken cancellationToken)
    {
        try
        {
            var status = await Admin(new BsonDocument("balancerStatus", 1), cancellationToken).ConfigureAwait(false);
            return status.GetValue("inBalancerRound", false).ToBoolean();
        }
        catch (MongoDbRefusal)
        {
            return false;
        }
    }

    /// <summary>Ranges of documents that were moved to another shard and are not deleted yet; 0 where the shard does not tell.</summary>
    public async Task<long> RangesToDelete(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await On("config", new BsonDocument("count", "rangeDeletions"), cancellationToken).ConfigureAwait(false);
            return answer["n"].ToInt64();
        }
        catch (MongoDbRefusal)
        {
            return 0;
        }
    }

    private async Task<bool> IsMmap(CancellationToken cancellationToken) => await StorageEngine(cancellationToken).ConfigureAwait(false) == "mmapv1";

    private async Task<IReadOnlyList<BsonDocument>> All(string database, BsonDocument command, CancellationToken cancellationToken)
    {
        var answer = await On(database, command, cancellationToken).ConfigureAwait(false);
        var cursor = answer["cursor"].AsBsonDocument;
        var all = cursor["firstBatch"].AsBsonArray.Select(document => document.AsBsonDocument).ToList();
        while (cursor["id"].ToInt64() != 0)
        {
            var ns = cursor["ns"].AsString;
            var more = new BsonDocument { { "getMore", cursor["id"].ToInt64() }, { "collection", ns[(ns.IndexOf('.') + 1)..] } };
            answer = await On(database, more, cancellationToken).ConfigureAwait(false);
            cursor = answer["cursor"].AsBsonDocument;
            all.AddRange(cursor["nextBatch"].AsBsonArray.Select(document => document.AsBsonDocument));
        }

        return all;
    }
}
