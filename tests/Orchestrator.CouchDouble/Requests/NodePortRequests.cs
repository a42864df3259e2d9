using System.Text.Json.Nodes;

namespace Orchestrator.CouchDouble.Requests;

/// <summary>What a node of CouchDB 2.x is asked at its own port: only what it stores itself, each shard as a database of its own.</summary>
internal static class NodePortRequests
{
    public static JsonNode? Answer(DoubleRequest request) => request.Path.ToList() switch
    {
        [""] or ["_session"] => ServerRequests.Answer(request),
        ["_all_dbs"] => new JsonArray([.. request.Node.Shards.Keys.Append("_dbs").Append("_nodes").Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]),
        ["_active_tasks"] => ServerRequests.Tasks([request.Node], hasNodes: false),
        ["_dbs", var database] => request.Cluster.Databases.TryGetValue(database, out var found) ? found.Map() : throw CouchError.Missing,
        [var shard, .. var rest] when shard.StartsWith("shards/", StringComparison.Ordinal) => NodeRequests.Shard(request, request.Node, shard, rest),
        _ => throw new CouchError(404, "not_found", "no_db_file"),
    };
}
