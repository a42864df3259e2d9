using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>The API as typed calls.</summary>
/// <param name="server">Base URL.</param>
/// <param name="timeout">Time for the answer to one request.</param>
/// <param name="followRedirects">Whether another member may answer, where the one that was asked leads there.</param>
/// <param name="identity">What it shows the server; null for nothing.</param>
internal sealed class OrchestratorClient(Uri server, TimeSpan timeout, bool followRedirects, ClientIdentity? identity = null) : IDisposable
{
    /// <summary>Longer than the longest time that the server itself waits for others.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(90);

    private readonly ApiTransport transport = new(server, timeout, followRedirects, identity ?? ClientIdentity.None);

    public Uri Server => transport.Server;

    /// <summary>The same client for another server.</summary>
    public OrchestratorClient At(Uri other) => new(other, timeout, followRedirects, identity);

    public async Task<ClusterListDto> Clusters(CancellationToken cancellationToken) => new(await Pages.All(async query =>
    {
        var page = await transport.Get<ClusterListDto>($"/api/v1/clusters{query}", cancellationToken);
        return (page.Clusters, page.Next);
    }));

    public Task<ClusterDto> Cluster(string cluster, CancellationToken cancellationToken) =>
        transport.Get<ClusterDto>($"/api/v1/clusters/{Escape(cluster)}", cancellationToken);

    public Task<EngineListDto> Engines(CancellationToken cancellationToken) =>
        transport.Get<EngineListDto>("/api/v1/engines", cancellationToken);

    public Task<ReportDto> Report(string cluster, CancellationToken cancellationToken) =>
        transport.Get<ReportDto>($"/api/v1/clusters/{Escape(cluster)}/report", cancellationToken);

    public Task<PlanDto> Plan(string cluster, CompactionBody body, CancellationToken cancellationToken) => Post<CompactionBody, PlanDto>(
        $"/api/v1/clusters/{Escape(cluster)}/plans", body, ApiJson.Context.CompactionBody, cancellationToken);

    public Task<RunDto> StartRun(CompactionBody body, CancellationToken cancellationToken) =>
        Post<CompactionBody, RunDto>("/api/v1/runs", body, ApiJson.Context.CompactionBody, cancellationToken);

    /// <summary>Runs, newest first.</summary>
    /// <param name="states">Only those in these states; none for all.</param>
    /// <param name="cluster">Only those of this cluster; null for all.</param>
    /// <param name="most">As many at most, however many pages they take.</param>
    public async Task<RunListDto> Runs(IReadOnlyList<string> states, string? cluster, int most, CancellationToken cancellationToken)
    {
        var filter = string.Concat(states.Select(state => $"&state={Escape(state)}")) + (cluster is null ? "" : $"&cluster={Escape(cluster)}");
        string? next = null;
        var runs = await Pages.All(
            async query =>
            {
                var page = await transport.Get<RunListDto>($"/api/v1/runs{query}{filter}", cancellationToken);
                next = page.Next;
                return (page.Runs, page.Next);
            },
            most);
        return new RunListDto(runs) { Next = next };
    }

    public Task<RunDto> Run(string run, CancellationToken cancellationToken) =>
        transport.Get<RunDto>($"/api/v1/runs/{Escape(run)}", cancellationToken);

    public Task<RunDto> PauseRun(string run, ReasonBody body, CancellationToken cancellationToken) =>
        Order(run, "pause", body, ApiJson.Context.ReasonBody, cancellationToken);

    public Task<RunDto> ResumeRun(string run, CancellationToken cancellationToken) =>
        transport.Send<RunDto>(HttpMethod.Post, RunPath(run, "resume"), null, cancellationToken);

    public Task<RunDto> CancelRun(string run, ReasonBody body, CancellationToken cancellationToken) =>
        Order(run, "cancel", body, ApiJson.Context.ReasonBody, cancellationToken);

    public Task<RunDto> ApproveRun(string run, CancellationToken cancellationToken) =>
        transport.Send<RunDto>(HttpMethod.Post, RunPath(run, "approve"), null, cancellationToken);

    public Task<RunDto> ThrottleRun(string run, ThrottleBody body, CancellationToken cancellationToken) => transport.Send<RunDto>(
        HttpMethod.Put, RunPath(run, "throttle"), () => JsonBody(body, ApiJson.Context.ThrottleBody), cancellationToken);

    public async Task<FreezeListDto> Freezes(CancellationToken cancellationToken) => new(await Pages.All(async query =>
    {
        var page = await transport.Get<FreezeListDto>($"/api/v1/freezes{query}", cancellationToken);
        return (page.Freezes, page.Next);
    }));

    public Task<FreezeListDto> StartFreeze(FreezeBody body, CancellationToken cancellationToken) =>
        Post<FreezeBody, FreezeListDto>("/api/v1/freezes", body, ApiJson.Context.FreezeBody, cancellationToken);

    /// <param name="cluster">Null for the freeze of everything.</param>
    public Task<FreezeListDto> LiftFreeze(string? cluster, CancellationToken cancellationToken) => transport.Send<FreezeListDto>(
        HttpMethod.Delete,
        cluster is null ? "/api/v1/freezes" : $"/api/v1/freezes/{Escape(cluster)}",
        null,
        cancellationToken);

    public Task<HoldListDto> Holds(string cluster, CancellationToken cancellationToken) =>
        transport.Get<HoldListDto>(HoldsPath(cluster), cancellationToken);

    public Task<HoldDto> Hold(string cluster, HoldBody body, CancellationToken cancellationToken) =>
        Post<HoldBody, HoldDto>(HoldsPath(cluster), body, ApiJson.Context.HoldBody, cancellationToken);

    public Task<HoldListDto> ReleaseHold(string cluster, string owner, CancellationToken cancellationToken) => transport.Send<HoldListDto>(
        HttpMethod.Delete, $"{HoldsPath(cluster)}/{Escape(owner)}", null, cancellationToken);

    public Task<JournalAdoptedDto> AdoptJournal(ReasonBody body, CancellationToken cancellationToken) => Post<ReasonBody, JournalAdoptedDto>(
        "/api/v1/journal/adopt", body, ApiJson.Context.ReasonBody, cancellationToken);

    public async Task<ScheduleListDto> Schedules(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> windows = [];
        var schedules = await Pages.All(async query =>
        {
            var page = await transport.Get<ScheduleListDto>($"/api/v1/schedules{query}", cancellationToken);
            windows = page.Windows;
            return (page.Schedules, page.Next);
        });
        return new ScheduleListDto(schedules) { Windows = windows };
    }

    public Task<ExplanationDto> Explain(string cluster, string? database, string? collection, CancellationToken cancellationToken)
    {
        string?[] query = [database is null ? null : $"database={Escape(database)}", collection is null ? null : $"collection={Escape(collection)}"];
        return transport.Get<ExplanationDto>(
            $"/api/v1/clusters/{Escape(cluster)}/explain?{string.Join('&', query.Where(part => part is not null))}".TrimEnd('?'),
            cancellationToken);
    }

    public Task<AuditDto> Audit(AuditQuery query, CancellationToken cancellationToken)
    {
        string?[] parts =
        [
            FormattableString.Invariant($"after={query.After}&limit={query.Limit}"),
            query.Before is { } before ? FormattableString.Invariant($"before={before}") : null,
            query.Since is { } since ? $"since={Escape(since.UtcDateTime.ToString("o"))}" : null,
            query.Until is { } until ? $"until={Escape(until.UtcDateTime.ToString("o"))}" : null,
            query.NewestFirst ? "order=newest-first" : null,
        ];
        return transport.Get<AuditDto>($"/api/v1/audit?{string.Join('&', parts.Where(part => part is not null))}", cancellationToken);
    }

    /// <summary>The run's events and progress, until its last event or until the connection breaks.</summary>
    /// <param name="after">The last event that the caller has.</param>
    public IAsyncEnumerable<RunStreamItem> FollowOnce(string run, long after, CancellationToken cancellationToken) =>
        RunStream.Read(transport, $"/api/v1/runs/{Escape(run)}/events", after, cancellationToken);

    public Task<StepDownDto> StepDown(string cluster, string replicaSet, StepDownBody body, CancellationToken cancellationToken) => Post<StepDownBody, StepDownDto>(
        $"/api/v1/clusters/{Escape(cluster)}/replica-sets/{Escape(replicaSet)}/step-down",
        body,
        ApiJson.Context.StepDownBody,
        cancellationToken);

    public Task<VerificationStatusDto> Verify(string cluster, string node, CollectionScopeBody scope, CancellationToken cancellationToken) => Post<CollectionScopeBody, VerificationStatusDto>(
        $"{PathOf(cluster, node)}/verify", scope, ApiJson.Context.CollectionScopeBody, cancellationToken);

    public Task<VerificationStatusDto> Verification(string cluster, string id, CancellationToken cancellationToken) => transport.Get<VerificationStatusDto>(
        $"/api/v1/clusters/{Escape(cluster)}/verifications/{Escape(id)}", cancellationToken);

    public Task<VerificationStatusDto> CancelVerification(string cluster, string id, CancellationToken cancellationToken) => transport.Send<VerificationStatusDto>(
        HttpMethod.Post,
        $"/api/v1/clusters/{Escape(cluster)}/verifications/{Escape(id)}/cancel",
        null,
        cancellationToken);

    public Task<IndexCleanupDto> CleanUpIndexes(string cluster, string node, IndexCleanupBody order, CancellationToken cancellationToken) => Post<IndexCleanupBody, IndexCleanupDto>(
        $"{PathOf(cluster, node)}/index-cleanup", order, ApiJson.Context.IndexCleanupBody, cancellationToken);

    public Task<ResyncDto> Resync(string cluster, string node, ResyncBody body, CancellationToken cancellationToken) => Post<ResyncBody, ResyncDto>(
        $"{PathOf(cluster, node)}/resync", body, ApiJson.Context.ResyncBody, cancellationToken);

    public Task<WrittenDto> PutDocument(CollectionName collection, string id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        transport.Send<WrittenDto>(
            HttpMethod.Put,
            $"{PathOf(collection)}/documents/{Escape(id)}?w=majority",
            () => Content(body, "application/json"),
            cancellationToken);

    /// <summary>Reads a document.</summary>
    /// <param name="fromAny">Whether a secondary may answer with what it has.</param>
    public Task<JsonElement> GetDocument(CollectionName collection, string id, bool fromAny, CancellationToken cancellationToken) => transport.Get<JsonElement>(
        $"{PathOf(collection)}/documents/{Escape(id)}{(fromAny ? "?from=any" : "")}",
        cancellationToken);

    public Task<BulkWrittenDto> WriteBulk(CollectionName collection, ReadOnlyMemory<byte> ndjson, CancellationToken cancellationToken) =>
        Bulk(collection, "bulk", ndjson, cancellationToken);

    /// <param name="ndjson">Lines with ids alone, as {"_id":"x"}.</param>
    public Task<BulkWrittenDto> DeleteBulk(CollectionName collection, ReadOnlyMemory<byte> ndjson, CancellationToken cancellationToken) =>
        Bulk(collection, "delete", ndjson, cancellationToken);

    /// <summary>A page of documents in the order of their ids.</summary>
    /// <param name="after">Empty for the first page.</param>
    public Task<DocumentListDto> ListDocuments(CollectionName collection, string after, int limit, CancellationToken cancellationToken) => transport.Get<DocumentListDto>(
        FormattableString.Invariant($"{PathOf(collection)}/documents?after={Escape(after)}&limit={limit}"),
        cancellationToken);

    public async Task<DatabaseListDto> Databases(CancellationToken cancellationToken) => new(
        await Pages.All(async query =>
        {
            var page = await transport.Get<DatabaseListDto>($"/api/v1/databases{query}", cancellationToken);
            return (page.Databases, page.Next);
        }),
        null);

    public async Task<CollectionListDto> Collections(string database, CancellationToken cancellationToken) => new(
        await Pages.All(async query =>
        {
            var page = await transport.Get<CollectionListDto>(
                $"/api/v1/databases/{Escape(database)}/collections{query}", cancellationToken);
            return (page.Collections, page.Next);
        }),
        null);

    public Task<CollectionDroppedDto> DropCollection(CollectionName collection, CancellationToken cancellationToken) =>
        transport.Send<CollectionDroppedDto>(HttpMethod.Delete, PathOf(collection), null, cancellationToken);

    public Task<ChangesDto> Changes(CollectionName collection, long since, int limit, CancellationToken cancellationToken) => transport.Get<ChangesDto>(
        FormattableString.Invariant($"{PathOf(collection)}/changes?since={since}&limit={limit}"),
        cancellationToken);

    public Task<IndexDto> PutIndex(CollectionName collection, string name, string path, CancellationToken cancellationToken) =>
        transport.Send<IndexDto>(
            HttpMethod.Put,
            $"{PathOf(collection)}/indexes/{Escape(name)}",
            () => JsonBody(new IndexBody(path), ApiJson.Context.IndexBody),
            cancellationToken);

    /// <summary>What the very node that is asked holds of a collection.</summary>
    public Task<SummaryDto> Summary(CollectionName collection, CancellationToken cancellationToken) =>
        transport.Get<SummaryDto>($"{PathOf(collection)}/summary", cancellationToken);

    /// <summary>Whether the process says that it can do its part.</summary>
    public Task<HealthDto> Ready(CancellationToken cancellationToken) =>
        transport.Get<HealthDto>("/readyz", cancellationToken);

    public void Dispose() => transport.Dispose();

    private static string PathOf(CollectionName name) =>
        $"/api/v1/databases/{Escape(name.Database)}/collections/{Escape(name.Collection)}";

    private static string PathOf(string cluster, string node) => $"/api/v1/clusters/{Escape(cluster)}/nodes/{Escape(node)}";

    private static string HoldsPath(string cluster) => $"/api/v1/clusters/{Escape(cluster)}/holds";

    private static string RunPath(string run, string order) => $"/api/v1/runs/{Escape(run)}/{order}";

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static HttpContent JsonBody<T>(T body, JsonTypeInfo<T> type) =>
        new StringContent(JsonSerializer.Serialize(body, type), Encoding.UTF8, "application/json");

    private static ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> body, string mediaType) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private Task<BulkWrittenDto> Bulk(CollectionName collection, string work, ReadOnlyMemory<byte> ndjson, CancellationToken cancellationToken) =>
        transport.Send<BulkWrittenDto>(
            HttpMethod.Post,
            $"{PathOf(collection)}/documents:{work}?w=majority",
            () => Content(ndjson, "application/x-ndjson"),
            cancellationToken);

    private Task<RunDto> Order<TBody>(string run, string order, TBody body, JsonTypeInfo<TBody> type, CancellationToken cancellationToken) =>
        Post<TBody, RunDto>(RunPath(run, order), body, type, cancellationToken);

    private Task<TReply> Post<TBody, TReply>(string path, TBody body, JsonTypeInfo<TBody> type, CancellationToken cancellationToken) =>
        transport.Send<TReply>(HttpMethod.Post, path, () => JsonBody(body, type), cancellationToken);
}

/// <summary>What is asked of the audit trail.</summary>
internal sealed record AuditQuery(long After, long? Before, DateTimeOffset? Since, DateTimeOffset? Until, bool NewestFirst, int Limit);

/// <summary>A collection by its name.</summary>
internal sealed record CollectionName(string Database, string Collection);
