using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Host.Tests.Http;

public sealed class ListEndpointTests
{
    private const string Documents = "/api/v1/databases/shop/collections/orders/documents";

    private static readonly CollectionsListed Known = new(
        [new("films", "movies", ["by-year"]), new("shop", "items", []), new("shop", "orders", ["by-city", "by-day"]), new("shop", "views", [])]);

    [Theory]
    [InlineData("", "films:1 shop:3", null)]
    [InlineData("?limit=1", "films:1", "films")]
    [InlineData("?after=films&limit=1", "shop:3", null)]
    [InlineData("?after=shop", "", null)]
    public async Task Databases_are_listed_page_by_page(string query, string expected, string? next)
    {
        await using var api = await ApiHost.Start(node: _ => Known);

        var (status, body, _) = await api.Send(HttpMethod.Get, $"/api/v1/databases{query}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(expected, string.Join(' ', body.GetProperty("databases").EnumerateArray()
            .Select(one => $"{one.GetProperty("name").GetString()}:{one.GetProperty("collections").GetInt32()}")));
        Assert.Equal(next, Next(body));
    }

    [Theory]
    [InlineData("?limit=2", "items orders", "orders")]
    [InlineData("?limit=2&after=orders", "views", null)]
    public async Task Collections_are_listed_page_by_page(string query, string expected, string? next)
    {
        await using var api = await ApiHost.Start(node: _ => Known);

        var (_, body, _) = await api.Send(HttpMethod.Get, $"/api/v1/databases/shop/collections{query}");

        Assert.Equal(expected, string.Join(' ', body.GetProperty("collections").EnumerateArray().Select(one => one.GetProperty("name").GetString())));
        Assert.Equal(next, Next(body));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Send(HttpMethod.Get, "/api/v1/databases/nope/collections")).Status);
    }

    [Fact]
    public async Task Documents_are_listed_byte_for_byte_with_the_id_from_which_to_go_on()
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentsListed(
            [
                new StoredDocument("a/b", "1.5", 5, Encoding.UTF8.GetBytes("{ \"t\" : \"ü\", \"n\":1.0 }")),
                new StoredDocument("old", "1.6", 6, Encoding.Latin1.GetBytes("{\"t\":\"\u00FC\"}")),
            ],
            More: true));

        var text = await api.Client.GetStringAsync(new Uri($"{Documents}?after=a&limit=2&from=any", UriKind.Relative));

        Assert.Equal(
            "{\"documents\":[{\"id\":\"a/b\",\"rev\":\"1.5\",\"sequence\":5,\"body\":{ \"t\" : \"ü\", \"n\":1.0 }},"
            + "{\"id\":\"old\",\"rev\":\"1.6\",\"sequence\":6,\"problem\":\"is not UTF-8: byte 7 (0xFC) belongs to another encoding; convert the text to UTF-8\"}],"
            + "\"next\":\"old\"}",
            text);
        Assert.Equal(new ListDocuments("shop", "orders", "a", 2, true), Assert.Single(api.NodeRequests));
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?bodies=maybe", "bodies")]
    [InlineData("?from=nobody", "from")]
    [InlineData("?page=2", "page")]
    public async Task A_wrong_or_unknown_parameter_is_named(string query, string field)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Documents}{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, body.GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Empty(api.NodeRequests);
    }

    [Theory]
    [InlineData("after=%ff")]
    [InlineData("after=a%C3")]
    [InlineData("from=any&after=%ED%A0%80")]
    public async Task A_query_that_is_not_UTF_8_is_refused_and_not_replaced(string query)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        Assert.Equal(400, await RawRequest.Send(api.Address, $"GET {Documents}?{query} HTTP/1.1", ""));

        Assert.Empty(api.NodeRequests);
    }

    [Theory]
    [InlineData("since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z", "until", "must be later than since")]
    [InlineData("since=2026-02-01T00:00:00Z&until=2026-02-01T00:00:00Z", "until", "must be later than since")]
    [InlineData("after=5&before=5", "before", "must be at least 7: between it and after there is no entry")]
    public async Task A_range_of_the_audit_trail_that_holds_nothing_is_an_error(string query, string field, string message)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(HttpMethod.Get, $"/api/v1/audit?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = Assert.Single(body.GetProperty("errors").EnumerateArray());
        Assert.Equal((field, message), (error.GetProperty("field").GetString(), error.GetProperty("message").GetString()));
        Assert.Empty(api.SupervisorRequests);
    }

    [Theory]
    [InlineData("GET", "/api/v1/runs?stat=running", "is unknown; known here: after, cluster, limit, state")]
    [InlineData("GET", "/api/v1/runs?cluster=main&cluster=other", "is given more than once")]
    [InlineData("GET", "/api/v1/audit?limit=1&LIMIT=2", "is given more than once")]
    [InlineData("GET", "/api/v1/clusters/main?state=running", "is unknown; there are no query parameters here")]
    [InlineData("POST", "/api/v1/runs?limit=5", "is unknown; there are no query parameters here")]
    [InlineData("GET", "/api/v1/audit?limits=5", "is unknown; known here: after, before, limit, order, since, until")]
    [InlineData("PUT", $"{Documents}/a?force=1", "is unknown; known here: rev, w")]
    public async Task Unknown_parameters_are_errors_everywhere(string method, string path, string message)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(new HttpMethod(method), path, method == "GET" ? null : "{}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(message, body.GetProperty("errors")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Every_endpoint_of_the_api_refuses_unknown_parameters()
    {
        await using var api = await ApiHost.Start(supervisor: request => throw new InvalidOperationException($"nobody expected {request}"));
        foreach (var endpoint in api.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.Trim('/').Split('/')[0] is "api" or "healthz" or "readyz"))
        {
            var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0];
            if (method == "HEAD")
            {
                continue; // Its answers have no body; GET has the same handler.
            }

            var path = string.Concat(endpoint.RoutePattern.RawText!.Select(letter => letter is '{' or '}' ? 'x' : letter)).TrimEnd('/');

            var (status, body, _) = await api.Send(new HttpMethod(method), $"{path}?nonsense=1", method == "GET" ? null : "{}");

            Assert.True(status == HttpStatusCode.BadRequest, $"{method} {path}: {status}");
            Assert.Equal("nonsense", body.GetProperty("errors")[0].GetProperty("field").GetString());
        }
    }

    [Theory]
    [InlineData("", "r-5 r-4 r-3 r-2 r-1")]
    [InlineData("?limit=2", "r-5 r-4")]
    [InlineData("?state=running", "r-5 r-2")]
    [InlineData("?state=running&state=failed&limit=2", "r-5 r-4")]
    [InlineData("?cluster=other", "r-3")]
    public async Task Runs_are_listed_newest_first_without_plans_by_state_and_cluster(string query, string expected)
    {
        await using var api = await ApiHost.Start(supervisor: request => RunPage.Of(FiveRuns(), (ListRuns)request));

        var (status, body, _) = await api.Send(HttpMethod.Get, $"/api/v1/runs{query}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(expected, Ids(body));
        Assert.All(body.GetProperty("runs").EnumerateArray(), run => Assert.False(run.TryGetProperty("plan", out _) || run.TryGetProperty("steps", out _)));
    }

    [Fact]
    public async Task The_pages_of_the_list_of_runs_hold_every_run_once_although_one_is_forgotten_meanwhile()
    {
        var runs = FiveRuns();
        await using var api = await ApiHost.Start(supervisor: request => RunPage.Of(runs, (ListRuns)request));

        var first = (await api.Send(HttpMethod.Get, "/api/v1/runs?limit=2")).Body;
        runs = [.. runs.Where(run => run.Id != "r-4"), Run("r-6", 6, "planned")];
        var second = (await api.Send(HttpMethod.Get, $"/api/v1/runs?limit=2&after={Next(first)}")).Body;
        var third = (await api.Send(HttpMethod.Get, $"/api/v1/runs?limit=2&after={Next(second)}")).Body;

        Assert.Equal(["r-5 r-4", "r-3 r-2", "r-1"], new[] { first, second, third }.Select(Ids));
        Assert.Null(Next(third));
    }

    [Theory]
    [InlineData("?state=runing", "state")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?after=r-1", "after")]
    public async Task A_wrong_filter_of_the_runs_is_named(string query, string field)
    {
        await using var api = await ApiHost.Start(supervisor: _ => new object());

        var (status, body, _) = await api.Send(HttpMethod.Get, $"/api/v1/runs{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("/clusters", "clusters", "name", "main north south")]
    [InlineData("/freezes", "freezes", "cluster", "* main north")]
    [InlineData("/schedules", "schedules", "name", "daily nightly weekly")]
    public async Task Lists_of_the_supervisor_come_in_pages_by_name(string path, string list, string name, string expected)
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            ListClusters => new ClusterList([.. new[] { "south", "main", "north" }.Select(cluster => Samples.View with { Name = cluster })]),
            ListFreezes => new FreezeList([.. new[] { "north", "", "main" }.Select(cluster => new Freeze(cluster, "ann", "why", Samples.Now, null))]),
            _ => new ScheduleList([.. new[] { "weekly", "daily", "nightly" }.Select(one => new ScheduleView(one, true, [], [], [], "", [], "", null))]) { Windows = ["nights"] },
        });
        var names = new List<string>();

        for (var after = ""; after is not null;)
        {
            var (status, body, _) = await api.Send(HttpMethod.Get, $"/api/v1{path}?limit=1&after={after}");
            Assert.Equal(HttpStatusCode.OK, status);
            var only = Assert.Single(body.GetProperty(list).EnumerateArray());
            names.Add(only.TryGetProperty(name, out var value) ? value.GetString()! : "*");
            after = Next(body);
        }

        Assert.Equal(expected, string.Join(' ', names));
    }

    private static RunView[] FiveRuns() =>
    [
        Run("r-2", 2, "running"),
        Run("r-1", 1, "completed"),
        Run("r-3", 3, "completed", "other"),
        Run("r-5", 4, "running"),
        Run("r-4", 4, "failed"),
    ];

    private static RunView Run(string id, int minute, string state, string cluster = "main") =>
        Samples.Run(id, state) with
        {
            CreatedAt = Samples.Now.AddMinutes(minute),
            Plan = Samples.Plan with { Request = Samples.Request with { Cluster = cluster } },
        };

    private static string Ids(JsonElement body) => string.Join(' ', body.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("id").GetString()));

    private static string? Next(JsonElement body) => body.TryGetProperty("next", out var next) ? next.GetString() : null;
}
