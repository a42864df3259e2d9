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

    private const string AllDesignDocuments = "/_all_docs?startkey=%22_design%2F%22&endkey=%22_design0%22";

    private const string IndexMark = "_local/purge-mrview-";

    private const string AllIndexMarks = "/_local_docs?include_system=true&startkey=%22_local%2Fpurge-mrview-%22&endkey=%22_local%2Fpurge-mrview.%22";

    private CouchDbVersion Version => endpoints.Version;

    private string Local => $"_node/{Escape(node)}/";

    public async Task<JsonElement> Membership(CancellationToken cancellationToken) =>
        (await Get("_membership", cancellationToken).ConfigureAwait(false)).Json;

    /// <summary>Names of all databases, page by page.</summary>
    public async Task<IReadOnlyList<string>> Databases(CancellationToken cancellationToken)
    {
        if (Version.IsSingle)
        {
            // It knows no pages.
            return Names((await Get("_all_dbs", cancellationToken).ConfigureAwait(false)).Json);
        }

        return await Pages.Read<string>("CouchDB", NamesInPage, name => name, async (_, names) =>
        {
            var after = names.Count == 0 ? "" : $"&skip=1&startkey={Escape(JsonSerializer.Serialize(names[^1]))}";
            return Names((await Get($"_all_dbs?limit={NamesInPage}{after}", cancellationToken).ConfigureAwait(false)).Json);
        }).ConfigureAwait(false);

        static List<string> Names(JsonElement page) => [.. page.EnumerateArray().Select(name => name.GetString()!)];
    }

    /// <summary>Sizes of databases, one copy of each range counted; those that are gone meanwhile are left out.</summary>
    public async Task<IReadOnlyList<(string Name, CouchDbSizes Sizes)>> Infos(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(InfoRequestsAtOnce);
        var batches = await Task.WhenAll(names.Chunk(Version.HasBulkCalls ? InfosInRequest : 1).Select(async batch =>
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return Version.HasBulkCalls ? await InfosOf(batch, cancellationToken).ConfigureAwait(false) : await InfoOf(batch[0], cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
        return [.. batches.SelectMany(batch => batch)];
    }

    private async Task<List<(string, CouchDbSizes)>> InfosOf(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var body = $$"""{"keys":[{{string.Join(',', names.Select(name => $"\"{JsonEncodedText.Encode(name)}\""))}}]}""";
        var answer = await endpoints.Send(node, HttpMethod.Post, "_dbs_info", body, isRepeatable: true, cancellationToken).ConfigureAwait(false);
        return
        [
            .. answer.Json.EnumerateArray()
                .Where(row => row.FieldOf("info") is { ValueKind: JsonValueKind.Object })
                .Select(row => (row.TextOf("key"), CouchDbSizes.Parse(row.FieldOf("info")!.Value))),
        ];
    }

    private async Task<List<(string, CouchDbSizes)>> InfoOf(string name, CancellationToken cancellationToken) =>
        await OrNull(async () => new List<(string, CouchDbSizes)>
        {
            (name, CouchDbSizes.Parse((await Get(Escape(name), cancellationToken).ConfigureAwait(false)).Json)),
        }).ConfigureAwait(false) ?? [];

    /// <summary>Where the shards of a database are; null if there is no such database. Of 1.x nothing is asked: a database has one place.</summary>
    public Task<CouchDbDatabase?> Database(string name, CancellationToken cancellationToken) => OrNull(async () =>
        Version.IsSingle
            ? CouchDbDatabase.Whole(name, endpoints.NodesInOrder[0])
            : CouchDbDatabase.Parse(name, (Version.UsesNodePorts
                ? await endpoints.SendToNodePort("", HttpMethod.Get, $"_dbs/{Escape(name)}", cancellationToken).ConfigureAwait(false)
                : await Get($"_node/_local/_dbs/{Escape(name)}", cancellationToken).ConfigureAwait(false)).Json));

    /// <summary>Names of the design documents of a database, without <c>_design/</c>.</summary>
    public async Task<IReadOnlyList<string>> DesignDocuments(string database, CancellationToken cancellationToken) =>
        await OrNull(async () => (await Get(Escape(database) + (Version.HasBulkCalls ? "/_design_docs" : AllDesignDocuments), cancellationToken).ConfigureAwait(false)).Json
            .ListOf("rows")
            .Select(row => row.TextOf("id"))
            .Where(id => id.StartsWith(DesignPrefix, StringComparison.Ordinal))
            .Select(id => id[DesignPrefix.Length..])
            .ToList()).ConfigureAwait(false) ?? [];

    /// <summary>The range in which a design document itself is, the only one that can be asked for its index; empty if it is gone.</summary>
    public async Task<string> RangeOfDesign(string database, string designDocument, CancellationToken cancellationToken) =>
        await OrNull(async () => (await Get($"{Escape(database)}/_shards/{Escape(DesignPrefix + designDocument)}", cancellationToken).ConfigureAwait(false))
            .Json.TextOf("range")).ConfigureAwait(false) ?? "";

    /// <summary>
    /// Signatures of the view indexes of which the node's copy of a range has files: each leaves a local document there, which goes with the
    /// file when it is cleaned up. Versions differ in whether they list such documents unasked.
    /// </summary>
    /// <returns>Null if it does not tell.</returns>
    public async Task<IReadOnlyList<string>?> IndexFiles(CouchDbDatabase database, string range, CancellationToken cancellationToken)
    {
        if (!Version.HasIndexMarks)
        {
            return null;
        }

        try
        {
            return [.. (await OnCopy(HttpMethod.Get, database, range, AllIndexMarks, cancellationToken).ConfigureAwait(false)).Json
                .ListOf("rows")
                .Select(row => row.TextOf("id"))
                .Where(id => id.StartsWith(IndexMark, StringComparison.Ordinal))
                .Select(id => id[IndexMark.Length..])];
        }
        catch (CouchDbRefusal refusal) when (!refusal.IsDenial && !refusal.IsPassing && !refusal.IsNodeDown && !refusal.IsUnknownNode)
        {
            return null;
        }
    }

    /// <summary>What the node that answers says of itself: its software and version.</summary>
    public async Task<JsonElement> Welcome(CancellationToken cancellationToken) => (await Get("", cancellationToken).ConfigureAwait(false)).Json;

    /// <summary>The node's own figures; of 1.x only that it answers.</summary>
    public async Task<JsonElement> System(CancellationToken cancellationToken) =>
        Version.IsSingle ? await Welcome(cancellationToken).ConfigureAwait(false) : (await Get($"{Local}_system", cancellationToken).ConfigureAwait(false)).Json;

    /// <summary>Of 1.x, since when a database is open there, which is anew after the server was started again; else empty.</summary>
    public async Task<string> OpenSince(CouchDbDatabase database, CancellationToken cancellationToken) =>
        Version.IsSingle
            ? await OrNull(async () => (await Get(Escape(database.Name), cancellationToken).ConfigureAwait(false)).Json.TextOf("instance_start_time")).ConfigureAwait(false) ?? ""
            : "";

    /// <summary>The node's maintenance mode: empty for none, <c>true</c> or <c>nolb</c>.</summary>
    public async Task<string> MaintenanceMode(CancellationToken cancellationToken)
    {
        var value = Version.IsSingle ? null : await Setting("couchdb", "maintenance_mode", cancellationToken).ConfigureAwait(false);
        return value is null or "false" ? "" : value;
    }

    /// <summary>Compactions at work on all nodes that the cluster reaches.</summary>
    public async Task<IReadOnlyList<CouchDbTask>> Tasks(CancellationToken cancellationToken) =>
        [
            .. (await Get("_active_tasks", cancellationToken).ConfigureAwait(false)).Json.EnumerateArray()
                .Select(task => CouchDbTask.Parse(task, Version.IsSingle ? endpoints.NodesInOrder[0] : ""))
                .OfType<CouchDbTask>(),
        ];

    /// <summary>What the node's automatic compaction does; only the node that is asked tells, so it is asked at its own URL. Null if it does not tell.</summary>
    public async Task<CouchDbSmoosh?> Smoosh(CancellationToken cancellationToken) => Version.HasSmoosh
        ? await OrNull(async () => CouchDbSmoosh.Parse((await Get("_node/_local/_smoosh/status", cancellationToken).ConfigureAwait(false)).Json)).ConfigureAwait(false)
        : null;

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
        if (Version.IsSingle)
        {
            return "";
        }

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
        CouchDbSizes.Parse((await (unit switch
        {
            ViewUnit { Range.Length: 0 } view => Get($"{Escape(database.Name)}/_design/{Escape(view.View)}/_info", cancellationToken),
            ViewUnit view => OnCopy(HttpMethod.Get, database, view.Range, $"/_design/{Escape(view.View)}/_info", cancellationToken),
            _ => OnCopy(HttpMethod.Get, database, unit.Collection, "", cancellationToken),
        }).ConfigureAwait(false)).Json));

    /// <summary>Orders the compaction of a unit; false if it is not there.</summary>
    public Task<bool> Compact(CouchDbDatabase database, StorageUnit unit, CancellationToken cancellationToken) => IsThere(() => unit switch
    {
        ViewUnit { Range.Length: 0 } view =>
            endpoints.Send(node, HttpMethod.Post, $"{Escape(database.Name)}/_compact/{Escape(view.View)}", null, isRepeatable: false, cancellationToken),
        ViewUnit view => OnCopy(HttpMethod.Post, database, view.Range, $"/_compact/{Escape(view.View)}", cancellationToken),
        _ => OnCopy(HttpMethod.Post, database, unit.Collection, "/_compact", cancellationToken),
    });

    /// <summary>Has the node remove the index files of a copy that no design document uses; false if it has no such copy.</summary>
    public Task<bool> CleanUp(CouchDbDatabase database, string range, CancellationToken cancellationToken) =>
        IsThere(() => OnCopy(HttpMethod.Post, database, range, "/_view_cleanup", cancellationToken));

    public static string Escape(string text) => Uri.EscapeDataString(text);

    /// <summary>A call to the node's copy of a range: of 2.x at the node's own port, of 1.x to the database, which is not split.</summary>
    private Task<CouchDbAnswer> OnCopy(HttpMethod method, CouchDbDatabase database, string range, string call, CancellationToken cancellationToken)
    {
        var path = Escape(database.Shard(range)) + call;
        return Version.UsesNodePorts
            ? endpoints.SendToNodePort(node, method, path, cancellationToken)
            : endpoints.Send(node, method, Version.IsSingle ? path : Local + path, null, isRepeatable: method == HttpMethod.Get, cancellationToken);
    }

    private static async Task<bool> IsThere(Func<Task<CouchDbAnswer>> call) => await OrNull(call).ConfigureAwait(false) is not null;

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
