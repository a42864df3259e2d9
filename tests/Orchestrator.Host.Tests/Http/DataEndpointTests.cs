using System.Net;
using System.Text;
using Orchestrator.Core.Operations;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Host.Tests.Http;

public sealed class DataEndpointTests
{
    private const string Documents = "/api/v1/databases/shop/collections/orders/documents";

    [Fact]
    public async Task A_stored_document_is_answered_with_its_revision_as_ETag()
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentWritten("a", "1-x", 5, 2));

        var (status, body, response) = await api.Send(HttpMethod.Put, $"{Documents}/a", """{ "n": 1 }""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("\"1-x\"", response.Headers.ETag!.Tag);
        Assert.Equal(5, body.GetProperty("sequence").GetInt64());
        var put = Assert.IsType<PutDocument>(Assert.Single(api.NodeRequests));
        Assert.Equal(("shop", "orders", "a"), (put.Database, put.Collection, put.Id));
        Assert.Equal("""{ "n": 1 }""", Encoding.UTF8.GetString(put.Body.Span));
        Assert.Equal(WriteConcern.Majority, put.Concern);
        Assert.Null(put.ExpectedRev);
    }

    [Fact]
    public async Task A_document_has_a_bounded_number_of_fields()
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentWritten("a", "1-x", 5, 2));

        var (most, _, _) = await api.Send(HttpMethod.Put, $"{Documents}/a", WithFields(DocumentRules.MaxFields));
        var (tooMany, body, _) = await api.Send(HttpMethod.Put, $"{Documents}/a", WithFields(DocumentRules.MaxFields + 1));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (most, tooMany));
        Assert.Contains("has more than 100000 fields", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static string WithFields(int count) => $"{{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"k{i}\":{{}}"))}}}";

    [Fact]
    public async Task A_drop_is_noted_in_the_audit_trail_but_not_one_that_another_member_is_to_do()
    {
        var noted = new TaskCompletionSource<RecordOrder>();
        DataReply reply = new NotPrimary("node-2", "http://node-2:5080");
        await using var api = await ApiHost.Start(node: _ => reply, supervisor: request =>
        {
            noted.TrySetResult((RecordOrder)request);
            return new OrderRecorded(((RecordOrder)request).Number);
        });

        var (elsewhere, _, _) = await api.Send(HttpMethod.Delete, "/api/v1/databases/shop/collections/orders");
        reply = new CollectionDropped("shop", "orders");
        var (done, body, _) = await api.Send(HttpMethod.Delete, "/api/v1/databases/shop/collections/orders");

        Assert.Equal((HttpStatusCode.TemporaryRedirect, HttpStatusCode.OK), (elsewhere, done));
        Assert.Equal("orders", body.GetProperty("collection").GetString());
        var order = await noted.Task.WaitAsync(TimeSpan.FromSeconds(90));
        Assert.Equal((1, "drop-collection", "shop/orders", ""), (order.Number, order.Action, order.Detail, order.Refusal));
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("%C3%A4%20%3F", "ä ?")]
    [InlineData("a?rev=1", "a")]
    public async Task The_id_is_what_the_client_encoded(string encoded, string id)
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentMissing(id));

        var (status, body, _) = await api.Send(HttpMethod.Delete, $"{Documents}/{encoded}");

        Assert.Equal(id, Assert.IsType<DeleteDocument>(Assert.Single(api.NodeRequests)).Id);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains($"'{id}'", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b c#?%2F")]
    [InlineData("...")]
    [InlineData(".a")]
    [InlineData("a\\b/../c")]
    [InlineData(" + & ; = , ")]
    [InlineData("%2e%2e")]
    [InlineData("*:bulk")]
    [InlineData("\U0001F600 ä")]
    public async Task Every_id_that_is_taken_is_written_read_and_deleted_by_its_URL(string id)
    {
        await using var api = await ApiHost.Start(node: request => request switch
        {
            PutDocument or DeleteDocument => new DocumentWritten(id, "1-x", 5, 2),
            _ => new DocumentFound(id, "1-x", 5, Encoding.UTF8.GetBytes("{}")),
        });
        Assert.Null(Orchestrator.Storage.DocumentRules.WhyIdIsInvalid(id));
        var path = $"{Documents}/{Uri.EscapeDataString(id)}";

        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Put, path, "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Get, path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Delete, path)).Status);

        Assert.Equal([id, id, id], api.NodeRequests.Select(request => request switch
        {
            PutDocument put => put.Id,
            GetDocument get => get.Id,
            DeleteDocument delete => delete.Id,
            _ => "",
        }));
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("?rev=1-x", "", "1-x")]
    [InlineData("", "If-Match: \"1-x\"", "1-x")]
    [InlineData("", "If-None-Match: *", "")]
    public async Task Conditions_become_the_expected_revision(string query, string header, string? expected)
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentWritten("a", "2-y", 6, 2));

        await api.Send(HttpMethod.Put, $"{Documents}/a{query}", "{}", Headers(header));

        Assert.Equal(expected, Assert.IsType<PutDocument>(Assert.Single(api.NodeRequests)).ExpectedRev);
    }

    [Theory]
    [InlineData("?rev=1-x", "", HttpStatusCode.Conflict)]
    [InlineData("", "If-Match: \"1-x\"", HttpStatusCode.PreconditionFailed)]
    public async Task A_revision_that_is_not_there_is_told(string query, string header, HttpStatusCode expected)
    {
        await using var api = await ApiHost.Start(node: _ => new WriteConflict("a", "1-x", "2-y"));

        var (status, body, _) = await api.Send(HttpMethod.Put, $"{Documents}/a{query}", "{}", Headers(header));

        Assert.Equal(expected, status);
        Assert.Equal("2-y", body.GetProperty("presentRev").GetString());
    }

    [Theory]
    [InlineData("?w=2", "{}", "", "w")]
    [InlineData("?rev=", "{}", "", "rev")]
    [InlineData("?rev=1", "{}", "If-None-Match: *", "If-Match")]
    [InlineData("", "{}", "If-None-Match: \"1\"", "If-None-Match")]
    [InlineData("", "{}", "If-Match: 1-x", "If-Match")]
    [InlineData("", "[]", "", "body")]
    [InlineData("", "{", "", "body")]
    [InlineData("", "{} {}", "", "body")]
    [InlineData("", """{"a":"\ud800"}""", "", "body")]
    [InlineData("?w=x&rev=", "3", "", "w", "rev", "body")]
    public async Task Every_wrong_parameter_of_a_write_is_named(string query, string body, string header, params string[] fields)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, problem, _) = await api.Send(HttpMethod.Put, $"{Documents}/a{query}", body, Headers(header));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(fields, problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
        Assert.Empty(api.NodeRequests);
    }

    [Fact]
    public async Task An_id_that_is_too_long_is_refused()
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Documents}/{new string('x', 513)}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("id", body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_document_is_answered_byte_for_byte()
    {
        const string text = """{ "n" : 1.0 }""";
        await using var api = await ApiHost.Start(node: _ => new DocumentFound("a", "1-x", 5, Encoding.UTF8.GetBytes(text)));

        using var response = await api.Client.GetAsync(new Uri($"{Documents}/a?from=any", UriKind.Relative));

        Assert.Equal(text, await response.Content.ReadAsStringAsync());
        Assert.Equal("\"1-x\"", response.Headers.ETag!.Tag);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.True(Assert.IsType<GetDocument>(Assert.Single(api.NodeRequests)).FromAnyMember);
    }

    [Fact]
    public async Task A_secondary_redirects_to_the_same_target_on_the_primary()
    {
        await using var api = await ApiHost.Start(node: _ => new NotPrimary("node-2", "http://127.0.0.1:9"));

        var (status, body, response) = await api.Send(HttpMethod.Put, $"{Documents}/a%2Fb?w=1", "{}");

        Assert.Equal(HttpStatusCode.TemporaryRedirect, status);
        Assert.Equal($"http://127.0.0.1:9{Documents}/a%2Fb?w=1", response.Headers.Location!.OriginalString);
        Assert.Equal("not-primary", body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Without_a_primary_the_client_is_asked_to_come_back()
    {
        await using var api = await ApiHost.Start(node: _ => new NotPrimary("", ""));

        var (status, _, response) = await api.Send(HttpMethod.Put, $"{Documents}/a", "{}");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
    }

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(2.1, 3)]
    public async Task Retry_after_is_in_whole_seconds_rounded_up(double seconds, int expected)
    {
        await using var api = await ApiHost.Start(node: _ => new DataUnavailable("busy", TimeSpan.FromSeconds(seconds)));

        var (status, body, response) = await api.Send(HttpMethod.Get, $"{Documents}/a");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("busy", body.GetProperty("detail").GetString());
        Assert.Equal(TimeSpan.FromSeconds(expected), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_write_without_a_majority_in_time_is_a_gateway_timeout()
    {
        await using var api = await ApiHost.Start(node: _ => new WriteNotConfirmed("1 of 3 members"));

        var (status, body, _) = await api.Send(HttpMethod.Put, $"{Documents}/a", "{}");

        Assert.Equal(HttpStatusCode.GatewayTimeout, status);
        Assert.Equal("not-confirmed", body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_missing_collection_is_named()
    {
        await using var api = await ApiHost.Start(node: _ => new CollectionMissing("shop", "orders"));

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Documents}/a");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("shop/orders", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_node_finds_wrong_names_its_field()
    {
        await using var api = await ApiHost.Start(node: _ => new DataInvalid("database", "must not begin with '.'"));

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Documents}/a");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("database", body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("The JSON path '$.' is not valid. (Parameter 'jsonPath')", "jsonPath: The JSON path '$.' is not valid.")]
    [InlineData("Index and length must refer to a location within the string. (Parameter 'length')", "an unexpected error; the log has the details")]
    public async Task A_text_of_the_platform_never_reaches_a_caller(string text, string shown)
    {
        await using var api = await ApiHost.Start(node: _ => new DataInvalid("jsonPath", text));

        var (_, body, _) = await api.Send(HttpMethod.Get, $"{Documents}/a");

        Assert.Equal(shown, body.GetProperty("detail").GetString());
        Assert.DoesNotContain("Parameter", body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_without_a_node_says_so()
    {
        await using var api = await ApiHost.Start();

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Documents}/a");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("no database node", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bulk_stores_by_the_ids_in_its_lines_and_takes_no_field_for_a_deletion()
    {
        await using var api = await ApiHost.Start(node: _ => new BulkWritten(3, 9, 1) { Created = 2, Replaced = 1 });

        var (status, body, _) = await api.Send(
            HttpMethod.Post, $"{Documents}:bulk?w=1", "{\"_id\":\"a\",\"n\":1}\r\n\n{\"id\":7}\n{\"_id\":\"c\",\"_deleted\":true}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((3, 2), (body.GetProperty("count").GetInt32(), body.GetProperty("created").GetInt32()));
        var bulk = Assert.IsType<WriteBulk>(Assert.Single(api.NodeRequests));
        Assert.Equal(WriteConcern.Primary, bulk.Concern);
        Assert.Equal(["a", "7", "c"], bulk.Writes.Select(write => write.Id));
        Assert.Equal(["""{"_id":"a","n":1}""", """{"id":7}""", """{"_id":"c","_deleted":true}"""], bulk.Writes.Select(write => Encoding.UTF8.GetString(write.Body.Span)));
    }

    [Fact]
    public async Task A_bulk_of_ids_deletes_also_ids_that_no_new_document_may_have()
    {
        await using var api = await ApiHost.Start(node: _ => new BulkWritten(2, 9, 1) { Deleted = 2 });

        var (status, body, _) = await api.Send(HttpMethod.Post, $"{Documents}:delete", "{\"_id\":\"a\"}\n{\"_id\":\"..\"}");

        Assert.Equal((HttpStatusCode.OK, 2), (status, body.GetProperty("deleted").GetInt32()));
        var bulk = Assert.IsType<WriteBulk>(Assert.Single(api.NodeRequests));
        Assert.Equal(["a", ".."], bulk.Writes.Select(write => write.Id));
        Assert.All(bulk.Writes, write => Assert.True(write.Body.IsEmpty));
    }

    [Theory]
    [InlineData("{\"_id\":\"a\"}\n{\"_id\":\"b\",\"t\":\"\u00E9\"}", "line 2", "not UTF-8: byte 17 (0xE9)")]
    [InlineData("{\"_id\":\"b\u00E9\"}", "line 1", "not UTF-8: byte 10 (0xE9)")]
    [InlineData("{\"_id\":\"a\",\"v\":1,\"v\":2}", "line 1", "'v' twice")]
    [InlineData("{\"_id\":\"..\"}", "line 1", "cannot be part of a URL")]
    [InlineData("{\n\"_id\": \"a\"\n}", "line 1", "one document per line")]
    [InlineData("{\"_id\":\"a\",\"v\":oops}", "line 1", "not valid JSON at byte 16")]
    public async Task A_line_of_a_bulk_that_is_refused_is_told_what_is_wrong_and_where(string latin1, string line, string expected)
    {
        await using var api = await ApiHost.Start(node: _ => new object());
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(latin1)) { Headers = { ContentType = new("application/x-ndjson") } };

        using var response = await api.Client.PostAsync(new Uri($"{Documents}:bulk", UriKind.Relative), content);

        var error = System.Text.Json.JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("errors")[0];
        Assert.Equal((HttpStatusCode.BadRequest, line), (response.StatusCode, error.GetProperty("field").GetString()));
        Assert.Contains(expected, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(api.NodeRequests);
    }

    [Theory]
    [InlineData("a", "{\"t\":\"\u00E9\"}", "body", "not UTF-8: byte 7 (0xE9)")]
    [InlineData("a", "{\"v\":1,\"v\":2}", "body", "'v' twice")]
    [InlineData("a", "{\"_id\":\"b\"}", "body", "the field _id must be the document's id 'a'")]
    [InlineData("%E9", "{}", "id", "not UTF-8")]
    public async Task A_document_that_is_refused_is_told_what_is_wrong_and_where(string id, string latin1, string field, string expected)
    {
        await using var api = await ApiHost.Start(node: _ => new object());
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(latin1)) { Headers = { ContentType = new("application/json") } };

        using var response = await api.Client.PutAsync(new Uri($"{Documents}/{id}", UriKind.Relative), content);

        var error = System.Text.Json.JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("errors")[0];
        Assert.Equal((HttpStatusCode.BadRequest, field), (response.StatusCode, error.GetProperty("field").GetString()));
        Assert.Contains(expected, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(api.NodeRequests);
    }

    [Theory]
    [InlineData("PUT", "{}")]
    [InlineData("PUT", "{\"_id\":\"..\"}")]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    public async Task A_URL_with_dot_segments_never_reaches_the_collection(string method, string body)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        foreach (var id in (string[])[".", "..", "%2E", "%2e%2E", ".%2e"])
        {
            var status = await RawRequest.Send(api.Address, $"{method} {Documents}/{id} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {body.Length}", body);
            Assert.Equal(400, status);
        }

        // What clients make of it before they send it.
        foreach (var path in (string[])["/api/v1/databases/shop/collections/orders/", $"{Documents}/"])
        {
            var status = await RawRequest.Send(api.Address, $"{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {body.Length}", body);
            Assert.Equal(404, status);
        }

        Assert.Empty(api.NodeRequests);
    }

    [Fact]
    public async Task Every_wrong_line_of_a_bulk_is_named_and_nothing_is_written()
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(
            HttpMethod.Post, $"{Documents}:bulk", "{\"_id\":\"a\"}\n{\"n\":1}\n\n[]\n{\"_id\":true}\n{\"_id\":\"b\"");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            ["line 2", "line 4", "line 5", "line 6"],
            body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
        Assert.Empty(api.NodeRequests);
    }

    [Fact]
    public async Task A_bulk_has_a_limit_of_documents()
    {
        await using var api = await ApiHost.Start(node: _ => new object());
        var lines = string.Join('\n', Enumerable.Range(1, 10_001).Select(i => $"{{\"id\":{i}}}"));

        var (status, body, _) = await api.Send(HttpMethod.Post, $"{Documents}:bulk", lines);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("line 10001", body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    public async Task An_empty_bulk_is_refused(string text)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        Assert.Equal(HttpStatusCode.BadRequest, (await api.Send(HttpMethod.Post, $"{Documents}:bulk", text)).Status);
    }

    private static (string Name, string Value)[] Headers(string header) =>
        header.Split(": ", 2) is [var name, var value] ? [(name, value)] : [];
}
