using System.Text.Json;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>The calls that the drivers make, to one node or to the cluster. Safe for use from several threads.</summary>
/// <param name="node">The node that is meant; empty for the cluster, whichever node answers.</param>
internal sealed class CouchDbCalls(CouchDbEndpoints endpoints, string node)
{
    private const int NamesInPage = 1000;

    // CouchDB's own limit is 100 (max_db_number_for_dbs_info_req).
    private const int InfosInRequest = 100;

    private const int InfoRequestsAtOnce = 4;

    private string Local => $"_node/{Escape(node)}/";

    public async Task<JsonElement> Membership(CancellationToken cancellationToken) =>
        (await Get("_membership", cancellationToken).ConfigureAwait(false)).Json;

    /// <summary>Names of all databases, page by page.</summary>
    public async Task<IReadOnlyList<string>> Databases(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        while (true)
        {
            var after = names.Count == 0 ? "" : $"&skip=1&startkey={Escape(JsonSerializer.Serialize(names[^1]))}";
            var page = (await Get($"_all_dbs?limit={NamesInPage}{after}", cancellationToken).ConfigureAwait(false)).Json;
            var found = page.EnumerateArray().Select(name => name.GetString()!).ToList();
            names.AddRange(found);
            if (found.Count < NamesInPage)
            {
                return names;
            }
        }
    }

    /// <summary>Sizes of databases, one copy of each range counted; those that are gone meanwhile are left out.</summary>
    public async Task<IReadOnlyList<(string Name, CouchDbSizes Sizes)>> Infos(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(InfoRequestsAtOnce);
        var batches = await Task.WhenAll(names.Chunk(InfosInRequest).Select(async batch =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var body = $$"""{"keys":[{{string.Join(',', batch.Select(name => $"\"{JsonEncodedText.Encode(name)}\""))}}]}""";
                var answer = await endpoints.Send(node, HttpMethod.Post, "_dbs_info", body, isRepeatable: true, cancellationToken).ConfigureAwait(false);
                return answer.Json.EnumerateArray()
                    .Where(row => row.FieldOf("info") is { ValueKind: JsonValueKind.Object })
                    .Select(row => (row.TextOf("key"), CouchDbSizes.Parse(row.FieldOf("info")!.Value)))
                    .ToList();
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        return [.. batches.SelectMany(batch => batch)];
    }

    /// <summary>Where the shards of a database are; null if there is no such database.</summary>
    public Task<CouchDbDatabase?> Database(string name, CancellationToken cancellationToken) => OrNull(async () =>
        CouchDbDatabase.Parse(name, (await Get($"_node/_local/_dbs/{Escape(name)}", cancellationToken).ConfigureAwait(false)).Json));

    /// <summary>Version of the software of the node that answers.</summary>
    public async Task<string> Version(CancellationToken cancellationToken) =>
        (await Get("", cancellationToken).ConfigureAwait(false)).Json.TextOf("version");

    public async Task<JsonElement> System(CancellationToken cancellationToken) =>
        (await Get($"{Local}_system", cancellationToken).ConfigureAwait(false)).Json;

    /// <summary>The node's maintenance mode: empty for none, <c>true</c> or <c>nolb</c>.</summary>
    public async Task<string> MaintenanceMode(CancellationToken cancellationToken)
    {
        var value = await OrNull(async () =>
            (await Get($"{Local}_config/couchdb/maintenance_mode", cancellationToken).ConfigureAwait(false)).Json.ToString()).ConfigureAwait(false);
        return value is null or "false" ? "" : value;
    }

    /// <summary>Compactions at work on all nodes that the cluster reaches.</summary>
    public async Task<IReadOnlyList<CouchDbTask>> Tasks(CancellationToken cancellationToken) =>
        [.. (await Get("_active_tasks", cancellationToken).ConfigureAwait(false)).Json.EnumerateArray().Select(CouchDbTask.Parse).OfType<CouchDbTask>()];

    /// <summary>The node's copy of a shard; null if it has none.</summary>
    public Task<CouchDbSizes?> ShardSizes(CouchDbDatabase database, string range, CancellationToken cancellationToken) => OrNull(async () =>
        CouchDbSizes.Parse((await Get($"{Local}{Escape(database.Shard(range))}", cancellationToken).ConfigureAwait(false)).Json));

    /// <summary>Has the node compact its copy of a shard; false if it has none.</summary>
    public async Task<bool> CompactShard(CouchDbDatabase database, string range, CancellationToken cancellationToken) =>
        await OrNull(() => endpoints.Send(
            node, HttpMethod.Post, $"{Local}{Escape(database.Shard(range))}/_compact", null, isRepeatable: false, cancellationToken)).ConfigureAwait(false) is not null;

    public static string Escape(string text) => Uri.EscapeDataString(text);

    private Task<CouchDbAnswer> Get(string path, CancellationToken cancellationToken) =>
        endpoints.Send(node, HttpMethod.Get, path, null, isRepeatable: true, cancellationToken);

    private static async Task<T?> OrNull<T>(Func<Task<T>> call)
        where T : class
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (CouchDbRefusal refusal) when (refusal.IsMissing)
        {
            return null;
        }
    }
}
