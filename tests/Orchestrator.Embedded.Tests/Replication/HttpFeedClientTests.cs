using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Tests.Replication;

public sealed class HttpFeedClientTests
{
    private static readonly ReadChanges Question = new(
        "shop", "orders", 7, 100, TimeSpan.FromSeconds(1.5), new FeedReader.Member("node 2", 3, 2, 5));

    [Fact]
    public async Task The_question_names_the_collection_the_reader_and_what_it_has()
    {
        var (client, handler) = Answering(HttpStatusCode.NotFound, "{}");

        await client.ReadChangesAsync("http://127.0.0.1:1", Question, CancellationToken.None);

        Assert.Equal(
            "http://127.0.0.1:1/api/v1/databases/shop/collections/orders/changes?since=7&limit=100&wait=1.5&member=node%202&term=3&lastTerm=2&confirmed=5",
            handler.Asked!.AbsoluteUri);
    }

    [Fact]
    public async Task Changes_are_read()
    {
        var output = new ArrayBufferWriter<byte>();
        FeedJson.Write(output, new ChangesRead(new ChangeBatch(7, 2, 7, [], [], new FeedPosition(2, 7), 0), 3, 7));
        var (client, _) = Answering(HttpStatusCode.OK, Encoding.UTF8.GetString(output.WrittenSpan));

        var answer = await client.ReadChangesAsync("http://127.0.0.1:1", Question, CancellationToken.None);

        Assert.Equal(7, Assert.IsType<ChangesRead>(answer).Batch.Through);
    }

    [Fact]
    public async Task Each_refusal_is_understood()
    {
        Assert.Equal(new TermStale(9), await Ask(HttpStatusCode.Conflict, "{\"promisedTerm\":9}"));
        Assert.Equal(
            new HistoryParted(0, 9) { Difference = "it has lost changes" },
            await Ask(HttpStatusCode.Gone, "{\"commonSequence\":0,\"term\":9,\"difference\":\"it has lost changes\"}"));
        Assert.Equal(new HistoryParted(4, 9), await Ask(HttpStatusCode.Gone, "{\"commonSequence\":4,\"term\":9}"));
        Assert.Equal(new CollectionMissing("shop", "orders"), await Ask(HttpStatusCode.NotFound, "{}"));
        Assert.Equal(new DataUnavailable("busy", TimeSpan.FromSeconds(2)), await Ask(HttpStatusCode.ServiceUnavailable, "{\"detail\":\"busy\"}"));
        Assert.Equal(new NotPrimary("", "http://127.0.0.1:2"), await Ask(HttpStatusCode.TemporaryRedirect, ""));
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "no JSON")]
    [InlineData(HttpStatusCode.Gone, "{}")]
    [InlineData(HttpStatusCode.InternalServerError, "{}")]
    public async Task What_cannot_be_understood_counts_as_no_answer(HttpStatusCode status, string body)
    {
        var error = await Assert.ThrowsAsync<FeedUnreachableException>(() => Ask(status, body));

        Assert.Contains("/databases/shop/collections/orders/changes", error.Message, StringComparison.Ordinal);
    }

    private static Task<DataReply> Ask(HttpStatusCode status, string body) =>
        Answering(status, body).Client.ReadChangesAsync("http://127.0.0.1:1", Question, CancellationToken.None);

    private static (HttpFeedClient Client, Handler Handler) Answering(HttpStatusCode status, string body)
    {
        var handler = new Handler(status, body);
        return (new HttpFeedClient(new HttpClient(handler)), handler);
    }

    private sealed class Handler(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public Uri? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request.RequestUri;
            var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(2));
            response.Headers.Location = new Uri("http://127.0.0.1:2/api/v1/somewhere");
            return Task.FromResult(response);
        }
    }
}
