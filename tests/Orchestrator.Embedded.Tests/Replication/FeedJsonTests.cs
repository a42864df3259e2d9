using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Replication;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Embedded.Tests.Replication;

public sealed class FeedJsonTests
{
    private static readonly ChangesRead Example = new(
        new ChangeBatch(
            10,
            2,
            13,
            [
                new ChangeRecord(11, "a/ü\"", "1-x", 3, null, Encoding.UTF8.GetBytes("{ \"n\" : 1.50, \"s\":\"\\u00e4\" }")),
                new ChangeRecord(13, "b", "2-y", 3, new DateTimeOffset(2026, 1, 31, 12, 0, 0, 250, TimeSpan.Zero), default),
            ],
            [new TermStart(3, 11)],
            new FeedPosition(3, 20),
            5)
        {
            History = [new HistoryPoint(10, UInt128.MaxValue), new HistoryPoint(13, 7)],
        },
        3,
        9);

    [Fact]
    public void A_piece_of_a_feed_survives_the_wire_byte_for_byte()
    {
        var read = FeedJson.Read(Written(Example));

        Assert.Equal(Example.Term, read.Term);
        Assert.Equal(Example.HeldByAllThrough, read.HeldByAllThrough);
        Assert.Equal(Example.Batch.Terms, read.Batch.Terms);
        Assert.Equal(Example.Batch.History, read.Batch.History);
        Assert.Equal(
            Example.Batch with { Changes = [], Terms = [], History = [] }, read.Batch with { Changes = [], Terms = [], History = [] });
        foreach (var (expected, actual) in Example.Batch.Changes.Zip(read.Batch.Changes))
        {
            Assert.Equal(expected with { Body = default }, actual with { Body = default });
            Assert.True(expected.Body.Span.SequenceEqual(actual.Body.Span));
        }
    }

    [Fact]
    public void A_source_that_knows_no_checksum_tells_none()
    {
        var written = Written(Example with { Batch = Example.Batch with { History = [] } });

        Assert.DoesNotContain("history", Encoding.UTF8.GetString(written.Span), StringComparison.Ordinal);
        Assert.Empty(FeedJson.Read(written).Batch.History);
    }

    [Fact]
    public void The_deepest_document_that_is_allowed_is_replicated()
    {
        var body = Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', 63)}{new string(']', 63)}}}");
        Assert.Null(Orchestrator.Storage.DocumentRules.WhyBodyIsInvalid(body));

        var read = FeedJson.Read(Written(Example with { Batch = Example.Batch with { Changes = [new ChangeRecord(11, "a", "1-x", 3, null, body)] } }));

        Assert.True(body.AsSpan().SequenceEqual(read.Batch.Changes[0].Body.Span));
    }

    [Theory]
    [InlineData("{}", "terms")]
    [InlineData("{\"terms\":[{}],\"changes\":[]}", "term")]
    [InlineData("{\"terms\":[],\"changes\":[{\"deleted\":false}]}", "seq")]
    [InlineData("{\"terms\":[],\"changes\":[{\"deleted\":\"no\"}]}", "deleted")]
    [InlineData("{\"terms\":[],\"changes\":[]}", "since")]
    public void What_is_missing_is_named(string text, string missing)
    {
        var error = Assert.Throws<JsonException>(() => FeedJson.Read(Encoding.UTF8.GetBytes(text)));

        Assert.Contains($"'{missing}'", error.Message, StringComparison.Ordinal);
    }

    private static ReadOnlyMemory<byte> Written(ChangesRead read)
    {
        var output = new ArrayBufferWriter<byte>();
        FeedJson.Write(output, read);
        return output.WrittenMemory;
    }
}
