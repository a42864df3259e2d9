using System.Text.Json;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.CouchDb;

/// <summary>The calls that the drivers make, to one node or to the cluster. Safe for use from several threads.</summary>
/// <param name="node">The node that is meant; empty for the cluster, whichever node answers.</param>
internal sealed class CouchDbCalls(CouchDbEndpoints endpoints, string node)
{
    private const int NamesInPage = 1000;

    // CouchDB's own limit is 100 (max_db_number_for_dbs_info_req).
    private const int InfosInRequest = 100;

    private const int InfoRequestsAtOnce = 4;

    private const string DesignPrefix = "_design/";

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

    /// <summary>Names of the design documents of a database, without <c>_design/</c>; none where the version cannot list them.</summary>
    public async Task<IReadOnlyList<string>> DesignDocuments(string database, CancellationToken cancellationToken) =>
        await OrNull(async () => (await Get($"{Escape(database)}/_design_docs", cancellationToken).ConfigureAwait(false)).Json
            .ListOf("rows")
            .Select(row => row.TextOf("id"))
            .Where(id => id.StartsWith(DesignPrefix, StringComparison.Ordinal))
            .Select(id => id[DesignPrefix.Length..])
            .ToList()).ConfigureAwait(false) ?? [];

    /// <summary>The range in which a design document itself is, the only one that can be asked for its index; empty if it is gone.</summary>
    public async Task<string> RangeOfDesign(string database, string designDocument, CancellationToken cancellationToken) =>
        await OrNull(async () => (await Get($"{Escape(database)}/_shards/{Escape(DesignPrefix + designDocument)}", cancellationToken).ConfigureAwait(false))
            .Json.TextOf("range")).ConfigureAwait(false) ?? "";

    /// <summary>What the node that answers says of itself: its software and version.</summary>
    public async Task<JsonElement> Welcome(CancellationToken cancellationToken) => (await Get("", cancellationToken).ConfigureAwait(false)).Json;

    public async Task<JsonElement> System(CancellationToken cancellationToken) =>
        (await Get($"{Local}_system", cancellationToken).ConfigureAwait(false)).Json;

    /// <summary>The node's maintenance mode: empty for none, <c>true</c> or <c>nolb</c>.</summary>
    public async Task<string> MaintenanceMode(CancellationToken cancellationToken)
    {
        var value = await Setting("couchdb", "maintenance_mode", cancellationToken).ConfigureAwait(false);
        return value is null or "false" ? "" : value;
    }

    /// <summary>Compactions at work on all nodes that the cluster reaches.</summary>
    public async Task<IReadOnlyList<CouchDbTask>> Tasks(CancellationToken cancellationToken) =>
        [.. (await Get("_active_tasks", cancellationToken).ConfigureAwait(false)).Json.EnumerateArray().Select(CouchDbTask.Parse).OfType<CouchDbTask>()];

    /// <summary>What the node's automatic compaction does; only the node that is asked tells, so it is asked at its own URL. Null if it does not tell.</summary>
    public Task<CouchDbSmoosh?> Smoosh(CancellationToken cancellationToken) => OrNull(async () =>
        CouchDbSmoosh.Parse((await Get("_node/_local/_smoosh/status", cancellationToken).ConfigureAwait(false)).Json));

    /// <summary>A setting of the node; null if it has none of that name.</summary>
    public Task<string?> Setting(string section, string key, CancellationToken cancellationToken) => OrNull(async () =>
        (await Get($"{Local}_config/{Escape(section)}/{Escape(key)}", cancellationToken).ConfigureAwait(false)).Json.ToString());

    /// <summary>Changes a setting of the node until it starts again; its file stays as it is.</summary>
    /// <param name="value">Null removes it.</param>
    public Task ChangeSetting(string section, string key, string? value, CancellationToken cancellationToken) => OrNull(() => endpoints.Send(
        node,
        value is null ? HttpMethod.Delete : HttpMethod.Put,
        $"{Local}_config/{Escape(section)}/{Escape(key)}",
        value is null ? null : $"\"{JsonEncodedText.Encode(value)}\"",
        isRepeatable: true,
        cancellationToken,
        headers => headers.Add("X-Couch-Persist", "false")));

    /// <summary>Whether the node itself says that it is ready, asked at its own URL.</summary>
    /// <returns>Empty if it is, else for example <c>maintenance_mode</c> or <c>nolb</c>.</returns>
    public async Task<string> Up(CancellationToken cancellationToken)
    {
        try
        {
            await Get("_up", cancellationToken).ConfigureAwait(false);
            return "";
        }
        catch (CouchDbRefusal refusal) when (refusal.Status == 404)
        {
            return refusal.Reason.Length > 0 ? refusal.Reason : "not ready";
        }
    }

    /// <summary>What is known of a unit where it is compacted: on the node, or for a view of a whole database in the cluster.</summary>
    /// <returns>Null if it is not there.</returns>
    public Task<CouchDbSizes?> Sizes(CouchDbDatabase database, StorageUnit unit, CancellationToken cancellationToken) => OrNull(async () =>
        CouchDbSizes.Parse((await Get(
            unit switch
            {
                ViewUnit { Range.Length: 0 } view => $"{Escape(database.Name)}/_design/{Escape(view.View)}/_info",
                ViewUnit view => $"{Local}{Escape(database.Shard(view.Range))}/_design/{Escape(view.View)}/_info",
                _ => $"{Local}{Escape(database.Shard(unit.Collection))}",
            },
            cancellationToken).ConfigureAwait(false)).Json));

    /// <summary>Orders the compaction of a unit; false if it is not there.</summary>
    public Task<bool> Compact(CouchDbDatabase database, StorageUnit unit, CancellationToken cancellationToken) => Post(
        unit switch
        {
            ViewUnit { Range.Length: 0 } view => $"{Escape(database.Name)}/_compact/{Escape(view.View)}",
            ViewUnit view => $"{Local}{Escape(database.Shard(view.Range))}/_compact/{Escape(view.View)}",
            _ => $"{Local}{Escape(database.Shard(unit.Collection))}/_compact",
        },
        cancellationToken);

    /// <summary>Has the node remove the index files of a copy that no design document uses; false if it has no such copy.</summary>
    public Task<bool> CleanUp(CouchDbDatabase database, string range, CancellationToken cancellationToken) =>
        Post($"{Local}{Escape(database.Shard(range))}/_view_cleanup", cancellationToken);

    public static string Escape(string text) => Uri.EscapeDataString(text);

    private async Task<bool> Post(string path, CancellationToken cancellationToken) => await OrNull(() =>
        endpoints.Send(node, HttpMethod.Post, path, null, isRepeatable: false, cancellationToken)).ConfigureAwait(false) is not null;

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
