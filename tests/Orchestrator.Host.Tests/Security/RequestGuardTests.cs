using System.Net;
using System.Text;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Security;

/// <summary>What a web page of another site can send from the browser of somebody who reaches the server.</summary>
public sealed class RequestGuardTests
{
    private const string Document = "/api/v1/databases/shop/collections/orders/documents/a";

    private const string Named = """advertised-url = "http://node-1:8080", allowed-hosts = [db.example]""";

    [Theory]
    [InlineData("PUT", Document, "text/plain")]
    [InlineData("PUT", Document, "application/x-www-form-urlencoded")]
    [InlineData("PUT", Document, "")]
    [InlineData("PUT", Document, "application/json; charset=iso-8859-1")]
    [InlineData("PUT", Document, "application/x-ndjson")]
    [InlineData("POST", "/api/v1/databases/shop/collections/orders/documents:bulk", "application/json")]
    [InlineData("POST", "/api/v1/freezes", "text/plain")]
    [InlineData("DELETE", Document, "text/plain")]
    public async Task A_body_of_another_media_type_is_refused_and_the_right_one_is_named(string method, string path, string type)
    {
        await using var api = await ApiHost.Start(node: _ => new object());
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("'Content-Type: application/", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(api.NodeRequests);
        Assert.Empty(api.SupervisorRequests);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    public async Task A_body_that_is_encoded_is_refused_and_the_plain_one_is_named(string encoding)
    {
        await using var api = await ApiHost.Start(node: _ => new object());
        using var request = new HttpRequestMessage(HttpMethod.Put, Document) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);

        using var response = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("identity", response.Headers.GetValues("Accept-Encoding").Single());
        Assert.Contains($"'Content-Encoding: {encoding}'", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(api.NodeRequests);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=\"UTF-8\"")]
    public async Task JSON_in_UTF_8_is_taken(string type)
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentWritten("a", "1.1", 1, 1));
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await api.Client.PutAsync(new Uri(Document, UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("", "Origin: http://evil.example")]
    [InlineData("", "Origin: null")]
    [InlineData("", "Origin: http://localhost:1")]
    [InlineData("", "Origin: http://127.0.0.1")]
    [InlineData("", "Sec-Fetch-Site: cross-site")]
    [InlineData("", "Sec-Fetch-Site: same-site")]
    [InlineData("Host: evil.example", "")]
    [InlineData("Host: evil.example:8080", "Origin: http://evil.example:8080")]
    [InlineData("Host: localhost.evil.example", "Sec-Fetch-Site: same-origin")]
    public async Task Changes_from_foreign_pages_and_under_foreign_names_are_refused(params string[] headers)
    {
        await using var api = await ApiHost.Start(node: _ => new object(), http: Named);

        var (status, body, _) = await api.Send(HttpMethod.Delete, Document, null, Headers(headers));
        var (frozen, _, _) = await api.Send(HttpMethod.Post, "/api/v1/freezes", """{"reason":"x"}""", Headers(headers));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (status, frozen));
        Assert.Contains("orchestrator.http.allowed-hosts", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(api.NodeRequests);
        Assert.Empty(api.SupervisorRequests);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "Origin: SERVER")]
    [InlineData("", "Origin: SERVER", "Sec-Fetch-Site: same-origin")]
    [InlineData("", "Sec-Fetch-Site: none")]
    [InlineData("Host: localhost:8080", "Origin: http://localhost:8080")]
    [InlineData("Host: [::1]:8080", "")]
    [InlineData("Host: 10.1.2.3", "")]
    [InlineData("Host: NODE-1:8080", "Origin: http://node-1:8080")]
    [InlineData("Host: db.example", "Origin: https://db.example", "Sec-Fetch-Site: same-origin")]
    [InlineData("", "Origin: https://db.example:444", "Sec-Fetch-Site: cross-site")]
    public async Task Our_own_clients_and_pages_go_on_working(params string[] headers)
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentWritten("a", "1.1", 1, 1), http: Named);
        var sent = Headers(headers).Select(header => (header.Name, header.Value.Replace("SERVER", api.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)));

        var (status, _, _) = await api.Send(HttpMethod.Delete, Document, null, [.. sent]);

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Documents_cannot_be_read_under_a_foreign_name_but_probes_answer_under_any()
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentFound("a", "1.1", 1, Encoding.UTF8.GetBytes("{}")));

        Assert.Equal(HttpStatusCode.Forbidden, (await api.Send(HttpMethod.Get, Document, null, ("Host", "evil.example"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Get, "/healthz", null, ("Host", "orchestrator.default.svc"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Get, Document, null, ("Origin", "http://evil.example"))).Status);
    }

    [Fact]
    public async Task Every_name_can_be_allowed()
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentWritten("a", "1.1", 1, 1), http: """allowed-hosts = ["*"]""");

        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Delete, Document, null, ("Host", "a.example"), ("Origin", "http://b.example"))).Status);
    }

    private static (string Name, string Value)[] Headers(string[] headers) =>
        [.. headers.Where(header => header.Length > 0).Select(header => header.Split(": ", 2)).Select(parts => (parts[0], parts[1]))];
}
