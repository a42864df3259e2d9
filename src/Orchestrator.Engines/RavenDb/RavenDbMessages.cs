using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Engines.RavenDb;

// The answers of the server that are used, and of them the fields that are used; the server's names are in Pascal case.

/// <summary><c>GET /cluster/topology</c>.</summary>
internal sealed record ClusterTopologyAnswer(ClusterTopology? Topology, string? Leader, string? NodeTag, string? CurrentState, string? LastStateChangeReason);

/// <summary>URLs by node tag.</summary>
internal sealed record ClusterTopology(
    Dictionary<string, string>? Members, Dictionary<string, string>? Promotables, Dictionary<string, string>? Watchers, string? TopologyId)
{
    [JsonIgnore]
    public IEnumerable<KeyValuePair<string, string>> All => (Members ?? []).Concat(Promotables ?? []).Concat(Watchers ?? []);
}

/// <summary><c>GET /build/version</c>.</summary>
internal sealed record BuildAnswer(string? ProductVersion, string? FullVersion);

/// <summary><c>GET /databases</c>.</summary>
internal sealed record DatabasesAnswer(IReadOnlyList<DatabaseInfo>? Databases);

/// <summary>One database as one node knows it.</summary>
/// <param name="UpTime">Null while the node has it not loaded.</param>
/// <param name="LoadError">Why it cannot be used on this node; also that it is being compacted.</param>
/// <param name="DeletionInProgress">Nodes that are deleting it.</param>
internal sealed record DatabaseInfo(
    string Name,
    bool Disabled,
    string? UpTime,
    string? LoadError,
    NodesTopology? NodesTopology,
    int ReplicationFactor,
    bool DynamicNodesDistribution,
    JsonElement DeletionInProgress,
    bool IsSharded)
{
    /// <summary>Whether documents are being compacted here (the words differ by version: "locked because it is being compacted").</summary>
    [JsonIgnore]
    public bool IsCompacting => LoadError is { } error && error.Contains("being compacted", StringComparison.OrdinalIgnoreCase);

    [JsonIgnore]
    public bool IsBeingDeleted => DeletionInProgress.ValueKind switch
    {
        JsonValueKind.Object => DeletionInProgress.EnumerateObject().Any(),
        JsonValueKind.Array => DeletionInProgress.GetArrayLength() > 0,
        _ => false,
    };
}

/// <summary>A database group.</summary>
/// <param name="Members">In order; the first is preferred by clients.</param>
internal sealed record NodesTopology(
    IReadOnlyList<GroupNode>? Members,
    IReadOnlyList<GroupNode>? Promotables,
    IReadOnlyList<GroupNode>? Rehabs,
    Dictionary<string, GroupNodeStatus>? Status,
    IReadOnlyList<string>? PriorityOrder)
{
    /// <summary>Tags of all nodes of the group: members in their order, then the others.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> All =>
        [.. (Members ?? []).Concat(Promotables ?? []).Concat(Rehabs ?? []).Select(node => node.NodeTag).Distinct()];

    /// <summary>The same in the order that an administrator fixed, from which the present one may differ for a while.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Order => [.. (PriorityOrder ?? []).Intersect(All).Union(All)];

    /// <summary>The node that clients prefer; empty while there is none.</summary>
    [JsonIgnore]
    public string Preferred => Members is [var first, ..] ? first.NodeTag : "";

    /// <summary>Whether the order was fixed by an administrator.</summary>
    [JsonIgnore]
    public bool IsFixed => PriorityOrder is { Count: > 0 };
}

internal sealed record GroupNode(string NodeTag, string? NodeUrl);

internal sealed record GroupNodeStatus(string? LastStatus, string? LastError);

/// <summary><c>GET /databases/NAME/debug/storage/report</c>.</summary>
internal sealed record StorageReport(IReadOnlyList<StorageEnvironment>? Results);

internal sealed record StorageEnvironment(string Name, string Type, EnvironmentReport? Report);

internal sealed record EnvironmentReport(DataFileReport? DataFile);

internal sealed record DataFileReport(long AllocatedSpaceInBytes, long UsedSpaceInBytes, long FreeSpaceInBytes);

/// <summary><c>GET /databases/NAME/indexes/stats</c>.</summary>
internal sealed record IndexesAnswer(IReadOnlyList<IndexInfo>? Results);

internal sealed record IndexInfo(string Name, string? Type, string? State, string? SearchEngineType)
{
    [JsonIgnore]
    public bool IsCorax => SearchEngineType == "Corax";
}

/// <summary><c>GET /admin/databases?name=NAME</c>.</summary>
internal sealed record DatabaseRecord(DocumentsCompression? DocumentsCompression)
{
    [JsonIgnore]
    public bool Compresses => DocumentsCompression is { CompressAllCollections: true } or { Collections.Count: > 0 };
}

internal sealed record DocumentsCompression(IReadOnlyList<string>? Collections, bool CompressAllCollections);

/// <summary>One node in <c>GET /admin/cluster/maintenance-stats</c>: what the leader saw of it last, by database.</summary>
internal sealed record ObservedNode(Dictionary<string, DatabaseStatistics>? Report);

/// <summary>
/// <c>GET /databases/NAME/stats</c>, and a database in the leader's report, which has the same field.
/// </summary>
internal sealed record DatabaseStatistics(string? DatabaseChangeVector)
{
    /// <summary>Whether the position of the copy is told; that of an unloaded one may not be.</summary>
    [JsonIgnore]
    public bool IsKnown => !string.IsNullOrEmpty(DatabaseChangeVector);

    /// <summary>How many changes the copy lacks of those that another one has: each part of a change vector is <c>TAG:NUMBER-ORIGIN</c>.</summary>
    public long Lacks(DatabaseStatistics other)
    {
        var own = Parse(DatabaseChangeVector);
        return Parse(other.DatabaseChangeVector).Sum(part => Math.Max(0, part.Value - own.GetValueOrDefault(part.Key)));
    }

    private static Dictionary<string, long> Parse(string? vector)
    {
        var parts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in (vector ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (colon, dash) = (part.IndexOf(':'), part.IndexOf('-'));
            if (colon > 0 && dash > colon && long.TryParse(part.AsSpan(colon + 1, dash - colon - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                parts[part[(dash + 1)..]] = number;
            }
        }

        return parts;
    }
}

/// <summary>Body of <c>POST /admin/compact</c>.</summary>
internal sealed record CompactBody(string DatabaseName, bool Documents, IReadOnlyList<string> Indexes, bool SkipOptimizeIndexes);

internal sealed record OperationAnswer(long OperationId, string? OperationNodeTag);

/// <summary><c>GET /operations/state</c>.</summary>
internal sealed record OperationState(string? Status, OperationProgress? Progress, OperationResult? Result);

internal sealed record OperationProgress(string? Message, double GlobalProgress, double GlobalTotal, Dictionary<string, IndexResult>? IndexesResults);

/// <summary>Of a compaction that has ended: its result, or why it failed.</summary>
internal sealed record OperationResult(
    string? Name, string? Message, string? Type, string? Error, bool Skipped, Dictionary<string, IndexResult>? IndexesResults);

internal sealed record IndexResult(bool Skipped, string? Message, double GlobalProgress, double GlobalTotal);

/// <summary>Body of <c>POST /admin/databases/reorder</c>.</summary>
internal sealed record ReorderBody(IReadOnlyList<string> MembersOrder, bool Fixed);

/// <summary>Why the server does not do what it was asked.</summary>
internal sealed record ErrorAnswer(string? Url, string? Type, string? Message, string? Error);

[JsonSerializable(typeof(ClusterTopologyAnswer))]
[JsonSerializable(typeof(BuildAnswer))]
[JsonSerializable(typeof(DatabasesAnswer))]
[JsonSerializable(typeof(StorageReport))]
[JsonSerializable(typeof(IndexesAnswer))]
[JsonSerializable(typeof(DatabaseRecord))]
[JsonSerializable(typeof(DatabaseStatistics))]
[JsonSerializable(typeof(Dictionary<string, ObservedNode>))]
[JsonSerializable(typeof(CompactBody))]
[JsonSerializable(typeof(OperationAnswer))]
[JsonSerializable(typeof(OperationState))]
[JsonSerializable(typeof(ReorderBody))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class RavenDbJson : JsonSerializerContext;
