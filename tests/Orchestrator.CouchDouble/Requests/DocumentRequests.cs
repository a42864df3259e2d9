using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.CouchDouble.Requests;

/// <summary>Documents, as far as clients and claims need them: one revision of each, no attachments.</summary>
internal static class DocumentRequests
{
    public static JsonNode? Answer(DoubleRequest request, DoubleDatabase database)
    {
        var rest = request.Path.Skip(1).ToList();
        lock (database)
        {
            return (request.Method, rest) switch
            {
                ("GET", ["_all_docs"]) => AllDocuments(request, database, _ => true),
                ("GET", ["_design_docs"]) => AllDocuments(request, database, id => id.StartsWith("_design/", StringComparison.Ordinal)),
                ("GET", ["_changes"]) => Changes(database),
                ("POST", ["_bulk_docs"]) => Bulk(request, database),
                ("POST", ["_revs_diff"]) => new JsonObject(),
                ("POST", []) => Write(request, database, request.Body?["_id"]?.GetValue<string>() ?? DatabaseRequests.NewId(), (JsonObject)request.Body!),
                ("GET" or "HEAD", ["_local", .. var id]) => database.LocalDocuments.TryGetValue(string.Join('/', id), out var local) ? local.DeepClone() : throw CouchError.Missing,
                ("PUT", ["_local", .. var id]) => WriteLocal(request, database, string.Join('/', id)),
                ("GET" or "HEAD", [_, ..]) => Read(database, string.Join('/', rest)),
                ("PUT", [_, ..]) => Write(request, database, string.Join('/', rest), (JsonObject)request.Body!),
                ("DELETE", [_, ..]) => Write(request, database, string.Join('/', rest), new JsonObject { ["_rev"] = request.Query.GetValueOrDefault("rev"), ["_deleted"] = true }),
                _ => throw CouchError.NotAllowed,
            };
        }
    }

    private static JsonObject Read(DoubleDatabase database, string id)
    {
        var found = database.Documents.GetValueOrDefault(id) ?? throw CouchError.Missing;
        return found.IsDeleted ? throw new CouchError(404, "not_found", "deleted") : Shown(found);
    }

    private static JsonObject Shown(DoubleDocument document)
    {
        var shown = new JsonObject { ["_id"] = document.Id, ["_rev"] = document.Revision };
        foreach (var (name, value) in document.Body)
        {
            shown[name] = value?.DeepClone();
        }

        return shown;
    }

    /// <summary>Only who knows the last revision may write.</summary>
    private static JsonObject Write(DoubleRequest request, DoubleDatabase database, string id, JsonObject document)
    {
        var known = database.Documents.GetValueOrDefault(id);
        var given = document["_rev"]?.GetValue<string>() ?? request.Query.GetValueOrDefault("rev");
        if (known is { IsDeleted: false } ? given != known.Revision : given is not null && given != known?.Revision)
        {
            throw new CouchError(409, "conflict", "Document update conflict.");
        }

        var number = known is null ? 1 : int.Parse(known.Revision.Split('-')[0], CultureInfo.InvariantCulture) + 1;
        var body = new JsonObject();
        foreach (var (name, value) in document.Where(field => !field.Key.StartsWith('_')))
        {
            body[name] = value?.DeepClone();
        }

        var isDeleted = document["_deleted"]?.GetValue<bool>() == true;
        var revision = string.Create(CultureInfo.InvariantCulture, $"{number}-{DatabaseRequests.NewId()}");
        database.Documents[id] = new DoubleDocument(id, revision, isDeleted, body, ++database.Sequence);
        Grow(request.Cluster, database, id, body.ToJsonString().Length + 200, known?.Body.ToJsonString().Length + 200 ?? 0);
        request.Status = request.Method == "DELETE" ? 200 : 201;
        return new JsonObject { ["ok"] = true, ["id"] = id, ["rev"] = revision };
    }

    /// <summary>Every write makes the files longer; what it replaces is no longer active.</summary>
    private static void Grow(DoubleCluster cluster, DoubleDatabase database, string id, long bytes, long replaced)
    {
        var range = database.RangeOf(id);
        foreach (var shard in database.ByRange[range].Select(name => cluster[name].Shards.GetValueOrDefault(database.ShardOf(range))).OfType<DoubleShard>())
        {
            shard.File += bytes;
            shard.Active += bytes - replaced;
            shard.UpdateSequence++;
        }
    }

    private static JsonObject WriteLocal(DoubleRequest request, DoubleDatabase database, string id)
    {
        database.LocalDocuments[id] = (JsonObject)request.Body!.DeepClone();
        request.Status = 201;
        return new JsonObject { ["ok"] = true, ["id"] = $"_local/{id}", ["rev"] = "0-1" };
    }

    private static JsonObject AllDocuments(DoubleRequest request, DoubleDatabase database, Func<string, bool> isMeant)
    {
        var present = database.Documents.Values.Where(document => !document.IsDeleted).ToList();
        var ids = ServerRequests.Page(request, present.Select(document => document.Id).Where(isMeant).Order(StringComparer.Ordinal)).ToList();
        var isFull = request.Query.GetValueOrDefault("include_docs") == "true";
        return new JsonObject
        {
            ["total_rows"] = present.Count,
            ["offset"] = 0,
            ["rows"] = new JsonArray([.. ids.Select(id =>
            {
                var row = new JsonObject { ["id"] = id, ["key"] = id, ["value"] = new JsonObject { ["rev"] = database.Documents[id].Revision } };
                if (isFull)
                {
                    row["doc"] = Shown(database.Documents[id]);
                }

                return (JsonNode)row;
            })]),
        };
    }

    private static JsonObject Changes(DoubleDatabase database) => new()
    {
        ["results"] = new JsonArray([.. database.Documents.Values.OrderBy(document => document.Sequence).Select(document => (JsonNode)new JsonObject
        {
            ["seq"] = $"{document.Sequence}-g1AAAA",
            ["id"] = document.Id,
            ["changes"] = new JsonArray(new JsonObject { ["rev"] = document.Revision }),
        })]),
        ["last_seq"] = $"{database.Sequence}-g1AAAA",
        ["pending"] = 0,
    };

    private static JsonArray Bulk(DoubleRequest request, DoubleDatabase database)
    {
        var answers = new JsonArray();
        foreach (var document in (request.Body?["docs"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var id = document["_id"]?.GetValue<string>() ?? DatabaseRequests.NewId();
            try
            {
                answers.Add(Write(request, database, id, document));
            }
            catch (CouchError error)
            {
                answers.Add(new JsonObject { ["id"] = id, ["error"] = error.Error, ["reason"] = error.Message });
            }
        }

        request.Status = 201;
        return answers;
    }
}
