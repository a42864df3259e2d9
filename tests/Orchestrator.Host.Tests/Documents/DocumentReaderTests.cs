using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Orchestrator.Host.Documents;

namespace Orchestrator.Host.Tests.Documents;

public sealed class DocumentReaderTests
{
    [Theory]
    [InlineData("""[{"_id":"a","n":1},{"id":"b"},{"id":3}]""")]
    [InlineData("\uFEFF \r\n [\n {\"_id\": \"a\", \"n\": 1}, {\"id\": \"b\"},\n {\"id\": 3}\n]\n")]
    [InlineData("{\"_id\":\"a\",\"n\":1}\n{\"id\":\"b\"}\n{\"id\":3}")]
    [InlineData("\uFEFF{\"_id\":\"a\",\"n\":1}\r\n\r\n  {\"id\":\"b\"}\t\n{\"id\":3}\n\n")]
    public async Task Arrays_and_lines_give_the_same_documents(string text)
    {
        var documents = await Read(text);

        Assert.Equal(["a", "b", "3"], documents.Select(document => document.Id));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"_id":"a","n":1}"""), JsonElement.Parse(documents[0].Body.Span)));
    }

    [Theory]
    [InlineData("[{\"n\":1},{\"n\":1},{}]")]
    [InlineData("{\"n\":1}\n{\"n\":1}\n{ }")]
    public async Task Documents_without_an_id_get_one_that_they_carry(string text)
    {
        var first = await Read(text);
        var second = await Read(text);

        Assert.Equal(3, first.Select(document => document.Id).Distinct().Count());
        Assert.Equal(first.Select(document => document.Id), second.Select(document => document.Id));
        Assert.All(first, document =>
            Assert.Equal(document.Id, JsonElement.Parse(document.Body.Span).GetProperty("_id").GetString()));
        Assert.Equal(1, JsonElement.Parse(first[0].Body.Span).GetProperty("n").GetInt32());
    }

    [Theory]
    [InlineData("", "no document")]
    [InlineData("  \n\n", "no document")]
    [InlineData("[]", "no document")]
    [InlineData("[{}", "line 1")]
    [InlineData("[{},3]", "element 1")]
    [InlineData("[{},{\"_id\":{}}]", "element 1")]
    [InlineData("{}\n\n[1]", "line 3")]
    [InlineData("{}\n{\"a\":}", "line 2")]
    [InlineData("{\"id\":\"\"}", "line 1")]
    [InlineData("{\"id\":1.5}", "line 1")]
    [InlineData("hello", "line 1")]
    public async Task What_is_wrong_is_named_with_its_place(string text, string place)
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Read(text));

        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("input", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Documents_may_arrive_in_pieces_of_any_size(int size)
    {
        var text = string.Join('\n', Enumerable.Range(0, 50).Select(i => $"{{\"_id\":\"d{i}\",\"text\":\"äöü\"}}"));
        await using var stream = new SlowStream(Encoding.UTF8.GetBytes(text), size);

        var documents = new List<InputDocument>();
        await foreach (var document in DocumentReader.Read(stream, "input", CancellationToken.None))
        {
            documents.Add(document);
        }

        Assert.Equal(50, documents.Count);
        Assert.Equal("d49", documents[^1].Id);
    }

    [Fact]
    public async Task Batches_are_bounded_in_number_and_size()
    {
        var large = new string('x', 3 << 20);
        var text = string.Join('\n', [.. Enumerable.Range(0, 1500).Select(i => $"{{\"id\":{i}}}"), .. Enumerable.Range(2000, 3).Select(i => $"{{\"id\":{i},\"t\":\"{large}\"}}")]);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));

        var sizes = new List<int>();
        await foreach (var batch in BulkBatches.Of(DocumentReader.Read(stream, "input", CancellationToken.None), CancellationToken.None))
        {
            sizes.Add(batch.Documents.Count);
        }

        Assert.Equal([1000, 501, 1, 1], sizes);
    }

    [Theory]
    [InlineData("[{\"_id\":\"l1\",\"a\":\"M\u00FCller\"}]", "input, element 0: is not UTF-8: byte 19 (0xFC)")]
    [InlineData("{\"_id\":\"ok\"}\n{\"_id\":\"u1\",\"a\":\"x\u00E9y\"}", "input, line 2: is not UTF-8: byte 19 (0xE9)")]
    [InlineData("{\"_id\":\"b\u00E9\",\"a\":2}", "input, line 1: is not UTF-8: byte 10 (0xE9)")]
    [InlineData("[{\"_id\":\"b\u00E9\",\"a\":2}]", "input, element 0: is not UTF-8: byte 10 (0xE9)")]
    [InlineData("[{\"a\":1},{\"v\":5,\"v\":6}]", "input, element 1: has the field 'v' twice")]
    [InlineData("{\"v\":5,\"v\":6}", "input, line 1: has the field 'v' twice")]
    [InlineData("{\"_id\":\"..\"}", "input, line 1: the field _id: the id '..' cannot be part of a URL")]
    [InlineData("{\n  \"_id\": \"a\",\n  \"n\": 1\n}", "input, line 1: ends in the middle of its object; give one document per line, or all of them in one array")]
    public async Task What_cannot_be_stored_is_refused_before_it_is_sent(string latin1, string expected)
    {
        using var stream = new MemoryStream(Encoding.Latin1.GetBytes(latin1));

        var error = await Assert.ThrowsAsync<InputException>(() => ReadAll(stream));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elements_of_an_array_are_taken_byte_for_byte_on_one_line()
    {
        var levels = $"{new string('[', 62)}{new string(']', 62)}";
        var documents = await Read($"[{{\"_id\": \"a\",\r\n \"n\" : 1.0, \"t\":\"ü\\n\"}}, {{\"_id\":\"b\",\"deep\":[{levels}]}}]");

        Assert.Equal("{\"_id\": \"a\",   \"n\" : 1.0, \"t\":\"ü\\n\"}", Encoding.UTF8.GetString(documents[0].Body.Span));
        Assert.Equal("b", documents[1].Id);
        var error = await Assert.ThrowsAsync<InputException>(() => Read($"[{{\"deep\":[[{levels}]]}}]"));
        Assert.Contains("element 0: has more than 64 levels", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Reading_a_pipe_to_which_nobody_writes_can_be_ended()
    {
        Skip.If(OperatingSystem.IsWindows(), "It has no such pipes.");
        using var directory = new TemporaryDirectory();
        var pipe = Path.Combine(directory.Path, "pipe");
        await Process.Start("mkfifo", pipe).WaitForExitAsync();
        using var end = new CancellationTokenSource();
        await using var documents = DocumentReader.ReadFile(pipe, end.Token).GetAsyncEnumerator();
        var first = documents.MoveNextAsync().AsTask();

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(TimeSpan.FromSeconds(60)));

        // Somebody who writes lets go of the thread that still waits.
        await File.WriteAllTextAsync(pipe, "");
    }

    [Fact]
    public async Task Waiting_for_standard_input_can_be_ended()
    {
        using var end = new CancellationTokenSource();
        await using var documents = DocumentReader.Read(new SilentStream(), "standard input", end.Token).GetAsyncEnumerator();
        var first = documents.MoveNextAsync().AsTask();

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private static async Task<List<InputDocument>> Read(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await ReadAll(stream);
    }

    private static async Task<List<InputDocument>> ReadAll(Stream stream)
    {
        var documents = new List<InputDocument>();
        await foreach (var document in DocumentReader.Read(stream, "input", CancellationToken.None))
        {
            documents.Add(document);
        }

        return documents;
    }

    /// <summary>Nothing comes, and a read does not end when it is cancelled.</summary>
    private sealed class SilentStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(new TaskCompletionSource<int>().Task);
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
