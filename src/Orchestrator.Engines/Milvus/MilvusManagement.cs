using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>
/// The older API on the management port (9091). Milvus 2.4 has its compaction there only, and it tells of plans that failed, of which REST v2 has
/// no count. It knows collections by their ids (Milvus documentation, "Compact Data").
/// </summary>
internal sealed class MilvusManagement(RestEndpoint endpoint, TimeSpan timeout) : IDisposable
{
    private static readonly MilvusManagementJson Json = MilvusManagementJson.Default;

    /// <returns>Id of the job; -1 if nothing was scheduled.</returns>
    public async Task<long> Compact(long collection, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new ManagementRequest { Collection = collection }, Json.ManagementRequest);
        return (await Call(HttpMethod.Post, "api/v1/compaction", body, cancellationToken).ConfigureAwait(false)).Id;
    }

    public async Task<MilvusCompactionState> State(long job, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new ManagementRequest { Compaction = job }, Json.ManagementRequest);
        var answer = await Call(HttpMethod.Get, "api/v1/compaction/state", body, cancellationToken).ConfigureAwait(false);
        return new MilvusCompactionState(answer.State == 1 ? "Executing" : "Completed", answer.Executing, answer.TimedOut, answer.Completed) { Failed = answer.Failed };
    }

    /// <summary>
    /// All settings of Milvus (milvus-io/milvus, <c>internal/http/router.go</c>: what its web page shows). 2.4 has none, and later ones may want root's password for it.
    /// </summary>
    /// <returns>None if they are not told, which nothing fails for.</returns>
    public async Task<Dictionary<string, string>> Configuration(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await endpoint.Send(HttpMethod.Get, "api/v1/_cluster/configs", null, null, timeout, cancellationToken).ConfigureAwait(false);
            return answer.IsSuccess ? JsonSerializer.Deserialize(answer.Body, Json.DictionaryStringString) ?? [] : [];
        }
        catch (Exception e) when (e is JsonException or EngineException)
        {
            return [];
        }
    }

    public void Dispose() => endpoint.Dispose();

    private async Task<ManagementAnswer> Call(HttpMethod method, string path, byte[] body, CancellationToken cancellationToken)
    {
        var answer = await endpoint.Send(method, path, body, null, timeout, cancellationToken).ConfigureAwait(false);
        try
        {
            if (answer.IsSuccess && JsonSerializer.Deserialize(answer.Body, Json.ManagementAnswer) is { } read)
            {
                return read.Status switch
                {
                    { Code: not 0 } status => throw new MilvusRefusal(status.Code, status.Reason ?? "no reason given"),
                    { ErrorCode: not 0 } status => throw new MilvusRefusal(status.ErrorCode, status.Reason ?? "no reason given"),
                    _ => read,
                };
            }
        }
        catch (JsonException)
        {
            // Not Milvus's own answer.
        }

        throw new EngineException(
            EngineFault.Misconfigured,
            string.Create(CultureInfo.InvariantCulture, $"{endpoint.Address.Authority} answers HTTP {(int)answer.Status} to /{path}, not as Milvus does; is this the URL of its management port (9091)?"));
    }
}

internal sealed record ManagementRequest
{
    [JsonPropertyName("collectionID")]
    public long? Collection { get; init; }

    [JsonPropertyName("compactionID")]
    public long? Compaction { get; init; }
}

/// <summary>Both answers in one: fields that are 0 are left out.</summary>
/// <param name="State">1 while plans are executing, 2 when none is.</param>
internal sealed record ManagementAnswer(
    [property: JsonPropertyName("status")] ManagementStatus? Status,
    [property: JsonPropertyName("compactionID")] long Id,
    [property: JsonPropertyName("state")] int State,
    [property: JsonPropertyName("executingPlanNo")] long Executing,
    [property: JsonPropertyName("timeoutPlanNo")] long TimedOut,
    [property: JsonPropertyName("completedPlanNo")] long Completed,
    [property: JsonPropertyName("failedPlanNo")] long Failed);

/// <param name="ErrorCode">Of older servers.</param>
internal sealed record ManagementStatus(
    [property: JsonPropertyName("code")] int Code, [property: JsonPropertyName("error_code")] int ErrorCode, [property: JsonPropertyName("reason")] string? Reason);

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ManagementRequest))]
[JsonSerializable(typeof(ManagementAnswer))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class MilvusManagementJson : JsonSerializerContext;
