using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Engines.Milvus;

// REST v2: every answer is an envelope with HTTP status 200. Ids have 18 digits, more than a double can hold, and come as numbers or texts.

/// <param name="Code">0 for good.</param>
internal sealed record MilvusEnvelope(
    [property: JsonPropertyName("code")] int Code,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("data")] JsonElement Data);

/// <summary>Names what a call is about; a field that is null is left out.</summary>
internal sealed record MilvusRequest(
    [property: JsonPropertyName("dbName")] string? Database = null,
    [property: JsonPropertyName("collectionName")] string? Collection = null)
{
    [JsonPropertyName("isClustering")]
    public bool? IsClustering { get; init; }

    [JsonPropertyName("jobID")]
    public long? Job { get; init; }

    [JsonPropertyName("filter")]
    public string? Filter { get; init; }

    [JsonPropertyName("outputFields")]
    public IReadOnlyList<string>? OutputFields { get; init; }
}

/// <summary><c>collections/describe</c>.</summary>
internal sealed record MilvusCollection(
    [property: JsonPropertyName("collectionName")] string? Name,
    [property: JsonPropertyName("collectionID")] long Id,
    [property: JsonPropertyName("load")] string? Load,
    [property: JsonPropertyName("fields")] IReadOnlyList<MilvusField>? Fields)
{
    [JsonIgnore]
    public bool IsLoaded => Load == "LoadStateLoaded";
}

/// <param name="Parameters">A list of keys and values: <c>dim</c>, <c>max_length</c>.</param>
internal sealed record MilvusField(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("params")] IReadOnlyList<MilvusParameter>? Parameters)
{
    public long Parameter(string key) =>
        Parameters?.FirstOrDefault(parameter => parameter.Key == key)?.Value is { } value && long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
}

internal sealed record MilvusParameter([property: JsonPropertyName("key")] string Key, [property: JsonPropertyName("value")] JsonElement Value);

/// <summary><c>collections/get_stats</c>: rows of flushed segments, the deleted ones among them.</summary>
internal sealed record MilvusStatistics([property: JsonPropertyName("rowCount")] long Rows);

/// <summary><c>collections/compact</c>: -1 if nothing was scheduled.</summary>
internal sealed record MilvusCompaction([property: JsonPropertyName("compactionID")] long Id);

/// <summary><c>collections/get_compaction_state</c>.</summary>
internal sealed record MilvusCompactionState(
    [property: JsonPropertyName("state")] string? State,
    [property: JsonPropertyName("executingPlanNumber")] long Executing,
    [property: JsonPropertyName("timeoutPlanNumber")] long TimedOut,
    [property: JsonPropertyName("completedPlanNumber")] long Completed)
{
    /// <summary>Plans that failed; REST v2 does not count them.</summary>
    [JsonIgnore]
    public long Failed { get; init; }

    [JsonIgnore]
    public bool IsExecuting => State == "Executing" || Executing > 0;

    [JsonIgnore]
    public long Plans => Executing + TimedOut + Completed + Failed;
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MilvusEnvelope))]
[JsonSerializable(typeof(MilvusRequest))]
[JsonSerializable(typeof(MilvusCollection))]
[JsonSerializable(typeof(MilvusStatistics))]
[JsonSerializable(typeof(MilvusCompaction))]
[JsonSerializable(typeof(MilvusCompactionState))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class MilvusJson : JsonSerializerContext;
