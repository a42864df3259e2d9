using System.Text.Json;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Where the shards of a database are, as the document of the same name in <c>_dbs</c> tells.</summary>
/// <param name="Suffix">What the names of its shards end with; a database that was deleted and created again has another one.</param>
/// <param name="Ranges">For each range the nodes that hold a copy, in order.</param>
internal sealed record CouchDbDatabase(string Name, string Suffix, IReadOnlyDictionary<string, IReadOnlyList<string>> Ranges)
{
    public static CouchDbDatabase Parse(string name, JsonElement json) => new(
        name,
        string.Concat(json.ListOf("shard_suffix").Select(letter => (char)letter.GetInt32())),
        json.FieldOf("by_range") is { ValueKind: JsonValueKind.Object } ranges
            ? ranges.EnumerateObject().ToDictionary(
                range => range.Name,
                range => (IReadOnlyList<string>)[.. range.Value.EnumerateArray().Select(node => node.GetString()!).Order(StringComparer.Ordinal)])
            : new Dictionary<string, IReadOnlyList<string>>());

    /// <summary>Whether a node holds a copy of a range.</summary>
    public bool Holds(string node, string range) => Ranges.TryGetValue(range, out var nodes) && nodes.Contains(node);

    /// <summary>A shard's own name, for example <c>shards/00000000-7fffffff/shop.1700000000</c>.</summary>
    public string Shard(string range) => $"shards/{range}/{Name}{Suffix}";

    /// <summary>The replica set of a range.</summary>
    public static string SetOf(string database, string range) => $"{database}@{range}";
}

/// <summary>What a node tells of its copy of a shard, or of one of its view indexes.</summary>
/// <param name="IsRunning">Whether it is being compacted.</param>
/// <param name="CompactedSequence">Up to which change it was compacted last; 0 if it does not tell.</param>
internal sealed record CouchDbSizes(long File, long Active, bool IsRunning, long CompactedSequence)
{
    public static CouchDbSizes Parse(JsonElement json)
    {
        var sizes = json.FieldOf("sizes") ?? default;
        var file = sizes.NumberOf("file");
        return new CouchDbSizes(file, Math.Min(file, sizes.NumberOf("active")), json.FlagOf("compact_running"), json.NumberOf("compacted_seq"));
    }
}

/// <summary>A compaction in the list of active tasks.</summary>
/// <param name="Shard">The shard's own name.</param>
/// <param name="DesignDocument">For a view; else empty.</param>
/// <param name="Phase">Empty where CouchDB names none.</param>
internal sealed record CouchDbTask(string Node, string Shard, string DesignDocument, string Phase, long Done, long Total)
{
    /// <summary>Null for a task that is no compaction.</summary>
    public static CouchDbTask? Parse(JsonElement json) => json.TextOf("type") is "database_compaction" or "view_compaction"
        ? new CouchDbTask(
            json.TextOf("node"),
            json.TextOf("database"),
            json.TextOf("design_document"),
            json.TextOf("phase"),
            json.NumberOf("changes_done"),
            json.NumberOf("total_changes"))
        : null;

    /// <summary>
    /// Share of the whole, 0 to 1. Each phase counts from 0 again, may have no total, and was seen to go beyond it; copying the documents
    /// takes most of the time.
    /// </summary>
    public double Fraction
    {
        get
        {
            var (from, to) = Phase switch
            {
                "document_copy" => (0.0, 0.8),
                "docid_sort" => (0.8, 0.9),
                "docid_copy" => (0.9, 1.0),
                "ids" => (0.0, 0.3),
                "view" => (0.3, 1.0),
                _ => (0.0, 1.0),
            };
            return from + ((to - from) * (Total <= 0 ? 0 : Math.Clamp((double)Done / Total, 0, 1)));
        }
    }

    /// <summary>Database and range of a shard's name, for people.</summary>
    public string Where
    {
        get
        {
            var parts = Shard.Split('/', 3);
            var name = parts is ["shards", var range, var rest] ? $"{rest[..Math.Max(0, rest.LastIndexOf('.'))]}@{range}" : Shard;
            return DesignDocument.Length == 0 ? name : $"{name}#{DesignDocument["_design/".Length..]}";
        }
    }
}
