using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Cluster.Tests;

/// <summary>What an operator finds in the logs of three processes: nothing that needs to be asked about.</summary>
[Collection(Lanes.Clusters)]
public sealed partial class LogTests
{
    private static readonly string[] Nodes = ["node-1", "node-2", "node-3"];

    /// <summary>All that processes may complain about when one of them is killed.</summary>
    private static readonly string[] Expected = ["cannot be reached; if that lasts", "was removed from the cluster"];

    [Fact]
    public async Task Start_a_run_and_stop_are_told_without_a_warning_a_stack_trace_or_a_line_twice()
    {
        await using var cluster = await TestCluster.Start(primary: "node-1", more: TestCluster.Calm);
        var (run, _) = await cluster.StartSlowRun();
        await cluster.Follow(run);
        await cluster.ExpectWhole();
        await cluster.Cluster.Stop();

        foreach (var node in Nodes)
        {
            var lines = Lines(cluster, node);
            Assert.Contains(lines, line => line.Text.Contains("this process is a member of the cluster", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.Level is "WRN" or "ERR" or "FTL");
        }
    }

    [Fact]
    public async Task The_death_of_a_process_is_two_lines_of_each_other_one()
    {
        await using var cluster = await TestCluster.Start(primary: "node-1", more: TestCluster.Calm);
        await cluster.Kill("node-3");
        foreach (var node in (string[])["node-1", "node-2"])
        {
            await cluster.WaitForLine(node, "was removed from the cluster");
        }

        cluster.StartAgain("node-3");
        await cluster.ExpectWhole();

        foreach (var node in (string[])["node-1", "node-2"])
        {
            var warnings = Lines(cluster, node).Where(line => line.Level is "WRN" or "ERR" or "FTL").ToList();
            Assert.Equal(Expected.Length, warnings.Count);
            Assert.All(warnings, line => Assert.Contains(Expected, text => line.Text.Contains(text, StringComparison.Ordinal)));
        }
    }

    /// <summary>The lines, each of which must be one, with a source that says something, and not the same as the one before it.</summary>
    private static IReadOnlyList<(string Level, string Text)> Lines(TestCluster cluster, string node)
    {
        var found = new List<(string Level, string Text)>();
        var before = (At: DateTime.MinValue, Text: "");
        foreach (var line in cluster.LogOf(node))
        {
            var match = Line().Match(line);
            Assert.True(match.Success, $"{node} wrote no line of its own: {line}");
            var text = match.Groups["text"].Value;
            var at = DateTime.Parse(match.Groups["at"].Value, CultureInfo.InvariantCulture);
            Assert.False(text == before.Text && at - before.At < TimeSpan.FromSeconds(1), $"{node} says it twice: {line}");
            Assert.DoesNotContain("DummyClass", line, StringComparison.Ordinal);
            Assert.DoesNotContain("dead letter", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("akka://", line, StringComparison.Ordinal);
            before = (at, text);
            found.Add((match.Groups["level"].Value, text));
        }

        return found;
    }

    [GeneratedRegex(@"^(?<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) [+-]\d\d:\d\d (?<level>[A-Z]{3}) (?<text>.*)$")]
    private static partial Regex Line();
}
