using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Cluster.Tests;

[Collection(Lanes.Commands)]
public sealed class DemoTests
{
    [Theory]
    [InlineData("node", "rewrite", "node-1")]
    [InlineData("supervisor", "incremental", "node-3")]
    public async Task A_process_that_is_killed_in_the_middle_costs_nothing_but_time(string what, string mode, string primary)
    {
        var report = await DemoProcess.Run("--documents", "2000", "--mode", mode, "--primary", primary, "--kill", what);

        // The run takes so long that the client's own documents fill much of what was free when it was planned.
        Expect.Success(report, primary, asEstimated: false);
        var killed = report.Killed!;
        Assert.Equal(what, killed.What);
        Assert.True(killed.RestartedAt > killed.KilledAt);
        var step = report.Steps[killed.Step - 1];
        Assert.Equal("compact", step.Kind);
        Assert.InRange(killed.KilledAt, step.StartedAt!.Value, step.FinishedAt!.Value);
        Assert.Equal(what == "node" ? step.Node : "node-1", killed.Node);
    }

    [Theory]
    [InlineData("exclusive", "node-2")]
    [InlineData("release", "node-1")]
    public async Task Every_mode_compacts_every_node_in_order_whoever_is_primary_and_nothing_is_lost(string mode, string primary)
    {
        var report = await DemoProcess.Run("--documents", "2000", "--mode", mode, "--primary", primary);

        Expect.Success(report, primary, state: mode == "exclusive" ? "offline" : "compacting");
        Assert.Null(report.Killed);
    }

    [SkippableFact]
    public async Task Real_documents_are_compacted_by_the_default_mode()
    {
        var file = TestData.Movies();

        var report = await DemoProcess.Run("--input", file);

        Expect.Success(report, report.Nodes.Single(node => node.RoleBefore == "primary").Node);
        using var movies = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        Assert.InRange(report.Nodes[0].Documents, movies.RootElement.GetArrayLength() * 4 / 10, long.MaxValue);
    }

    [Fact]
    public async Task An_unreadable_input_is_one_sentence_and_leaves_nothing_behind()
    {
        using var parent = new TemporaryDirectory();
        var directory = Path.Combine(parent.Path, "demo");
        var file = Path.Combine(parent.Path, "in.json");
        await File.WriteAllTextAsync(file, "[{\"a\":1}, oops]");

        using var demo = DemoProcess.Start("--input", file, "--directory", directory, "--output", "json");
        var (code, output, error) = await demo.WaitForEnd();

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains("line 1", error.Trim().Split('\n')[^1], StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory));
        Assert.Empty(Processes.Naming(directory));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("KILL")]
    public async Task A_demo_that_is_interrupted_or_killed_leaves_no_process_behind(string signal)
    {
        using var parent = new TemporaryDirectory();
        var directory = Path.Combine(parent.Path, "demo");
        using var demo = DemoProcess.Start("--documents", "100000", "--directory", directory);
        await Processes.WaitUntil(() => Processes.Naming(directory).Count >= 4);

        await demo.Signal(signal);
        var (code, _, _) = await demo.WaitForEnd();

        Assert.NotEqual(0, code);
        await Processes.WaitUntil(() => Processes.Naming(directory).Count == 0);
        Assert.Equal(signal == "KILL", Directory.Exists(directory));
    }

    [Fact]
    public async Task A_demo_that_fails_keeps_the_logs_of_its_nodes_and_says_where()
    {
        using var parent = new TemporaryDirectory();
        var directory = Path.Combine(parent.Path, "demo");
        using var demo = DemoProcess.Start("--documents", "100000", "--directory", directory);
        await Processes.WaitUntil(() => Processes.Naming(directory).Count >= 4);

        Process.GetProcessById(Processes.Naming(directory).First(id => id != demo.Id)).Kill();
        var (code, _, error) = await demo.WaitForEnd();

        Assert.Equal(1, code);
        var kept = new DirectoryInfo(Regex.Match(error, @"The logs of the nodes are in (\S+)\. With --keep").Groups[1].Value);
        try
        {
            Assert.Equal(["node-1.log", "node-2.log", "node-3.log"], kept.GetFiles().Select(file => file.Name).Order());
            Assert.False(Directory.Exists(directory));
        }
        finally
        {
            kept.Delete(recursive: true);
        }
    }
}
