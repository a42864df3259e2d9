using System.Net;
using System.Text.Json;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Security;

/// <summary>Every list, as seen by callers of one cluster, of another one, and of all.</summary>
public sealed class VisibleClustersTests
{
    private const string Tokenless = "";

    [Theory]
    [InlineData("viewer")]
    [InlineData("operator")]
    [InlineData("admin")]
    public async Task A_role_in_one_cluster_lists_nothing_of_another(string role)
    {
        await using var api = await Start(role);

        Assert.Equal(["main"], await Names(api, "one", "/clusters", "clusters", "name"));
        Assert.Equal(["run-main"], await Names(api, "one", "/runs", "runs", "id"));
        Assert.Equal([Tokenless, "main"], await Names(api, "one", "/freezes", "freezes", "cluster"));
        Assert.Equal(["main"], await Names(api, "one", "/audit", "entries", "cluster"));
        Assert.Equal(["main", "secret"], await Names(api, "all", "/clusters", "clusters", "name"));
        Assert.Equal(["run-secret", "run-main"], await Names(api, "all", "/runs", "runs", "id"));
        Assert.Equal([Tokenless, "main", "secret"], await Names(api, "all", "/freezes", "freezes", "cluster"));
        Assert.Equal(["main", "secret", Tokenless], await Names(api, "all", "/audit", "entries", "cluster"));
        foreach (var path in new[] { "/runs?cluster=secret", "/runs/run-secret", "/runs/run-secret/events", "/clusters/secret", "/clusters/secret/report", "/clusters/secret/explain" })
        {
            var (status, body, _) = await Get(api, "one", path);
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.DoesNotContain("orders", body.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("operator")]
    [InlineData("admin")]
    public async Task The_supervisor_is_asked_for_the_schedules_of_the_callers_clusters_only(string role)
    {
        await using var api = await Start(role);

        await Get(api, "one", "/schedules");
        await Get(api, "both", "/schedules");
        await Get(api, "all", "/schedules");

        Assert.Equal([["main"], ["main", "other"], null], api.SupervisorRequests.OfType<ListSchedules>().Select(request => request.Clusters?.ToArray()));
    }

    [Fact]
    public async Task Reading_the_audit_trail_on_gets_past_what_is_not_shown()
    {
        await using var api = await Start("viewer");

        var (_, body, _) = await Get(api, "one", "/audit?after=0&limit=10");

        Assert.Equal(3, body.GetProperty("through").GetInt64());
    }

    private static Task<ApiHost> Start(string role) => ApiHost.Start(
        supervisor: Answer,
        security: Tokens.Settings(("one", $"\"{role}:main\""), ("both", $"\"{role}:main\", \"{role}:other\", \"reader:secret\""), ("all", role)));

    private static object Answer(ISupervisorRequest request) => request switch
    {
        ListClusters => new ClusterList([Samples.View, Samples.View with { Name = "secret" }]),
        ListRuns list => RunPage.Of([Of("main"), Of("secret")], list),
        GetRun => Of("secret"),
        ReadRunEvents => new RunEventBatch([], Of("secret")),
        ListFreezes => new FreezeList([Freeze("main"), Freeze("secret"), Freeze("")]),
        ReadAudit { After: 0 } => new AuditTrail([Entry(1, "main"), Entry(2, "secret"), Entry(3, "")]),
        ReadAudit => new AuditTrail([]),
        ListSchedules => new ScheduleList([]),
        _ => throw new InvalidOperationException($"nobody expected {request}"),
    };

    private static RunView Of(string cluster)
    {
        var run = Samples.Run($"run-{cluster}", "running");
        return run with { Plan = run.Plan with { Request = run.Plan.Request with { Cluster = cluster } } };
    }

    private static Freeze Freeze(string cluster) => new(cluster, "ann", "why", Samples.Now, null);

    private static AuditEntry Entry(long sequence, string cluster) => new(sequence, Samples.Now, "ann", "freeze", cluster, "", "");

    private static async Task<IReadOnlyList<string>> Names(ApiHost api, string caller, string path, string list, string member)
    {
        var (status, body, _) = await Get(api, caller, path);
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. body.GetProperty(list).EnumerateArray().Select(item => item.TryGetProperty(member, out var name) ? name.GetString() ?? "" : "")];
    }

    private static Task<(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)> Get(ApiHost api, string caller, string path) =>
        api.Send(HttpMethod.Get, $"/api/v1{path}", null, ("Authorization", $"Bearer {Tokens.Of(caller)}"));
}
