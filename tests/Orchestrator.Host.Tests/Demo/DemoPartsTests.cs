using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Documents;

namespace Orchestrator.Host.Tests.Demo;

public sealed class DemoPartsTests
{
    [Fact]
    public async Task Generated_documents_are_the_same_every_time_and_of_varied_size()
    {
        var first = await Collect(DocumentGenerator.Generate(2000));
        var second = await Collect(DocumentGenerator.Generate(2000));

        Assert.Equal(first.Select(Text), second.Select(Text));
        Assert.Equal(2000, first.Select(document => document.Id).Distinct().Count());
        var sizes = first.Select(document => document.Body.Length).Order().ToList();
        Assert.InRange(sizes.Average(), DocumentGenerator.AverageBytes * 0.7, DocumentGenerator.AverageBytes * 1.3);
        Assert.InRange(sizes[0], 200, 600);
        Assert.InRange(sizes[^1], 8_000, 24_000);
    }

    [Fact]
    public void Indexes_are_on_the_scalar_fields_that_most_documents_have()
    {
        var chooser = new IndexChooser();
        foreach (var text in (string[])[
            """{"_id":"1","rare":1,"US Gross":5,"Title":"a","tags":[],"Year":1990}""",
            """{"_id":"2","Title":"b","US Gross":5,"tags":[],"Year":1991}""",
            """{"_id":"3","Title":"c","US Gross":5,"Year":null}"""])
        {
            chooser.Look(new InputDocument("x", Encoding.UTF8.GetBytes(text)));
        }

        Assert.Equal([("by-Title", "$.Title"), ("by-Year", "$.Year")], chooser.Choose());
    }

    [Fact]
    public void Documents_without_such_fields_get_two_indexes_nevertheless()
    {
        var chooser = new IndexChooser();
        chooser.Look(new InputDocument("x", "{\"_id\":\"x\",\"a\":{}}"u8.ToArray()));

        Assert.Equal(2, chooser.Choose().Count);
    }

    [Fact]
    public void A_write_is_lost_if_it_is_missing_changed_or_back_after_its_deletion()
    {
        var writes = new AcknowledgedWrites();
        writes.Stored("kept", "1"u8);
        writes.Stored("missing", "1"u8);
        writes.Stored("changed", "1"u8);
        writes.Stored("deleted", "1"u8);
        writes.Deleted("deleted");
        writes.Stored("back", "1"u8);
        writes.Deleted("back");
        writes.Stored("again", "1"u8);
        writes.Deleted("again");
        writes.Stored("again", "2"u8);
        var found = new Dictionary<string, UInt128>
        {
            ["kept"] = AcknowledgedWrites.Hash("1"u8),
            ["changed"] = AcknowledgedWrites.Hash("2"u8),
            ["back"] = AcknowledgedWrites.Hash("1"u8),
            ["again"] = AcknowledgedWrites.Hash("2"u8),
            ["unacknowledged"] = AcknowledgedWrites.Hash("1"u8),
        };

        Assert.Equal(3, writes.CountLost(found));
    }

    [Fact]
    public void The_configuration_of_a_node_is_valid()
    {
        using var parent = new TemporaryDirectory();
        using var directory = DemoDirectory.Create(Options(Path.Combine(parent.Path, "with \"quotes\" and ${x}")));
        NodePlace[] places = [new("node-1", 1001, 1002), new("node-2", 1003, 1004), new("node-3", 1005, 1006)];

        var settings = SettingsBinder.Load(directory.WriteConfiguration(places[1], places));

        Assert.Equal("node-2", settings.Node.Node);
        Assert.Equal(directory.DataOf("node-2"), settings.Node.DataDirectory);
        Assert.Equal(1003, settings.Http.Port);
        Assert.Equal(1004, settings.Remoting.Port);
        Assert.Equal(["127.0.0.1:1002", "127.0.0.1:1004", "127.0.0.1:1006"], settings.Remoting.SeedNodes);
        Assert.Equal(["node-1", "node-2", "node-3"], Assert.Single(Assert.Single(settings.Definitions).ReplicaSets).Members);
        Assert.Equal(TimeSpan.Zero, settings.Node.TombstoneRetention);
    }

    [Fact]
    public void A_directory_that_is_not_empty_is_refused()
    {
        using var parent = new TemporaryDirectory();
        parent.Write("precious.txt", "x");

        Assert.Throws<RefusedException>(() => DemoDirectory.Create(Options(parent.Path)));
        Assert.True(File.Exists(Path.Combine(parent.Path, "precious.txt")));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void A_directory_that_was_made_is_removed_unless_it_shall_be_kept(bool keep, bool stays)
    {
        using var parent = new TemporaryDirectory();
        var path = Path.Combine(parent.Path, "new");
        var directory = DemoDirectory.Create(Options(path) with { Keep = keep });
        File.WriteAllText(Path.Combine(path, "file"), "x");

        directory.Dispose();

        Assert.Equal(stays, Directory.Exists(path));
    }

    [Fact]
    public void More_documents_than_the_disk_can_hold_are_refused()
    {
        using var parent = new TemporaryDirectory();
        using var directory = DemoDirectory.Create(Options(Path.Combine(parent.Path, "new")));

        var error = Assert.Throws<DemoException>(() => directory.RequireSpace(long.MaxValue / 100, 3));
        Assert.Contains("free", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_has_the_agreed_shape()
    {
        var at = DateTimeOffset.UnixEpoch;
        var report = new DemoReport(
            "completed",
            "r-1",
            [new DemoStep("compact", "node-2", at, at, 1, null), new DemoStep("step-down", "node-1", at, at, null, "node-2")],
            [new DemoNode("node-1", "primary", "secondary", 3, 1, 2, 2, 1, 1, 8, "ab", ["online", "compacting", "online"])],
            new ClientReport(1, 2, 3, 4, 5, 0),
            null);

        var json = JsonElement.Parse(JsonSerializer.Serialize(report, DemoJsonContext.Default.DemoReport));

        Assert.Equal(["outcome", "runId", "steps", "nodes", "client"], json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(["kind", "node", "startedAt", "finishedAt", "bytesFreed"], json.GetProperty("steps")[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal(["kind", "node", "startedAt", "finishedAt", "newPrimary"], json.GetProperty("steps")[1].EnumerateObject().Select(field => field.Name));
        Assert.Equal(0, json.GetProperty("client").GetProperty("acknowledgedWritesLost").GetInt32());
        Assert.Equal("compacting", json.GetProperty("nodes")[0].GetProperty("states")[1].GetString());
    }

    [Fact]
    public void A_port_that_was_found_is_given_to_nobody_else_who_looks_in_the_same_way()
    {
        var port = FreePorts.Find(1)[0];
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.Loopback, port)));
    }

    [Fact]
    public void Ports_in_a_row_are_given_to_nobody_else_either()
    {
        var first = FreePorts.FindRow(3);

        Assert.All(Enumerable.Range(first, 3), port =>
        {
            using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.Loopback, port)));
        });
    }

    [Fact]
    public void A_slow_machine_is_waited_for_as_long_as_something_moves_but_not_for_ever()
    {
        var time = new ManualTime();
        var still = new Patience(time, TimeSpan.FromMinutes(2));
        var slow = new Patience(time, TimeSpan.FromMinutes(2));

        var ends = new List<(bool Still, bool Slow)>();
        for (var minute = 0; minute <= 6; minute++)
        {
            ends.Add((still.IsOver("node-1 is away"), slow.IsOver($"{minute} different contents")));
            time.Advance(TimeSpan.FromMinutes(1.1));
        }

        Assert.Equal([false, false, true, true, true, true, true], ends.Select(end => end.Still));
        Assert.Equal([false, false, false, false, false, false, true], ends.Select(end => end.Slow));
    }

    private static DemoOptions Options(string directory) => new(3, 100, null, directory, false, null);

    private static string Text(InputDocument document) => Encoding.UTF8.GetString(document.Body.Span);

    private static async Task<List<InputDocument>> Collect(IAsyncEnumerable<InputDocument> documents)
    {
        var all = new List<InputDocument>();
        await foreach (var document in documents)
        {
            all.Add(document);
        }

        return all;
    }
}
