using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Engines.Milvus;

/// <summary>
/// What <c>GetMetrics</c> tells of the system: a node of Milvus each, of which the coordinator of the data has the size of segments among its settings
/// (milvus-io/milvus, <c>pkg/util/metricsinfo</c>).
/// </summary>
internal sealed record MilvusMetrics([property: JsonPropertyName("nodes_info")] IReadOnlyList<MilvusMetricsNode>? Nodes)
{
    /// <returns>In MiB; 0 if it is not told.</returns>
    public static double SegmentMaxSize(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MilvusMetricsJson.Default.MilvusMetrics)?.Nodes?
                .Select(node => node.Infos?.Configurations?.SegmentMaxSize ?? 0).FirstOrDefault(size => size > 0) ?? 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }
}

internal sealed record MilvusMetricsNode([property: JsonPropertyName("infos")] MilvusMetricsInfos? Infos);

internal sealed record MilvusMetricsInfos([property: JsonPropertyName("system_configurations")] MilvusMetricsConfigurations? Configurations);

internal sealed record MilvusMetricsConfigurations([property: JsonPropertyName("segment_max_size")] double SegmentMaxSize);

[JsonSerializable(typeof(MilvusMetrics))]
internal sealed partial class MilvusMetricsJson : JsonSerializerContext;
