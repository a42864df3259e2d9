using System.Net;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Security;

/// <summary>Which role may use which endpoint, endpoint by endpoint.</summary>
public sealed class AccessRuleTests
{
    private const string Data = "/api/v1/databases/{database}/collections/{collection}";

    private static readonly Dictionary<string, Permission> Expected = new()
    {
        ["GET /healthz"] = Permission.None,
        ["GET /readyz"] = Permission.None,
        ["HEAD /healthz"] = Permission.None,
        ["HEAD /readyz"] = Permission.None,
        ["GET /metrics"] = Permission.View,
        ["GET /openapi/{documentName}.json"] = Permission.None,
        ["POST /hooks/metacontroller/sync"] = Permission.None,
        ["POST /hooks/metacontroller/finalize"] = Permission.None,
        ["POST /hooks/metacontroller/customize"] = Permission.None,
        ["GET /api/v1/clusters"] = Permission.View,
        ["GET /api/v1/clusters/{cluster}"] = Permission.View,
        ["GET /api/v1/clusters/{cluster}/report"] = Permission.View,
        ["GET /api/v1/clusters/{cluster}/explain"] = Permission.View,
        ["GET /api/v1/engines"] = Permission.View,
        ["GET /api/v1/engines/{engine}"] = Permission.View,
        ["POST /api/v1/clusters/{cluster}/plans"] = Permission.View,
        ["POST /api/v1/clusters/{cluster}/replica-sets/{replicaSet}/step-down"] = Permission.Operate,
        ["GET /api/v1/runs"] = Permission.View,
        ["POST /api/v1/runs"] = Permission.Operate,
        ["GET /api/v1/runs/{run}"] = Permission.View,
        ["GET /api/v1/runs/{run}/events"] = Permission.View,
        ["POST /api/v1/runs/{run}/pause"] = Permission.Operate,
        ["POST /api/v1/runs/{run}/resume"] = Permission.Operate,
        ["POST /api/v1/runs/{run}/cancel"] = Permission.Operate,
        ["POST /api/v1/runs/{run}/approve"] = Permission.Operate,
        ["PUT /api/v1/runs/{run}/throttle"] = Permission.Operate,
        ["POST /api/v1/journal/adopt"] = Permission.Operate,
        ["GET /api/v1/clusters/{cluster}/holds"] = Permission.View,
        ["POST /api/v1/clusters/{cluster}/holds"] = Permission.Operate,
        ["DELETE /api/v1/clusters/{cluster}/holds/{owner}"] = Permission.Operate,
        ["GET /api/v1/freezes"] = Permission.View,
        ["POST /api/v1/freezes"] = Permission.Operate,
        ["DELETE /api/v1/freezes"] = Permission.Operate,
        ["DELETE /api/v1/freezes/{cluster}"] = Permission.Operate,
        ["GET /api/v1/schedules"] = Permission.View,
        ["GET /api/v1/audit"] = Permission.View,
        ["POST /api/v1/clusters/{cluster}/nodes/{node}/verify"] = Permission.Operate,
        ["GET /api/v1/clusters/{cluster}/verifications/{id}"] = Permission.View,
        ["POST /api/v1/clusters/{cluster}/verifications/{id}/cancel"] = Permission.Operate,
        ["POST /api/v1/clusters/{cluster}/nodes/{node}/index-cleanup"] = Permission.Operate,
        ["POST /api/v1/clusters/{cluster}/nodes/{node}/resync"] = Permission.Operate,
        ["GET /api/v1/node/compactions"] = Permission.View,
        ["POST /api/v1/node/compactions"] = Permission.Operate,
        ["GET /api/v1/node/compactions/{id}"] = Permission.View,
        ["POST /api/v1/node/compactions/{id}/cancel"] = Permission.Operate,
        ["POST /api/v1/node/compactions/{id}/pause"] = Permission.Operate,
        ["POST /api/v1/node/compactions/{id}/throttle"] = Permission.Operate,
        ["POST /api/v1/node/verify"] = Permission.Operate,
        ["POST /api/v1/node/index-cleanup"] = Permission.Operate,
        ["POST /api/v1/node/resync"] = Permission.Operate,
        ["GET /api/v1/databases"] = Permission.ReadData,
        ["GET /api/v1/databases/{database}/collections"] = Permission.ReadData,
        [$"GET {Data}/documents"] = Permission.ReadData,
        [$"POST {Data}/documents:delete"] = Permission.WriteData,
        [$"GET {Data}"] = Permission.ReadData,
        [$"DELETE {Data}"] = Permission.WriteData,
        [$"PUT {Data}"] = Permission.WriteData,
        [$"GET {Data}/documents/{{id}}"] = Permission.ReadData,
        [$"PUT {Data}/documents/{{id}}"] = Permission.WriteData,
        [$"DELETE {Data}/documents/{{id}}"] = Permission.WriteData,
        [$"POST {Data}/documents:bulk"] = Permission.WriteData,
        [$"GET {Data}/changes"] = Permission.ReadData,
        [$"GET {Data}/summary"] = Permission.ReadData,
        [$"PUT {Data}/indexes/{{name}}"] = Permission.WriteData,
        [$"GET {Data}/indexes/{{name}}"] = Permission.ReadData,
        [$"DELETE {Data}/indexes/{{name}}"] = Permission.WriteData,
        [$"GET {Data}/indexes/{{name}}/entries"] = Permission.ReadData,
    };

    public static TheoryData<string, string> Roles() => new()
    {
        { "viewer", "View" },
        { "operator", "View, Operate" },
        { "reader", "ReadData" },
        { "writer", "ReadData, WriteData" },
        { "admin", "View, Operate, ReadData, WriteData, System" },
    };

    [Fact]
    public async Task Every_endpoint_has_exactly_the_permission_that_is_written_down_for_it()
    {
        await using var api = await ApiHost.Start();
        var found = api.Endpoints.OfType<RouteEndpoint>().ToDictionary(
            Name,
            endpoint => endpoint.Metadata.GetOrderedMetadata<AccessRule>() is [var rule]
                ? rule.Permission
                : throw new InvalidOperationException($"{Name(endpoint)} has not exactly one access rule"));

        Assert.All(Expected, rule => Assert.Equal(rule.Value, found.GetValueOrDefault(rule.Key, (Permission)(-1))));
        Assert.All(found.Keys, endpoint => Assert.True(Expected.ContainsKey(endpoint), $"{endpoint} is not in this list"));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task A_role_opens_exactly_the_endpoints_of_its_permissions(string role, string permissions)
    {
        var allowed = Enum.Parse<Permission>(permissions);
        await using var api = await Start(("someone", role));
        foreach (var (endpoint, permission) in Expected.Where(rule => rule.Value != Permission.None))
        {
            var status = await Call(api, endpoint, Tokens.Of("someone"));
            Assert.True(
                status == HttpStatusCode.Forbidden == !allowed.HasFlag(permission) && status != HttpStatusCode.Unauthorized,
                $"{role}: {endpoint} answered {status}");
        }
    }

    [Fact]
    public async Task Without_a_token_only_the_probes_and_the_description_answer()
    {
        await using var api = await Start(("someone", "admin"));
        foreach (var (endpoint, permission) in Expected)
        {
            var status = await Call(api, endpoint, token: null);
            Assert.True(status == HttpStatusCode.Unauthorized == (permission != Permission.None), $"{endpoint} answered {status}");
        }

        Assert.Empty(api.SupervisorRequests);
        Assert.Empty(api.NodeRequests);
    }

    [Fact]
    public async Task A_role_in_one_cluster_opens_nothing_of_another()
    {
        await using var api = await Start(("someone", "\"operator:other\""));

        Assert.Equal(HttpStatusCode.Forbidden, await Call(api, "GET /metrics", Tokens.Of("someone")));
        Assert.Equal(HttpStatusCode.Forbidden, await Call(api, "GET /api/v1/clusters/{cluster}", Tokens.Of("someone")));
        Assert.Equal(HttpStatusCode.Forbidden, await Call(api, "POST /api/v1/runs/{run}/pause", Tokens.Of("someone")));
        Assert.Equal(HttpStatusCode.Forbidden, await Call(api, "GET /api/v1/runs/{run}", Tokens.Of("someone")));
        Assert.Equal(HttpStatusCode.Forbidden, await Call(api, "GET /api/v1/runs/{run}/events", Tokens.Of("someone")));
        Assert.Equal(HttpStatusCode.Forbidden, await Call(api, "DELETE /api/v1/freezes", Tokens.Of("someone")));
        Assert.Equal(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Post, "/api/v1/runs", Tokens.Of("someone"), """{"cluster":"main"}"""));
        Assert.Equal(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Post, "/api/v1/freezes", Tokens.Of("someone"), """{"reason":"x"}"""));
        Assert.DoesNotContain(api.SupervisorRequests, request => request is not (Core.Runs.GetRun or Core.Runs.ReadRunEvents));
    }

    [Fact]
    public async Task Only_members_may_confirm_changes()
    {
        await using var api = await Start(("someone", "admin"));
        const string member = "/api/v1/databases/a/collections/b/changes?member=node-2&term=1&lastTerm=1&confirmed=5";

        Assert.Equal(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Get, member, Tokens.Of("someone")));
        Assert.Empty(api.NodeRequests);
        Assert.NotEqual(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Get, member, Tokens.ClusterSecret));
        Assert.Single(api.NodeRequests);
        Assert.Equal(HttpStatusCode.Forbidden, await api.Try(HttpMethod.Get, "/api/v1/runs", Tokens.ClusterSecret));
    }

    private static Task<ApiHost> Start(params (string Name, string Roles)[] tokens) => ApiHost.Start(
        node: _ => throw new InvalidOperationException("no data here"),
        supervisor: request => request switch
        {
            Core.Runs.GetRun => Samples.Run("r-1", "running"),
            Core.Runs.ReadRunEvents => new Core.Runs.RunEventBatch([], Samples.Run("r-1", "completed", Samples.Now)),
            _ => Samples.Failed(FailureCode.Unavailable, "not here"),
        },
        security: Tokens.Settings(tokens));

    private static Task<HttpStatusCode> Call(ApiHost api, string endpoint, string? token)
    {
        var (method, route) = (endpoint.Split(' ')[0], endpoint.Split(' ')[1]);
        var path = route.Replace("{cluster}", "main", StringComparison.Ordinal)
            .Replace("{documentName}", "v1", StringComparison.Ordinal)
            .Replace("{", "", StringComparison.Ordinal)
            .Replace("}", "", StringComparison.Ordinal);
        return api.Try(new HttpMethod(method), path, token, method is "POST" or "PUT" ? "{}" : null);
    }

    private static string Name(RouteEndpoint endpoint) =>
        $"{Assert.Single(endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods)} /{endpoint.RoutePattern.RawText!.Trim('/')}";
}
