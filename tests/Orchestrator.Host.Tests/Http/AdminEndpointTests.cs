using System.Net;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Host.Tests.Http;

public sealed class AdminEndpointTests
{
    [Fact]
    public async Task Clusters_are_listed_with_their_members()
    {
        await using var api = await ApiHost.Start(supervisor: _ => new ClusterList([Samples.View]));

        var (status, body, _) = await api.Send(HttpMethod.Get, "/api/v1/clusters");

        Assert.Equal(HttpStatusCode.OK, status);
        var set = body.GetProperty("clusters")[0].GetProperty("replicaSets")[0];
        Assert.Equal("node-1", set.GetProperty("primary").GetString());
        Assert.Equal("online", set.GetProperty("members")[1].GetProperty("state").GetString());
        Assert.Equal("secondary", set.GetProperty("members")[1].GetProperty("role").GetString());
        Assert.Equal("recovering", set.GetProperty("members")[1].GetProperty("history")[0].GetProperty("from").GetString());
    }

    [Fact]
    public async Task The_report_sums_units_up_to_the_node()
    {
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Report);

        var (_, body, _) = await api.Send(HttpMethod.Get, "/api/v1/clusters/main/report");

        Assert.Equal(new GetStorageReport("main"), Assert.Single(api.SupervisorRequests));
        var node = body.GetProperty("nodes")[0];
        Assert.Equal(1200, node.GetProperty("size").GetProperty("fileBytes").GetInt64());
        Assert.Equal(700, node.GetProperty("size").GetProperty("reclaimableBytes").GetInt64());
        var collection = node.GetProperty("databases")[0].GetProperty("collections")[0];
        Assert.Equal(0.6, collection.GetProperty("documents").GetProperty("fragmentation").GetDouble());
        Assert.Equal("by-city", collection.GetProperty("indexes")[0].GetProperty("index").GetString());
        Assert.Equal(("r-1", 150), (collection.GetProperty("lastCompaction").GetProperty("runId").GetString(), collection.GetProperty("lastCompaction").GetProperty("bytesGrown").GetInt64()));
        Assert.False(collection.GetProperty("indexes")[0].TryGetProperty("lastCompaction", out _));
        Assert.Equal("node-2", body.GetProperty("missing")[0].GetString());
    }

    [Fact]
    public async Task A_plan_shows_steps_with_reasons_and_what_is_left_out()
    {
        await using var api = await ApiHost.Start(supervisor: _ => new PlanMade(Samples.Plan));

        var (status, body, _) = await api.Send(HttpMethod.Post, "/api/v1/clusters/main/plans", """{"options":{"comment":"nightly"}}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("nightly", Assert.IsType<MakePlan>(Assert.Single(api.SupervisorRequests)).Request.Options.Comment);
        var set = body.GetProperty("replicaSets")[0];
        Assert.Equal(["compact", "step-down", "compact"], set.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("kind").GetString()));
        Assert.Equal(1300, body.GetProperty("bytesFreed").GetInt64());
        Assert.Equal("unreachable", set.GetProperty("skipped")[0].GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("""{"reason":"\ud800"}""", "half a surrogate pair")]
    [InlineData("""{"\udc00\ud800":1}""", "half a surrogate pair")]
    [InlineData("""{"scope":{"collections":["\ud83d"]}}""", "half a surrogate pair")]
    [InlineData("{\"reason\":\"\u00ff\"}", "is not UTF-8: byte 12 (0xFF)")]
    [InlineData("{\"\u00ff\":1}", "is not UTF-8: byte 3 (0xFF)")]
    public async Task Text_that_stands_for_no_characters_is_wrong_in_every_body(string body, string reason)
    {
        await using var api = await ApiHost.Start();
        (HttpMethod, string)[] addresses =
        [
            (HttpMethod.Post, "/api/v1/runs"), (HttpMethod.Post, "/api/v1/clusters/main/plans"), (HttpMethod.Post, "/api/v1/runs/r-1/cancel"),
            (HttpMethod.Post, "/api/v1/freezes"), (HttpMethod.Post, "/api/v1/node/resync"), (HttpMethod.Put, "/api/v1/databases/shop/collections/orders"),
        ];

        foreach (var (method, address) in addresses)
        {
            using var request = new HttpRequestMessage(method, address) { Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body)) };
            request.Content.Headers.ContentType = new("application/json");
            var answer = await api.Client.SendAsync(request);

            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{address}: {answer.StatusCode}");
            Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_started_run_is_accepted_with_its_address()
    {
        await using var api = await ApiHost.Start(supervisor: request => Samples.Run(((StartRun)request).RunId, "running"));

        var (status, body, response) = await api.Send(HttpMethod.Post, "/api/v1/runs", """{"cluster":"main"}""");

        Assert.Equal(HttpStatusCode.Accepted, status);
        var id = body.GetProperty("id").GetString();
        Assert.Equal("20260131-221500-000001", id);
        Assert.Equal($"/api/v1/runs/{id}", response.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_second_run_is_refused_with_the_id_of_the_first()
    {
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Failed(FailureCode.Conflict, "run r-1 is active", "r-1"));

        var (status, body, response) = await api.Send(HttpMethod.Post, "/api/v1/runs", """{"cluster":"main"}""");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("r-1", body.GetProperty("runId").GetString());
        Assert.Equal("conflict", body.GetProperty("code").GetString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(FailureCode.NotFound, HttpStatusCode.NotFound, "not-found")]
    [InlineData(FailureCode.Refused, HttpStatusCode.Conflict, "refused")]
    [InlineData(FailureCode.Invalid, HttpStatusCode.BadRequest, "invalid")]
    [InlineData(FailureCode.Unavailable, HttpStatusCode.ServiceUnavailable, "unavailable")]
    public async Task A_refusal_of_the_supervisor_keeps_its_sentence(FailureCode code, HttpStatusCode expected, string text)
    {
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Failed(code, "no collection 'shop/oders'"));

        var (status, body, response) = await api.Send(HttpMethod.Post, "/api/v1/runs", """{"cluster":"main"}""");

        Assert.Equal(expected, status);
        Assert.Equal(text, body.GetProperty("code").GetString());
        Assert.Equal("no collection 'shop/oders'", body.GetProperty("detail").GetString());
        Assert.Equal((int)expected, body.GetProperty("status").GetInt32());
        Assert.Equal(expected == HttpStatusCode.ServiceUnavailable, response.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task Every_wrong_field_of_a_run_is_named_and_nobody_is_asked()
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(HttpMethod.Post, "/api/v1/runs", """{"cluster":"main","scope":{"x":1},"options":{"mode":"Y"}}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            ["scope.x", "options.mode"],
            body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
        Assert.Empty(api.SupervisorRequests);
    }

    [Theory]
    [InlineData("", "is missing: a JSON object is expected")]
    [InlineData("{", "is not valid JSON at byte 2")]
    [InlineData("""{"cluster":"main"} x""", "is not valid JSON at byte 20")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "has more than 64 levels of objects and arrays at byte 65")]
    public async Task A_body_that_is_not_JSON_is_refused(string text, string why)
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(HttpMethod.Post, "/api/v1/runs", text);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = body.GetProperty("errors")[0];
        Assert.Equal(("body", why), (error.GetProperty("field").GetString(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(HttpMethod.Post, "/api/v1/runs", new string(' ', 300_000));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Equal("too-large", body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_step_down_passes_on_whom_it_expects()
    {
        await using var api = await ApiHost.Start(supervisor: _ => new StepDownCompleted("rs-1", "node-1", "node-2", 4));

        var (status, body, _) = await api.Send(
            HttpMethod.Post, "/api/v1/clusters/main/replica-sets/rs-1/step-down", """{"expectedPrimary":"node-1"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(new RequestStepDown("main", "rs-1", "node-1", "") { By = "anonymous" }, Assert.Single(api.SupervisorRequests));
        Assert.Equal("node-2", body.GetProperty("newPrimary").GetString());
        Assert.Equal(4, body.GetProperty("term").GetInt64());
    }

    [Fact]
    public async Task A_step_down_without_the_expected_primary_is_refused()
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(
            HttpMethod.Post, "/api/v1/clusters/main/replica-sets/rs-1/step-down", """{"form":"node-1"}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            ["expectedPrimary", "form"],
            body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task Before_the_actors_are_there_everything_is_unavailable()
    {
        await using var api = await ApiHost.Start(node: _ => new object(), attach: false);

        var admin = await api.Send(HttpMethod.Get, "/api/v1/clusters");
        var data = await api.Send(HttpMethod.Get, "/api/v1/databases/a/collections/b/documents/c");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, admin.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, data.Status);
        Assert.NotNull(admin.Response.Headers.RetryAfter);
    }

    [Fact]
    public async Task An_unknown_address_is_named()
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(HttpMethod.Get, "/api/v1/cluster");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("/api/v1/cluster", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_method_is_told()
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(HttpMethod.Delete, "/api/v1/clusters");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, status);
        Assert.Contains("DELETE", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_read_cached_state_and_ask_nobody()
    {
        await using var api = await ApiHost.Start();

        var alive = await api.Send(HttpMethod.Get, "/healthz");
        var notReady = await api.Send(HttpMethod.Get, "/readyz");
        api.Readiness.Ready();
        var ready = await api.Send(HttpMethod.Get, "/readyz");
        using var head = await api.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/readyz"));

        Assert.Equal(HttpStatusCode.OK, alive.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, notReady.Status);
        Assert.Equal("The process is starting.", notReady.Body.GetProperty("reason").GetString());
        Assert.Equal(HttpStatusCode.OK, ready.Status);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(api.SupervisorRequests);
        Assert.Empty(api.NodeRequests);
    }
}
