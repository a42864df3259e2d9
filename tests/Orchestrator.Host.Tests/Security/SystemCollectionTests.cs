using System.Net;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Security;

/// <summary>The collections that nodes keep for themselves are for administrators alone, on every way to them.</summary>
public sealed class SystemCollectionTests
{
    private const string Data = "/api/v1/databases/_system/collections/catalog";
    private const string Scope = """{"database":"_system","collection":"catalog"}""";

    /// <summary>Every way to name one, and the roles that would be enough for a collection of users.</summary>
    private static readonly (HttpMethod Method, string Path, string Body, string[] Otherwise)[] Ways =
    [
        (HttpMethod.Get, Data, "", ["reader", "writer"]),
        (HttpMethod.Put, Data, "{}", ["writer"]),
        (HttpMethod.Get, $"{Data}/documents/a", "", ["reader", "writer"]),
        (HttpMethod.Put, $"{Data}/documents/a", "{}", ["writer"]),
        (HttpMethod.Delete, $"{Data}/documents/a", "", ["writer"]),
        (HttpMethod.Post, $"{Data}/documents:bulk", """{"_id":"a"}""", ["writer"]),
        (HttpMethod.Get, $"{Data}/changes", "", ["reader", "writer"]),
        (HttpMethod.Get, $"{Data}/summary", "", ["reader", "writer"]),
        (HttpMethod.Put, $"{Data}/indexes/by-a", """{"path":"$.a"}""", ["writer"]),
        (HttpMethod.Get, $"{Data}/indexes/by-a", "", ["reader", "writer"]),
        (HttpMethod.Delete, $"{Data}/indexes/by-a", "", ["writer"]),
        (HttpMethod.Get, $"{Data}/indexes/by-a/entries", "", ["reader", "writer"]),
        (HttpMethod.Post, "/api/v1/node/compactions", Scope, ["operator"]),
        (HttpMethod.Post, "/api/v1/node/compactions", """{"database":"_system","dryRun":true}""", ["operator"]),
        (HttpMethod.Post, "/api/v1/node/verify", Scope, ["operator"]),
        (HttpMethod.Post, "/api/v1/node/index-cleanup", """{"database":"_system"}""", ["operator"]),
        (HttpMethod.Post, "/api/v1/node/resync", Scope, ["operator"]),
        (HttpMethod.Post, "/api/v1/clusters/main/nodes/node-1/verify", Scope, ["operator"]),
        (HttpMethod.Post, "/api/v1/clusters/main/nodes/node-1/index-cleanup", Scope, ["operator"]),
        (HttpMethod.Post, "/api/v1/clusters/main/nodes/node-1/resync", Scope, ["operator"]),
        (HttpMethod.Post, "/api/v1/clusters/main/plans", """{"scope":{"databases":["shop","_system"]}}""", ["viewer", "operator"]),
        (HttpMethod.Post, "/api/v1/clusters/main/plans", """{"scope":{"collections":["_system/catalog"]}}""", ["viewer", "operator"]),
        (HttpMethod.Post, "/api/v1/runs", """{"cluster":"main","scope":{"databases":["_system"]}}""", ["operator"]),
        (HttpMethod.Post, "/api/v1/runs", """{"cluster":"main","scope":{"collections":["_system/catalog"]}}""", ["operator"]),
    ];

    [Theory]
    [InlineData("viewer")]
    [InlineData("operator")]
    [InlineData("reader")]
    [InlineData("writer")]
    public async Task No_other_role_gets_at_a_system_collection_and_is_told_which_one_and_what_it_needs(string role)
    {
        await using var api = await Start(role);
        foreach (var (method, path, body, otherwise) in Ways)
        {
            var (status, answer, _) = await api.Send(method, path, body.Length > 0 ? body : null, ("Authorization", $"Bearer {Tokens.Of("someone")}"));

            Assert.True(status == HttpStatusCode.Forbidden, $"{role}: {method} {path} answered {status}");
            var detail = answer.GetProperty("detail").GetString();
            if (otherwise.Contains(role))
            {
                Assert.Contains("_system", detail, StringComparison.Ordinal);
                Assert.Contains("someone", detail, StringComparison.Ordinal);
                Assert.Contains("admin for cluster main", detail, StringComparison.Ordinal);
            }
        }

        Assert.Empty(api.NodeRequests);
        Assert.Empty(api.SupervisorRequests);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("\"admin:main\"")]
    public async Task An_administrator_gets_at_them_on_every_way(string role)
    {
        await using var api = await Start(role);
        foreach (var (method, path, body, _) in Ways)
        {
            var status = await api.Try(method, path, Tokens.Of("someone"), body.Length > 0 ? body : null);

            Assert.True(status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized), $"{method} {path} answered {status}");
        }
    }

    [Fact]
    public async Task An_administrator_of_another_cluster_does_not()
    {
        await using var api = await Start("writer, operator, \"admin:other\"");
        foreach (var (method, path, body, _) in Ways)
        {
            Assert.Equal(HttpStatusCode.Forbidden, await api.Try(method, path, Tokens.Of("someone"), body.Length > 0 ? body : null));
        }
    }

    [Fact]
    public async Task Members_read_the_catalog_of_each_other()
    {
        await using var api = await Start("viewer");

        Assert.NotEqual(
            HttpStatusCode.Forbidden,
            await api.Try(HttpMethod.Get, $"{Data}/changes?member=node-2&term=1&lastTerm=1&confirmed=5", Tokens.ClusterSecret));
    }

    [Fact]
    public async Task What_names_none_is_not_refused_to_an_operator()
    {
        await using var api = await Start("operator");

        foreach (var (path, body) in new[]
        {
            ("/api/v1/runs", """{"cluster":"main"}"""),
            ("/api/v1/runs", """{"cluster":"main","scope":{"collections":["catalog","shop/_notes"]}}"""),
            ("/api/v1/node/verify", "{}"),
            ("/api/v1/node/compactions", "{}"),
        })
        {
            Assert.NotEqual(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Post, path, Tokens.Of("someone"), body));
        }
    }

    private static Task<ApiHost> Start(string roles) => ApiHost.Start(
        node: _ => throw new InvalidOperationException("no data here"),
        supervisor: _ => Samples.Failed(FailureCode.Unavailable, "not here"),
        security: Tokens.Settings(("someone", roles)));
}
