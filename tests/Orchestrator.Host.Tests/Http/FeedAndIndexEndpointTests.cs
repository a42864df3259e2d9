using System.Net;
using System.Text;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Host.Tests.Http;

public sealed class FeedAndIndexEndpointTests
{
    private const string Collection = "/api/v1/databases/shop/collections/orders";

    [Fact]
    public async Task A_client_reads_changes_with_its_parameters()
    {
        await using var api = await ApiHost.Start(node: _ => Samples2.Changes);

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Collection}/changes?since=4&limit=10&wait=0.5");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            new ReadChanges("shop", "orders", 4, 10, TimeSpan.FromSeconds(0.5), new FeedReader.Client()),
            Assert.Single(api.NodeRequests));
        Assert.Equal("a", body.GetProperty("changes")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_member_reads_what_the_feed_client_understands()
    {
        await using var api = await ApiHost.Start(node: _ => Samples2.Changes);
        using var feeds = HttpFeedClient.Create();
        var question = new ReadChanges("shop", "orders", 4, 10, TimeSpan.Zero, new FeedReader.Member("node-2", 3, 2));

        var answer = await feeds.ReadChangesAsync(Base(api), question, CancellationToken.None);

        Assert.Equal(question, Assert.Single(api.NodeRequests));
        var read = Assert.IsType<ChangesRead>(answer);
        Assert.Equal(Samples2.Changes.Term, read.Term);
        Assert.Equal("a", Assert.Single(read.Batch.Changes).Id);
        Assert.Equal("""{"n":1}""", Encoding.UTF8.GetString(read.Batch.Changes[0].Body.Span));
    }

    [Fact]
    public async Task A_member_reads_one_version()
    {
        await using var api = await ApiHost.Start(node: _ => Samples2.Changes);
        using var feeds = HttpFeedClient.Create();
        var question = new ReadVersion("shop", "orders", "a/ä", new FeedReader.Member("node-2", 3, 2));

        Assert.IsType<ChangesRead>(await feeds.ReadVersionAsync(Base(api), question, CancellationToken.None));

        Assert.Equal(question, Assert.Single(api.NodeRequests));
    }

    public static TheoryData<DataReply> Refusals =>
    [
        new TermStale(7),
        new HistoryParted(12, 7),
        new CollectionMissing("shop", "orders"),
        new DataUnavailable("catches up", TimeSpan.FromSeconds(2)),
        new NotPrimary("", "http://127.0.0.1:9"),
    ];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusals_reach_a_member_as_they_were_meant(DataReply refusal)
    {
        await using var api = await ApiHost.Start(node: _ => refusal);
        using var feeds = HttpFeedClient.Create();

        var answer = await feeds.ReadChangesAsync(
            Base(api), new ReadChanges("shop", "orders", 0, 10, TimeSpan.Zero, new FeedReader.Member("node-2", 3, 2)), CancellationToken.None);

        Assert.Equal(refusal, answer);
    }

    [Theory]
    [InlineData("since=-1", "since")]
    [InlineData("since=x&limit=0&wait=61", "since", "limit", "wait")]
    [InlineData("limit=10001", "limit")]
    [InlineData("member=node-2", "member")]
    [InlineData("id=a", "id")]
    public async Task Every_wrong_parameter_is_named(string query, params string[] fields)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Collection}/changes?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(fields, body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task A_summary_tells_count_and_checksum()
    {
        await using var api = await ApiHost.Start(node: _ => new CollectionSummary(3, "abc", 9));

        var (_, body, _) = await api.Send(HttpMethod.Get, $"{Collection}/summary");

        Assert.Equal("""{"documents":3,"checksum":"abc","lastSequence":9}""", body.GetRawText());
    }

    [Fact]
    public async Task An_index_is_defined_by_its_path()
    {
        await using var api = await ApiHost.Start(node: request => new IndexDefined(((PutIndex)request).Name, ((PutIndex)request).JsonPath));

        var (status, body, _) = await api.Send(HttpMethod.Put, $"{Collection}/indexes/by-city", """{"path":"$.customer.city"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("$.customer.city", body.GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("{}", "path")]
    [InlineData("""{"path":"$.a","unique":true}""", "unique")]
    [InlineData("[]", "body")]
    public async Task A_wrong_definition_is_refused(string text, string field)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(HttpMethod.Put, $"{Collection}/indexes/by-city", text);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("key=Berlin", "\"Berlin\"", "", "")]
    [InlineData("key=%225%22", "\"5\"", "", "")]
    [InlineData("key=5", "5", "", "")]
    [InlineData("key=null", "null", "", "")]
    [InlineData("from=2&to=say%20%22hi%22", "", "2", "\"say \\u0022hi\\u0022\"")]
    [InlineData("", "", "", "")]
    public async Task Keys_are_scalars_or_stand_for_strings(string query, string key, string from, string to)
    {
        await using var api = await ApiHost.Start(node: _ => new IndexEntriesRead([new IndexEntry("\"Berlin\"", "a")], "7.x"));

        var (_, body, _) = await api.Send(HttpMethod.Get, $"{Collection}/indexes/by-city/entries?{query}");

        Assert.Equal(new ReadIndexEntries("shop", "orders", "by-city", key, from, to, 100), Assert.Single(api.NodeRequests));
        Assert.Equal("""{"entries":[{"key":"Berlin","id":"a"}],"next":"7.x"}""", body.GetRawText());
    }

    [Theory]
    [InlineData("key=1&from=2", "key")]
    [InlineData("key=[1]", "key")]
    [InlineData("limit=0", "limit")]
    public async Task A_look_up_that_makes_no_sense_is_refused(string query, string field)
    {
        await using var api = await ApiHost.Start(node: _ => new object());

        var (status, body, _) = await api.Send(HttpMethod.Get, $"{Collection}/indexes/by-city/entries?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_missing_index_is_named()
    {
        await using var api = await ApiHost.Start(node: _ => new IndexMissing("by-cty"));

        var (status, body, _) = await api.Send(HttpMethod.Delete, $"{Collection}/indexes/by-cty");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("by-cty", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static string Base(ApiHost api) => api.Address.GetLeftPart(UriPartial.Authority);

    private static class Samples2
    {
        public static ChangesRead Changes { get; } = new(
            new ChangeBatch(
                Since: 4,
                SinceTerm: 3,
                Through: 5,
                Changes: [new ChangeRecord(5, "a", "1-x", 3, null, """{"n":1}"""u8.ToArray())],
                Terms: [new TermStart(3, 5)],
                Last: new FeedPosition(3, 5),
                PurgedThrough: 0),
            3,
            4);
    }
}
