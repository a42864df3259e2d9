using System.Net;
using System.Text;
using System.Text.Json;
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
    [InlineData("GET", "/api/v1/runs?stat=running", "is unknown; there are no query parameters here")]
    [InlineData("GET", "/api/v1/audit?limits=5", "is unknown; known here: after, before, limit, order, since, until")]
    [InlineData("PUT", $"{Documents}/a?force=1", "is unknown; known here: rev, w")]
    public async Task Unknown_parameters_are_errors_everywhere(string method, string path, string message)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(new HttpMethod(method), path, method == "PUT" ? "{}" : null);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(message, body.GetProperty("errors")[0].GetProperty("message").GetString());
    }

    private static string? Next(JsonElement body) => body.TryGetProperty("next", out var next) ? next.GetString() : null;
}
