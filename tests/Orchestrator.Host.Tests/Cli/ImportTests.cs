using System.Text;
using System.Text.Json;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

public sealed class ImportTests
{
    [Fact]
    public async Task Documents_are_written_in_bulks()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("in.ndjson", string.Join('\n', Enumerable.Range(1, 2500).Select(i => $"{{\"id\":{i}}}")));
        await using var api = await ApiHost.Start(node: request => new BulkWritten(((WriteBulk)request).Writes.Count, 1, 1));

        var (code, output, error) = await CliHarness.Run(
            "import", file, "--database", "d", "--collection", "c", "--output", "json", "--server", api.Address.ToString());

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(2500, JsonElement.Parse(output).GetProperty("documents").GetInt64());
        var bulks = api.NodeRequests.Cast<WriteBulk>().ToList();
        Assert.True(bulks.Count > 1);
        Assert.Equal(Enumerable.Range(1, 2500).Select(i => $"{i}"), bulks.SelectMany(bulk => bulk.Writes).Select(write => write.Id));
        Assert.All(bulks, bulk => Assert.Equal(WriteConcern.Majority, bulk.Concern));
    }

    [Fact]
    public async Task The_client_follows_to_the_primary_by_itself()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("in.json", """[{"a":1}]""");
        await using var primary = await ApiHost.Start(node: request => new BulkWritten(((WriteBulk)request).Writes.Count, 1, 1));
        await using var secondary = await ApiHost.Start(node: _ => new NotPrimary("node-1", primary.Address.GetLeftPart(UriPartial.Authority)));

        var (code, _, _) = await CliHarness.Run("import", file, "--database", "d", "--collection", "c", "--server", secondary.Address.ToString());

        Assert.Equal(0, code);
        var write = Assert.Single(Assert.IsType<WriteBulk>(Assert.Single(primary.NodeRequests)).Writes);
        Assert.Contains("\"a\":1", Encoding.UTF8.GetString(write.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_created_replaced_and_unchanged_is_counted()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("in.ndjson", """
            {"id":5}
            {"id":"5"}
            {"_id":"x","_deleted":true}
            """);
        await using var api = await ApiHost.Start(node: _ => new BulkWritten(2, 3, 1) { Created = 20_000, Replaced = 1, Unchanged = 1 });

        var (code, output, _) = await CliHarness.Run("import", file, "--database", "d", "--collection", "c", "--server", api.Address.ToString());

        Assert.Equal(0, code);
        Assert.Contains("3 documents (48 B) imported into d/c: 20,000 created, 1 replaced, 1 unchanged.", output, StringComparison.Ordinal);
        Assert.Equal(["5", "5", "x"], Assert.IsType<WriteBulk>(Assert.Single(api.NodeRequests)).Writes.Select(write => write.Id));
        Assert.All(((WriteBulk)api.NodeRequests[0]).Writes, write => Assert.False(write.Body.IsEmpty));
    }

    [Fact]
    public async Task A_line_that_is_broken_ends_the_import_after_all_that_stand_before_it()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("in.ndjson", $"{string.Join('\n', Enumerable.Range(1, 2500).Select(i => $"{{\"_id\":\"d{i}\"}}"))}\n{{\"_id\": \"d26\", \"n\"");
        await using var api = await ApiHost.Start(node: request => new BulkWritten(((WriteBulk)request).Writes.Count, 1, 1));

        var (code, _, error) = await CliHarness.Run("import", file, "--database", "d", "--collection", "c", "--server", api.Address.ToString());

        Assert.Equal(1, code);
        Assert.Contains("line 2501: ends in the middle of its object", error, StringComparison.Ordinal);
        Assert.Contains("The first 2,500 documents of the input are stored, the others are not. To continue, repeat the import", error, StringComparison.Ordinal);
        Assert.Equal(2500, api.NodeRequests.Cast<WriteBulk>().Sum(bulk => bulk.Writes.Count));
    }

    [Fact]
    public async Task A_server_that_fails_in_the_middle_does_not_hide_what_is_stored()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("in.ndjson", string.Join('\n', Enumerable.Range(1, 2500).Select(i => $"{{\"id\":{i}}}")));
        var bulks = 0;
        await using var api = await ApiHost.Start(node: _ => ++bulks == 1 ? new BulkWritten(1000, 1, 1) : new DataUnavailable("the disk is full", TimeSpan.FromSeconds(1)));

        var (code, _, error) = await CliHarness.Run("import", file, "--database", "d", "--collection", "c", "--server", api.Address.ToString());

        Assert.Equal(4, code);
        Assert.Contains("The disk is full. The first 1,000 documents of the input are stored", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{\"a\":1}, 2]", "element 1")]
    [InlineData("{\"a\":1}\n{oops}", "line 2")]
    [InlineData("", "no document")]
    public async Task Unreadable_input_is_told_in_one_sentence(string text, string place)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("in.json", text);
        await using var api = await ApiHost.Start(node: _ => new BulkWritten(1, 1, 1));

        var (code, _, error) = await CliHarness.Run("import", file, "--database", "d", "--collection", "c", "--server", api.Address.ToString());

        Assert.Equal(1, code);
        Assert.Contains(place, error, StringComparison.Ordinal);
        Assert.EndsWith("Nothing is stored.", error.Trim(), StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Empty(api.NodeRequests);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var (code, _, error) = await CliHarness.Run("import", "/nowhere/x.json", "--database", "d", "--collection", "c");

        Assert.Equal(2, code);
        Assert.Contains("/nowhere/x.json", error, StringComparison.Ordinal);
    }
}
