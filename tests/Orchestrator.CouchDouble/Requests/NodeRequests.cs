using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.CouchDouble.Requests;

/// <summary>What one node is asked, through any node: <c>/_node/NAME/...</c>.</summary>
internal static class NodeRequests
{
    private static readonly string[] Channels =
        ["upgrade_dbs", "upgrade_views", "ratio_dbs", "slack_dbs", "ratio_views", "slack_views", "index_cleanup"];

    public static async Task<JsonNode?> Answer(DoubleRequest request)
    {
        var name = request.Path.ElementAtOrDefault(1) ?? "";
        var node = name == "_local" ? request.Node : request.Cluster.Nodes.FirstOrDefault(other => other.Name == name)
            ?? throw new CouchError(404, "not_found", $"no such node: {name}");
        if (!node.IsAlive)
        {
            throw new CouchError(412, "nodedown", $"{node.Name} is down");
        }

        if (node != request.Node && node.Slowness > TimeSpan.Zero)
        {
            await Task.Delay(node.Slowness);
        }

        return request.Path.Skip(2).ToList() switch
        {
            [] when !request.Cluster.Speaks.KnowsLocal => throw new CouchError(400, "bad_request", "Incomplete path to _node request"),
            [] => new JsonObject { ["name"] = node.Name },
            ["_system"] => new JsonObject
            {
                ["uptime"] = (long)(TimeProvider.System.GetUtcNow() - node.StartedAt).TotalSeconds,
                ["run_queue"] = 0,
                ["process_count"] = 350,
                ["internal_replication_jobs"] = node.ReplicationJobs,
            },

            // The serving node answers, whichever is named.
            ["_smoosh", "status"] when request.Cluster.Speaks.HasSmoosh => Smoosh(request.Node),
            ["_config", var section, var key] => Setting(request, node, $"{section}/{key}"),
            ["_config", var section] => Section(node, section),

            // Before 3.0 that is at the node's own port.
            _ when request.Cluster.Speaks.HasNodePorts => throw CouchError.Missing,
            ["_dbs", var database] => request.Cluster.Databases.TryGetValue(database, out var found) ? found.Map() : throw CouchError.Missing,
            [var shard, .. var rest] when shard.StartsWith("shards/", StringComparison.Ordinal) => Shard(request, node, shard, rest),
            _ => throw CouchError.Missing,
        };
    }

    public static JsonNode Shard(DoubleRequest request, DoubleNode node, string name, IReadOnlyList<string> rest)
    {
        if (!node.Shards.TryGetValue(name, out var shard))
        {
            throw new CouchError(404, "not_found", "no_db_file");
        }

        switch (rest)
        {
            case []:
                return DatabaseRequests.ShardInfo(request.Cluster, shard);
            case ["_compact"] or ["_compact", ""]:
                DatabaseRequests.RequireJson(request);
                RequireSpace(node);
                node.Compact(shard);
                return Accepted(request);
            case ["_compact", var designDocument]:
                DatabaseRequests.RequireJson(request);
                RequireSpace(node);
                node.Compact(View(request, shard, designDocument));
                return Accepted(request);
            case ["_view_cleanup"]:
                DatabaseRequests.RequireJson(request);
                shard.CleanUp();
                return Accepted(request);
            case ["_local_docs"]:
                return LocalDocuments(request, shard);
            case ["_design", var designDocument, "_info"]:
                return DatabaseRequests.ViewInfo(request.Cluster, designDocument, [View(request, shard, designDocument)]);
            default:
                throw CouchError.Missing;
        }
    }

    /// <summary>A design document is a document: only the range that holds it knows it.</summary>
    private static DoubleView View(DoubleRequest request, DoubleShard shard, string designDocument)
    {
        var database = request.Cluster.Databases.Values.First(other => other.ByRange.Keys.Any(range => other.ShardOf(range) == shard.Shard));
        var home = database.ShardOf(database.RangeOf($"_design/{designDocument}"));
        return home == shard.Shard && shard.Views.TryGetValue(designDocument, out var view) ? view : throw CouchError.Missing;
    }

    /// <summary>Its own local documents are listed only where that is asked.</summary>
    private static JsonObject LocalDocuments(DoubleRequest request, DoubleShard shard)
    {
        var (from, to) = (Key("startkey"), Key("endkey"));
        var ids = shard.SystemDocuments
            .Where(id => request.Query.GetValueOrDefault("include_system") == "true"
                && string.CompareOrdinal(id, from ?? id) >= 0 && string.CompareOrdinal(id, to ?? id) <= 0)
            .Order(StringComparer.Ordinal);
        return new JsonObject
        {
            ["total_rows"] = null,
            ["offset"] = null,
            ["rows"] = new JsonArray([.. ids.Select(id => (JsonNode)new JsonObject { ["id"] = id, ["key"] = id, ["value"] = new JsonObject { ["rev"] = "0-1" } })]),
        };

        string? Key(string name) => request.Query.GetValueOrDefault(name) is { } json ? JsonSerializer.Deserialize<string>(json) : null;
    }

    private static JsonObject Accepted(DoubleRequest request)
    {
        request.Status = 202;
        return new JsonObject { ["ok"] = true };
    }

    private static void RequireSpace(DoubleNode node)
    {
        if (node.IsFull)
        {
            throw new CouchError(507, "insufficient_storage", "Insufficient space to complete the request");
        }
    }

    private static JsonObject Smoosh(DoubleNode node)
    {
        var channels = new JsonObject();
        foreach (var channel in Channels)
        {
            channels[channel] = new JsonObject
            {
                ["waiting"] = new JsonObject { ["size"] = channel == "slack_dbs" ? node.SmooshWaiting : 0, ["min"] = 0, ["max"] = 0 },
                ["starting"] = 0,
                ["active"] = channel == "ratio_dbs" ? node.SmooshActive : 0,
            };
        }

        return new JsonObject { ["channels"] = channels };
    }

    private static JsonNode? Section(DoubleNode node, string section)
    {
        var found = new JsonObject();
        foreach (var (key, value) in node.Settings.Where(pair => pair.Key.StartsWith(section + "/", StringComparison.Ordinal)))
        {
            found[key[(section.Length + 1)..]] = value;
        }

        return found;
    }

    private static JsonNode? Setting(DoubleRequest request, DoubleNode node, string key)
    {
        var old = node.Settings.GetValueOrDefault(key);
        if (request.Method == "GET")
        {
            return old ?? throw new CouchError(404, "not_found", "unknown_config_value");
        }

        if (request.Headers["X-Couch-Persist"] == "false")
        {
            node.Unwritten.TryAdd(key, old);
        }
        else
        {
            node.Unwritten.TryRemove(key, out _);
        }

        if (request.Method == "PUT")
        {
            node.Settings[key] = request.Body!.GetValue<string>();
        }
        else
        {
            node.Settings.TryRemove(key, out _);
        }

        return old ?? "";
    }
}
