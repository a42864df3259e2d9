using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.RavenDb;

/// <summary>The calls that the driver sends to one node, each with its answer taken apart.</summary>
internal sealed class RavenDbCalls(RestEndpoint endpoint, TimeSpan timeout) : IDisposable
{
    private const int PageSize = 256;
    private static readonly RavenDbJson Json = RavenDbJson.Default;

    public RestEndpoint Endpoint => endpoint;

    public Task<ClusterTopologyAnswer> Topology(CancellationToken cancellationToken) => Get("cluster/topology", Json.ClusterTopologyAnswer, cancellationToken);

    public async Task<string> Version(CancellationToken cancellationToken)
    {
        var build = await Get("build/version", Json.BuildAnswer, cancellationToken).ConfigureAwait(false);
        return build.ProductVersion ?? build.FullVersion ?? "";
    }

    /// <summary>All databases of the cluster, as this node knows them; loads none of them.</summary>
    public Task<IReadOnlyList<DatabaseInfo>> Databases(CancellationToken cancellationToken) => Pages.Read<DatabaseInfo>(
        $"{endpoint.Label} at {endpoint.Address.Authority}",
        PageSize,
        database => database.Name,
        async (start, _) => (await Get($"databases?start={start}&pageSize={PageSize}", Json.DatabasesAnswer, cancellationToken).ConfigureAwait(false)).Databases ?? []);

    /// <summary>One database as this node knows it; null if there is none.</summary>
    public async Task<DatabaseInfo?> Database(string database, CancellationToken cancellationToken)
    {
        var answer = await Send(HttpMethod.Get, $"databases?name={Uri.EscapeDataString(database)}", null, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            return null;
        }

        return Parse("databases", Succeeded("databases", answer), Json.DatabasesAnswer).Databases?.FirstOrDefault(info => info.Name == database);
    }

    /// <summary>Sizes of the documents and indexes of a database; loads it if it is not loaded.</summary>
    public Task<StorageReport> Storage(string database, CancellationToken cancellationToken) =>
        Get($"databases/{Uri.EscapeDataString(database)}/debug/storage/report", Json.StorageReport, cancellationToken);

    public async Task<IReadOnlyList<IndexInfo>> Indexes(string database, CancellationToken cancellationToken)
    {
        var answer = await Get($"databases/{Uri.EscapeDataString(database)}/indexes/stats", Json.IndexesAnswer, cancellationToken).ConfigureAwait(false);
        return answer.Results ?? [];
    }

    public Task<DatabaseRecord> Record(string database, CancellationToken cancellationToken) =>
        Get($"admin/databases?name={Uri.EscapeDataString(database)}", Json.DatabaseRecord, cancellationToken);

    public Task<DatabaseStatistics> Statistics(string database, CancellationToken cancellationToken) =>
        Get($"databases/{Uri.EscapeDataString(database)}/stats", Json.DatabaseStatistics, cancellationToken);

    /// <summary>By node tag what the leader's observer saw; only of the leader. Loads no database.</summary>
    public Task<Dictionary<string, ObservedNode>> Observed(CancellationToken cancellationToken) =>
        Get("admin/cluster/maintenance-stats", Json.DictionaryStringObservedNode, cancellationToken);

    /// <returns>Id of the operation, known to this node until it restarts.</returns>
    public async Task<long> Compact(CompactBody body, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(body, Json.CompactBody);
        var answer = await Send(HttpMethod.Post, "admin/compact", json, cancellationToken).ConfigureAwait(false);
        return Parse("admin/compact", Succeeded("admin/compact", answer), Json.OperationAnswer).OperationId;
    }

    /// <summary>Where an operation stands; null if the node does not know it, for example because it has restarted.</summary>
    public async Task<OperationState?> Operation(long id, CancellationToken cancellationToken)
    {
        var answer = await Send(HttpMethod.Get, $"operations/state?id={id}", null, cancellationToken).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.NotFound ? null : Parse("operations/state", Succeeded("operations/state", answer), Json.OperationState);
    }

    /// <summary>An operation that has ended, or is not known, is no error.</summary>
    public async Task Kill(long id, CancellationToken cancellationToken)
    {
        var answer = await Send(HttpMethod.Post, $"admin/operations/kill?id={id}", null, cancellationToken).ConfigureAwait(false);
        if (answer.Status != HttpStatusCode.NotFound)
        {
            Succeeded("admin/operations/kill", answer);
        }
    }

    public async Task Reorder(string database, ReorderBody body, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(body, Json.ReorderBody);
        var answer = await Send(HttpMethod.Post, $"admin/databases/reorder?name={Uri.EscapeDataString(database)}", json, cancellationToken).ConfigureAwait(false);
        Succeeded("admin/databases/reorder", answer);
    }

    public void Dispose() => endpoint.Dispose();

    private async Task<T> Get<T>(string path, JsonTypeInfo<T> shape, CancellationToken cancellationToken) =>
        Parse(path, Succeeded(path, await Send(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false)), shape);

    private Task<RestAnswer> Send(HttpMethod method, string path, byte[]? json, CancellationToken cancellationToken) =>
        endpoint.Send(method, path, json, null, timeout, cancellationToken);

    private RestAnswer Succeeded(string path, RestAnswer answer)
    {
        if (answer.IsSuccess)
        {
            return answer;
        }

        try
        {
            if (JsonSerializer.Deserialize(answer.Body, Json.ErrorAnswer) is { Message.Length: > 0 } error)
            {
                throw new RavenDbRefusal(answer.Status, error.Type ?? "", error.Message);
            }
        }
        catch (JsonException)
        {
            // Not RavenDB's own answer.
        }

        if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new RavenDbRefusal(answer.Status, "", $"HTTP {(int)answer.Status}");
        }

        throw new EngineException(
            EngineFault.Misconfigured,
            $"{endpoint.Label} at {endpoint.Address.Authority} answers HTTP {(int)answer.Status} to /{path.Split('?')[0]}, not as RavenDB does; is this the URL of a RavenDB node?");
    }

    private T Parse<T>(string path, RestAnswer answer, JsonTypeInfo<T> shape)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, shape) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new EngineException(
                EngineFault.Misconfigured,
                $"{endpoint.Label} at {endpoint.Address.Authority} does not answer /{path.Split('?')[0]} as RavenDB does; is this the URL of a RavenDB node?", e);
        }
    }
}
