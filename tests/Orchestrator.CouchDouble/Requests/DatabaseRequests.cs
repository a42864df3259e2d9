using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Orchestrator.CouchDouble.Requests;

/// <summary>What a database is asked as a whole; its clustered orders go to every copy on every node at once.</summary>
internal static class DatabaseRequests
{
    public static JsonNode? Answer(DoubleRequest request)
    {
        var name = request.Path[0];
        if (request.Path.Count == 1 && request.Method == "PUT")
        {
            return Create(request, name);
        }

        if (!request.Cluster.Databases.TryGetValue(name, out var database))
        {
            throw request.Cluster.Speaks.IsSingle ? CouchError.NoFile : CouchError.NoDatabase;
        }

        return (request.Method, request.Path.Skip(1).ToList()) switch
        {
            ("GET" or "HEAD", []) => Info(request.Cluster, database),
            ("DELETE", []) => Delete(request, name),
            ("POST", ["_compact"] or ["_compact", ""]) => CompactAll(request, database),
            ("POST", ["_compact", var designDocument]) => CompactViews(request, database, designDocument),
            ("POST", ["_view_cleanup"]) => CleanUp(request, database),
            ("GET", ["_shards" or "_design_docs", ..]) when request.Cluster.Speaks.IsSingle => throw new CouchError(400, "bad_request", "Only reserved document ids may start with underscore."),
            ("GET", ["_design_docs"]) when !request.Cluster.Speaks.HasBulkCalls => throw CouchError.Missing,
            ("GET", ["_shards"]) => new JsonObject { ["shards"] = database.Map()["by_range"]!.DeepClone() },
            ("GET", ["_shards", .. var id]) => Shard(database, string.Join('/', id)),
            ("GET", ["_design", var designDocument, "_info"]) => ViewInfo(request.Cluster, database, designDocument),
            _ => DocumentRequests.Answer(request, database),
        };
    }

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <exception cref="CouchError">The content type is missing or another one.</exception>
    public static void RequireJson(DoubleRequest request)
    {
        if (!request.IsJson)
        {
            throw new CouchError(415, "bad_content_type", "Content-Type must be application/json");
        }
    }

    public static JsonObject Info(DoubleCluster cluster, DoubleDatabase database)
    {
        var copies = cluster.OneOfEach(database).ToList();
        var holders = database.ByRange.Values.First().Count;
        if (cluster.Speaks.IsSingle)
        {
            return SingleInfo(cluster, database, copies[0]);
        }

        var info = new JsonObject
        {
            ["instance_start_time"] = database.Suffix.TrimStart('.'),
            ["db_name"] = database.Name,
            ["purge_seq"] = "0-g1AAAAFTeJzLYWBg4MhgTmHgz8tPSTV0MDQy1zMAQsMckEQiQ1L9____szKYExlzgQLsZsYGqWYpppjacmE",
            ["update_seq"] = $"{database.Sequence}-g1AAAAFTeJzLYWBg4MhgTmHgz8tPSTV0MDQy1zMAQsMckEQiQ1L9____szKYExlzgQLsZsYGqWYpppjacmE",
            ["sizes"] = Sizes(copies),
            ["props"] = new JsonObject(),
            ["doc_del_count"] = database.Documents.Values.Count(document => document.IsDeleted),
            ["doc_count"] = database.Documents.Values.Count(document => !document.IsDeleted),
            ["disk_format_version"] = 8,
            ["compact_running"] = copies.Exists(copy => copy.IsRunning),
            ["cluster"] = new JsonObject { ["q"] = database.Q, ["n"] = holders, ["w"] = (holders / 2) + 1, ["r"] = (holders / 2) + 1 },
        };
        return WithPlainSizes(cluster, info, copies);
    }

    /// <summary>As 1.x tells of a database.</summary>
    private static JsonObject SingleInfo(DoubleCluster cluster, DoubleDatabase database, DoubleShard shard) => WithPlainSizes(cluster, new JsonObject
    {
        ["db_name"] = database.Name,
        ["doc_count"] = database.Documents.Values.Count(document => !document.IsDeleted),
        ["doc_del_count"] = database.Documents.Values.Count(document => document.IsDeleted),
        ["update_seq"] = shard.UpdateSequence,
        ["purge_seq"] = 0,
        ["compact_running"] = shard.IsRunning,
        ["instance_start_time"] = cluster.Nodes[0].StartedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) + "000",
        ["disk_format_version"] = 6,
        ["committed_update_seq"] = shard.UpdateSequence,
    }, [shard]);

    /// <summary>The sizes as they stand before 3.0 beside those in <c>sizes</c>, or in their place.</summary>
    private static JsonObject WithPlainSizes(DoubleCluster cluster, JsonObject info, IReadOnlyList<DoubleFile> files)
    {
        if (cluster.Speaks.HasPlainSizes)
        {
            info["disk_size"] = files.Sum(file => file.File);
            info["data_size"] = files.Sum(file => file.Active);
        }

        if (cluster.Speaks.IsSingle)
        {
            info.Remove("sizes");
        }

        return info;
    }

    public static JsonObject ShardInfo(DoubleCluster cluster, DoubleShard shard) => WithPlainSizes(cluster, new JsonObject
    {
        ["db_name"] = shard.Shard,
        ["engine"] = "couch_bt_engine",
        ["doc_count"] = 100,
        ["doc_del_count"] = 0,
        ["update_seq"] = shard.UpdateSequence,
        ["purge_seq"] = 0,
        ["compact_running"] = shard.IsRunning,
        ["sizes"] = Sizes([shard]),
        ["instance_start_time"] = "0",
        ["disk_format_version"] = 8,
        ["committed_update_seq"] = shard.UpdateSequence,
        ["compacted_seq"] = shard.CompactedSequence,
        ["props"] = new JsonObject(),
    }, [shard]);

    public static JsonObject ViewInfo(DoubleCluster cluster, string designDocument, IReadOnlyList<DoubleView> views) => new()
    {
        ["name"] = designDocument,
        ["view_index"] = WithPlainSizes(cluster, new JsonObject
        {
            ["updates_pending"] = new JsonObject { ["minimum"] = 0, ["preferred"] = 0, ["total"] = 0 },
            ["waiting_commit"] = false,
            ["waiting_clients"] = 0,
            ["updater_running"] = views.Any(view => view.IsUpdating),
            ["update_seq"] = views.Sum(view => view.UpdateSequence),
            ["sizes"] = Sizes(views),
            ["signature"] = DoubleView.SignatureOf(designDocument),
            ["purge_seq"] = 0,
            ["language"] = "javascript",
            ["compact_running"] = views.Any(view => view.IsRunning),
        }, views),
    };

    private static JsonObject Sizes(IReadOnlyList<DoubleFile> files) => new()
    {
        ["file"] = files.Sum(file => file.File),
        ["external"] = files.Sum(file => file.External),
        ["active"] = files.Sum(file => file.Active),
    };

    private static JsonObject Create(DoubleRequest request, string name)
    {
        if (name.Length == 0 || !(char.IsAsciiLetterLower(name[0]) || name is "_users" or "_replicator" or "_global_changes"))
        {
            throw CouchError.IllegalName(name);
        }

        if (request.Cluster.Databases.ContainsKey(name))
        {
            throw new CouchError(412, "file_exists", "The database could not be created, the file already exists.");
        }

        request.Cluster.Create(name, request.Cluster.Speaks.IsSingle ? 1 : int.Parse(request.Query.GetValueOrDefault("q", "2"), CultureInfo.InvariantCulture));
        request.Status = 201;
        return new JsonObject { ["ok"] = true };
    }

    private static JsonObject Delete(DoubleRequest request, string name)
    {
        request.Cluster.Delete(name);
        return new JsonObject { ["ok"] = true };
    }

    private static JsonObject CompactAll(DoubleRequest request, DoubleDatabase database)
    {
        RequireJson(request);
        ForEachCopy(request, database, (node, shard) => node.Compact(shard));
        return Accepted(request);
    }

    private static JsonObject CompactViews(DoubleRequest request, DoubleDatabase database, string designDocument)
    {
        RequireJson(request);
        if (!database.Documents.TryGetValue($"_design/{designDocument}", out var found) || found.IsDeleted)
        {
            throw CouchError.Missing;
        }

        ForEachCopy(request, database, (node, shard) =>
        {
            if (shard.Views.TryGetValue(designDocument, out var view))
            {
                node.Compact(view);
            }
        });
        return Accepted(request);
    }

    /// <summary>The clustered call does not look at the content type.</summary>
    private static JsonObject CleanUp(DoubleRequest request, DoubleDatabase database)
    {
        ForEachCopy(request, database, (_, shard) => shard.CleanUp());
        return Accepted(request);
    }

    private static void ForEachCopy(DoubleRequest request, DoubleDatabase database, Action<DoubleNode, DoubleShard> order)
    {
        foreach (var node in request.Cluster.Alive)
        {
            foreach (var shard in database.ByRange.Keys.Select(range => node.Shards.GetValueOrDefault(database.ShardOf(range))).OfType<DoubleShard>())
            {
                order(node, shard);
            }
        }
    }

    private static JsonObject Accepted(DoubleRequest request)
    {
        request.Status = 202;
        return new JsonObject { ["ok"] = true };
    }

    private static JsonObject Shard(DoubleDatabase database, string id)
    {
        var range = database.RangeOf(id);
        return new JsonObject { ["range"] = range, ["nodes"] = new JsonArray([.. database.ByRange[range].Select(node => (JsonNode)node)]) };
    }

    private static JsonObject ViewInfo(DoubleCluster cluster, DoubleDatabase database, string designDocument)
    {
        if (!database.Documents.TryGetValue($"_design/{designDocument}", out var found) || found.IsDeleted)
        {
            throw CouchError.Missing;
        }

        return ViewInfo(cluster, designDocument, [.. cluster.OneOfEach(database).Select(shard => shard.Views.GetValueOrDefault(designDocument)).OfType<DoubleView>()]);
    }
}
