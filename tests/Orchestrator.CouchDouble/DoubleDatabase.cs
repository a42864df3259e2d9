using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.CouchDouble;

/// <summary>A database: its documents, and the map of its shards. Documents are kept once, not for each copy.</summary>
internal sealed class DoubleDatabase
{
    public DoubleDatabase(string name, string suffix, int q, IReadOnlyList<string> nodes)
    {
        (Name, Suffix, Q) = (name, suffix, q);
        var width = (1L << 32) / q;
        for (var i = 0; i < q; i++)
        {
            var range = string.Create(CultureInfo.InvariantCulture, $"{i * width:x8}-{(i == q - 1 ? (1L << 32) : (i + 1) * width) - 1:x8}");
            ByRange[range] = [.. nodes];
        }
    }

    public string Name { get; }

    /// <summary>With its point, for example <c>.1700000000</c>.</summary>
    public string Suffix { get; }

    public int Q { get; }

    public SortedDictionary<string, List<string>> ByRange { get; } = new(StringComparer.Ordinal);

    /// <summary>By id, in the order in which they were written last; deleted ones stay as tombstones.</summary>
    public Dictionary<string, DoubleDocument> Documents { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, JsonObject> LocalDocuments { get; } = new(StringComparer.Ordinal);

    public long Sequence { get; set; }

    public IEnumerable<string> Nodes => ByRange.Values.SelectMany(nodes => nodes).Distinct();

    public string ShardOf(string range) => $"shards/{range}/{Name}{Suffix}";

    /// <summary>The name of the database to which a shard belongs.</summary>
    public static string NameIn(string shard) => shard.Split('/', 3)[2] is var rest ? rest[..rest.LastIndexOf('.')] : "";

    public string RangeOf(string id) => ByRange.Keys.ElementAt((int)(Hash(id) % (uint)ByRange.Count));

    /// <summary>The document of <c>_dbs</c>.</summary>
    public JsonObject Map()
    {
        var byNode = new JsonObject();
        foreach (var node in Nodes)
        {
            byNode[node] = new JsonArray([.. ByRange.Where(pair => pair.Value.Contains(node)).Select(pair => (JsonNode)pair.Key)]);
        }

        var byRange = new JsonObject();
        var changelog = new JsonArray();
        foreach (var (range, nodes) in ByRange)
        {
            byRange[range] = new JsonArray([.. nodes.Select(node => (JsonNode)node)]);
            nodes.ForEach(node => changelog.Add(new JsonArray("add", range, node)));
        }

        return new JsonObject
        {
            ["_id"] = Name,
            ["_rev"] = "1-a12c3a3bd2b5a2b5a2b5a2b5a2b5a2b5",
            ["shard_suffix"] = new JsonArray([.. Suffix.Select(letter => (JsonNode)(int)letter)]),
            ["changelog"] = changelog,
            ["by_node"] = byNode,
            ["by_range"] = byRange,
            ["props"] = new JsonObject(),
        };
    }

    private static uint Hash(string text) => text.Aggregate(2166136261, (hash, letter) => (hash ^ letter) * 16777619);
}

/// <summary>One document in its last revision.</summary>
internal sealed record DoubleDocument(string Id, string Revision, bool IsDeleted, JsonObject Body, long Sequence);
