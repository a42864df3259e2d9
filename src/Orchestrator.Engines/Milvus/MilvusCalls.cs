using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>The calls that the driver sends, each with its answer taken apart: REST v2, and gRPC where it tells more. Safe for use from several threads.</summary>
/// <param name="management">Where compactions are ordered and asked for instead; null for REST v2.</param>
internal sealed class MilvusCalls(MilvusClusterOptions options, IReadOnlyList<RestEndpoint> endpoints, MilvusGrpc grpc, MilvusManagement? management) : IDisposable
{
    private static readonly MilvusJson Json = MilvusJson.Default;
    private volatile int _preferred;

    /// <summary>Where calls go first.</summary>
    public Uri Address => endpoints[_preferred].Address;

    public async Task<IReadOnlyList<string>> Databases(CancellationToken cancellationToken) =>
        await Call("databases/list", new MilvusRequest(), Json.IReadOnlyListString, cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<string>> Collections(string database, CancellationToken cancellationToken) =>
        await Call("collections/list", new MilvusRequest(database), Json.IReadOnlyListString, cancellationToken).ConfigureAwait(false);

    public Task<MilvusCollection> Describe(string database, string collection, CancellationToken cancellationToken) =>
        Call("collections/describe", new MilvusRequest(database, collection), Json.MilvusCollection, cancellationToken);

    public async Task<long> Rows(string database, string collection, CancellationToken cancellationToken) =>
        (await Call("collections/get_stats", new MilvusRequest(database, collection), Json.MilvusStatistics, cancellationToken).ConfigureAwait(false)).Rows;

    /// <summary>Rows that are not deleted; only of a loaded collection.</summary>
    public async Task<long> LiveRows(string database, string collection, CancellationToken cancellationToken)
    {
        var request = new MilvusRequest(database, collection) { Filter = "", OutputFields = ["count(*)"] };
        var answer = await Call("entities/query", request, Json.JsonElement, cancellationToken).ConfigureAwait(false);
        return answer.ValueKind == JsonValueKind.Array && answer.GetArrayLength() == 1
            && answer[0].TryGetProperty("count(*)", out var count) && long.TryParse(count.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var rows)
                ? rows
                : -1;
    }

    /// <summary>Returns when growing segments are flushed.</summary>
    public Task Flush(string database, string collection, CancellationToken cancellationToken) =>
        Call("collections/flush", new MilvusRequest(database, collection), Json.JsonElement, options.FlushTimeout, isRepeatable: true, cancellationToken);

    /// <summary>By gRPC what only that can order; else by REST v2, or on the management port.</summary>
    /// <returns>Id of the job; -1 if nothing was scheduled.</returns>
    public async Task<long> Compact(string database, string collection, MilvusDirectives directives, CancellationToken cancellationToken)
    {
        if (management is not null || directives.NeedsGrpc)
        {
            var id = (await Describe(database, collection, cancellationToken).ConfigureAwait(false)).Id;
            return management is not null
                ? await management.Compact(id, cancellationToken).ConfigureAwait(false)
                : await grpc.Compact(database, collection, id, directives, cancellationToken).ConfigureAwait(false);
        }

        var request = new MilvusRequest(database, collection) { IsClustering = directives.IsClustering ? true : null };
        var answer = await Call("collections/compact", request, Json.MilvusCompaction, options.RequestTimeout, isRepeatable: false, cancellationToken).ConfigureAwait(false);
        return answer.Id;
    }

    /// <summary>How Milvus is set. The management port tells it from 2.5 on, gRPC the size of segments; what neither tells is as the operator says.</summary>
    public async Task<MilvusConfiguration> Configuration(CancellationToken cancellationToken)
    {
        var said = MilvusConfiguration.Of(options);
        var told = management is null ? [] : await management.Configuration(cancellationToken).ConfigureAwait(false);
        return told.Count > 0 ? said.With(told) : said.WithSegmentSize(await grpc.SegmentMaxSize(cancellationToken).ConfigureAwait(false));
    }

    /// <param name="smallBytes">Below it a segment is small.</param>
    /// <returns>Null if they are not told: only gRPC does.</returns>
    public Task<MilvusSegments?> Segments(string database, string collection, long rowBytes, long smallBytes, CancellationToken cancellationToken) =>
        grpc.Segments(database, collection, rowBytes, smallBytes, cancellationToken);

    /// <summary>By gRPC where that works, for it counts failed plans; by REST v2 else.</summary>
    public async Task<MilvusCompactionState> State(string database, long job, CancellationToken cancellationToken)
    {
        if (management is not null)
        {
            return await management.State(job, cancellationToken).ConfigureAwait(false);
        }

        return await grpc.State(database, job, cancellationToken).ConfigureAwait(false)
            ?? await Call("collections/get_compaction_state", new MilvusRequest(database) { Job = job }, Json.MilvusCompactionState, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null if it is not told: only gRPC does.</returns>
    public Task<string?> Version(CancellationToken cancellationToken) => grpc.Version(cancellationToken);

    public void Dispose()
    {
        management?.Dispose();
        grpc.Dispose();
        foreach (var endpoint in endpoints)
        {
            endpoint.Dispose();
        }
    }

    private Task<T> Call<T>(string path, MilvusRequest request, JsonTypeInfo<T> shape, CancellationToken cancellationToken) =>
        Call(path, request, shape, options.RequestTimeout, isRepeatable: true, cancellationToken);

    private async Task<T> Call<T>(
        string path, MilvusRequest request, JsonTypeInfo<T> shape, TimeSpan timeout, bool isRepeatable, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request, Json.MilvusRequest);
        var first = _preferred;
        for (var i = 0; ; i++)
        {
            var at = (first + i) % endpoints.Count;
            try
            {
                var answer = await endpoints[at].Send(
                    HttpMethod.Post, $"v2/vectordb/{path}", body, Authorize, timeout, cancellationToken).ConfigureAwait(false);
                _preferred = at;
                return Read(endpoints[at], path, answer, shape);
            }
            catch (EngineException e) when (e.Fault == EngineFault.Unreachable && isRepeatable && i + 1 < endpoints.Count)
            {
                // The next one may do.
            }
        }
    }

    private void Authorize(HttpRequestHeaders headers)
    {
        if (options.Token.Length > 0)
        {
            headers.TryAddWithoutValidation("Authorization", $"Bearer {options.Token}");
        }
    }

    private static T Read<T>(RestEndpoint endpoint, string path, RestAnswer answer, JsonTypeInfo<T> shape)
    {
        try
        {
            var envelope = JsonSerializer.Deserialize(answer.Body, Json.MilvusEnvelope);
            if (envelope is { Code: not 0 and not 200 })
            {
                throw new MilvusRefusal(envelope.Code, string.IsNullOrEmpty(envelope.Message) ? "no reason given" : envelope.Message);
            }

            if (answer.IsSuccess && envelope is not null)
            {
                return envelope.Data.Deserialize(shape) ?? throw new JsonException("null");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not Milvus's own answer.
        }

        if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new MilvusRefusal(1800, $"HTTP {(int)answer.Status}");
        }

        throw new EngineException(
            EngineFault.Misconfigured,
            answer.Status == HttpStatusCode.NotFound && path == "collections/compact"
                ? $"{endpoint.Address.Authority} has no compaction in its REST interface: Milvus 2.5 and later have it; for 2.4 set clusters.NAME.management"
                : $"{endpoint.Address.Authority} answers HTTP {(int)answer.Status} to /v2/vectordb/{path}, not as Milvus does; is this the URL of its REST interface (port 19530)?");
    }
}
