using System.Text.Json;
using Orchestrator.Core.Topology;

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

    /// <summary>A database of CouchDB 1.x, which is not split: its only range has no name.</summary>
    public static CouchDbDatabase Whole(string name, string node) =>
        new(name, "", new Dictionary<string, IReadOnlyList<string>> { [""] = [node] });

    /// <summary>The data of a range, as it is compacted by itself.</summary>
    public StorageUnit Data(string range) => range.Length == 0 ? new DatabaseUnit(Name) : new ShardUnit(Name, range);

    /// <summary>Whether a node holds a copy of a range.</summary>
    public bool Holds(string node, string range) => Ranges.TryGetValue(range, out var nodes) && nodes.Contains(node);

    /// <summary>A shard's own name, for example <c>shards/00000000-7fffffff/shop.1700000000</c>; the database's where it is not split.</summary>
    public string Shard(string range) => range.Length == 0 ? Name : $"shards/{range}/{Name}{Suffix}";

    /// <summary>The replica set of a range.</summary>
    public static string SetOf(string database, string range) => range.Length == 0 ? database : $"{database}@{range}";
}

/// <summary>What a node tells of its copy of a shard, or of one of its view indexes.</summary>
/// <param name="IsRunning">Whether it is being compacted.</param>
/// <param name="CompactedSequence">Up to which change it was compacted last; 0 if it does not tell.</param>
/// <param name="IsUpdating">Of an index: whether it is being built or brought up to date.</param>
internal sealed record CouchDbSizes(long File, long Active, bool IsRunning, long CompactedSequence, bool IsUpdating)
{
    /// <summary>What it takes uncompressed; null in 1.x, which does not tell it.</summary>
    public long? External { get; init; }

    /// <summary>Of an index: the name of its files, by which the ones in use are known; else empty.</summary>
    public string Signature { get; init; } = "";

    /// <param name="json">Of a shard or database, or of a design document's index.</param>
    public static CouchDbSizes Parse(JsonElement json)
    {
        json = json.FieldOf("view_index") ?? json;
        var (file, active) = json.FieldOf("sizes") is { } sizes
            ? (sizes.NumberOf("file"), sizes.NumberOf("active"))

            // 1.x.
            : (json.NumberOf("disk_size"), json.NumberOf("data_size"));
        return new CouchDbSizes(file, Math.Min(file, active), json.FlagOf("compact_running"), json.NumberOf("compacted_seq"), json.FlagOf("updater_running"))
        {
            External = json.FieldOf("sizes")?.FieldOf("external") is { ValueKind: JsonValueKind.Number } external ? external.GetInt64() : null,
            Signature = json.TextOf("signature"),
        };
    }
}

/// <summary>CouchDB's own automatic compaction on one node, over all its channels.</summary>
internal sealed record CouchDbSmoosh(long Active, long Waiting)
{
    public static CouchDbSmoosh Parse(JsonElement json)
    {
        var channels = json.FieldOf("channels") is { ValueKind: JsonValueKind.Object } found ? found.EnumerateObject().Select(channel => channel.Value).ToList() : [];
        return new CouchDbSmoosh(
            channels.Sum(channel => channel.NumberOf("active") + channel.NumberOf("starting")),
            channels.Sum(channel => channel.FieldOf("waiting")?.NumberOf("size") ?? 0));
    }
}

/// <summary>A compaction in the list of active tasks.</summary>
/// <param name="Shard">The shard's own name.</param>
/// <param name="DesignDocument">For a view; else empty.</param>
/// <param name="Phase">Empty where CouchDB names none.</param>
internal sealed record CouchDbTask(string Node, string Shard, string DesignDocument, string Phase, long Done, long Total)
{
    /// <summary>Null for a task that is no compaction.</summary>
    /// <param name="onlyNode">The node, where the list does not name it because there is no other; else empty.</param>
    public static CouchDbTask? Parse(JsonElement json, string onlyNode) => json.TextOf("type") is "database_compaction" or "view_compaction"
        ? new CouchDbTask(
            onlyNode.Length > 0 ? onlyNode : json.TextOf("node"),
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

    /// <summary>What it works on, for people.</summary>
    public string Where => DesignDocument.Length == 0 ? Set : $"{Set}#{DesignDocument.Split('/', 2)[^1]}";

    /// <summary>The replica set in which it works.</summary>
    public string Set => Shard.Split('/', 3) is ["shards", var range, var rest]
        ? CouchDbDatabase.SetOf(rest[..Math.Max(0, rest.LastIndexOf('.'))], range)
        : Shard;

    /// <summary>Whether it works on a unit, or on a part of it.</summary>
    public bool IsOf(StorageUnit unit) => unit is ViewUnit { Range.Length: 0 } view
        ? (Set == view.Database || Set.StartsWith(view.Database + "@", StringComparison.Ordinal)) && DesignDocument == $"_design/{view.View}"
        : Where == unit.Path;
}
