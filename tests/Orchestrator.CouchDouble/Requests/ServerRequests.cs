using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.CouchDouble.Requests;

/// <summary>What is asked of the server, not of a database.</summary>
internal static class ServerRequests
{
    private const int MostInfos = 100;

    public static JsonNode? Answer(DoubleRequest request) => request.Path[0] switch
    {
        "" => Welcome(request),

        // What 1.x does not know it takes for a database.
        "_up" or "_membership" or "_dbs_info" when request.Cluster.Speaks.IsSingle => throw CouchError.IllegalName(request.Path[0]),
        "_dbs_info" when !request.Cluster.Speaks.HasBulkCalls => throw CouchError.Missing,
        "_up" => Up(request),
        "_membership" => new JsonObject
        {
            ["all_nodes"] = new JsonArray([.. request.Cluster.Alive.Select(node => (JsonNode)node.Name)]),
            ["cluster_nodes"] = new JsonArray([.. request.Cluster.Nodes.Select(node => (JsonNode)node.Name)]),
        },
        "_all_dbs" when request.Cluster.Speaks.IsSingle =>
            new JsonArray([.. request.Cluster.Databases.Keys.Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]),
        "_all_dbs" => new JsonArray([.. Page(request, request.Cluster.Databases.Keys.Order(StringComparer.Ordinal)).Select(name => (JsonNode)name)]),
        "_dbs_info" => Infos(request),
        "_active_tasks" => Tasks(request.Cluster.Alive, hasNodes: !request.Cluster.Speaks.IsSingle),
        "_session" => Session(request),
        "_uuids" => new JsonObject { ["uuids"] = new JsonArray([.. Enumerable.Range(0, int.Parse(request.Query.GetValueOrDefault("count", "1"), CultureInfo.InvariantCulture)).Select(_ => (JsonNode)DatabaseRequests.NewId())]) },
        _ => throw CouchError.Missing,
    };

    /// <summary>Keys in order, by <c>limit</c>, <c>startkey</c>, <c>endkey</c> and <c>skip</c>.</summary>
    public static IEnumerable<string> Page(DoubleRequest request, IEnumerable<string> keys)
    {
        if (request.Query.TryGetValue("startkey", out var from))
        {
            var first = JsonNode.Parse(from)!.GetValue<string>();
            keys = keys.Where(key => string.CompareOrdinal(key, first) >= 0);
        }

        if (request.Query.TryGetValue("endkey", out var to))
        {
            var last = JsonNode.Parse(to)!.GetValue<string>();
            keys = keys.Where(key => string.CompareOrdinal(key, last) <= 0);
        }

        return keys
            .Skip(int.Parse(request.Query.GetValueOrDefault("skip", "0"), CultureInfo.InvariantCulture))
            .Take(int.Parse(request.Query.GetValueOrDefault("limit", "2147483647"), CultureInfo.InvariantCulture));
    }

    private static JsonObject Welcome(DoubleRequest request)
    {
        var welcome = new JsonObject
        {
            ["couchdb"] = "Welcome",
            ["version"] = request.Cluster.Version,
            ["uuid"] = "3d4a63c7e58f4b0a9b7b9a7a1d2a6f1e",
            ["vendor"] = new JsonObject { ["name"] = "The Apache Software Foundation" },
        };
        if (request.Cluster.Speaks.IsSingle)
        {
            welcome["vendor"]!["version"] = request.Cluster.Version;
        }
        else
        {
            welcome["git_sha"] = "11f0d3643";
            welcome["features"] = request.Cluster.Speaks.HasNodePorts
                ? new JsonArray("pluggable-storage-engines", "scheduler")
                : new JsonArray("access-ready", "partitioned", "pluggable-storage-engines", "reshard", "scheduler");
        }

        return welcome;
    }

    private static JsonObject Up(DoubleRequest request)
    {
        var mode = request.Node.MaintenanceMode;
        if (mode is "true" or "nolb")
        {
            request.Status = 404;
            return new JsonObject { ["status"] = mode == "true" ? "maintenance_mode" : "nolb" };
        }

        return new JsonObject { ["status"] = "ok", ["seeds"] = new JsonObject() };
    }

    private static JsonArray Infos(DoubleRequest request)
    {
        var keys = request.Method == "POST"
            ? [.. (request.Body?["keys"] as JsonArray ?? []).Select(key => key!.GetValue<string>())]
            : Page(request, request.Cluster.Databases.Keys.Order(StringComparer.Ordinal)).ToList();
        if (request.Method == "POST" && keys.Count > MostInfos)
        {
            throw new CouchError(400, "bad_request", $"`keys` count exceeds {MostInfos}");
        }

        return new JsonArray([.. keys.Select(key => (JsonNode)(request.Cluster.Databases.TryGetValue(key, out var database)
            ? new JsonObject { ["key"] = key, ["info"] = DatabaseRequests.Info(request.Cluster, database) }
            : new JsonObject { ["key"] = key, ["error"] = "not_found" }))]);
    }

    /// <param name="hasNodes">Whether the list is of a cluster, and names them.</param>
    public static JsonArray Tasks(IEnumerable<DoubleNode> nodes, bool hasNodes) => new([
        .. from node in nodes
           from shard in node.Shards.Values
           from file in shard.Views.Values.Append<DoubleFile>(shard)
           where file.IsRunning
           select (JsonNode)Task(node, file, hasNodes)
    ]);

    private static JsonObject Task(DoubleNode node, DoubleFile file, bool hasNodes)
    {
        var (phase, done, total) = file.Phase;
        var task = new JsonObject
        {
            ["node"] = node.Name,
            ["pid"] = "<0.1234.0>",
            ["process_status"] = "waiting",
            ["type"] = file is DoubleView ? "view_compaction" : "database_compaction",
            ["database"] = node.Cluster.Speaks.IsSingle ? DoubleDatabase.NameIn(file.Shard) : file.Shard,
            ["changes_done"] = done,
            ["total_changes"] = total,
            ["progress"] = total == 0 ? 0 : done * 100 / total,
            ["started_on"] = file.StartedAt.ToUnixTimeSeconds(),
            ["updated_on"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        };
        if (!hasNodes)
        {
            task.Remove("node");
            task.Remove("process_status");
        }

        if (file is DoubleView view)
        {
            task["design_document"] = $"_design/{view.DesignDocument}";
        }

        if (phase.Length > 0)
        {
            task["phase"] = phase;
        }

        return task;
    }

    private static JsonObject Session(DoubleRequest request)
    {
        if (request.Method == "POST")
        {
            var user = request.Body?["name"]?.GetValue<string>() ?? "";
            var password = request.Body?["password"]?.GetValue<string>() ?? "";
            Access.LogIn(request.Cluster, user, password);
            request.AnswerHeaders.SetCookie = $"AuthSession={Uri.EscapeDataString(Access.Token(request.Cluster, user))}; Version=1; Path=/; HttpOnly";
            return new JsonObject { ["ok"] = true, ["name"] = user, ["roles"] = new JsonArray("_admin") };
        }

        var name = Access.UserOf(request);
        return new JsonObject
        {
            ["ok"] = true,
            ["userCtx"] = new JsonObject { ["name"] = name.Length == 0 ? null : name, ["roles"] = name.Length == 0 && request.Cluster.Administrators.Count > 0 ? new JsonArray() : new JsonArray("_admin") },
            ["info"] = new JsonObject { ["authentication_handlers"] = new JsonArray("cookie", "default") },
        };
    }
}
