using System.Text.Json.Nodes;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Cluster.Tests;

/// <summary>Commands with <c>--config</c> that follow one another, as a cron table has them.</summary>
[Collection(Lanes.Commands)]
public sealed class ResumedCommandTests
{
    [SkippableFact]
    public async Task The_next_command_goes_on_with_what_one_that_ran_out_of_time_has_left()
    {
        Installed.RequireEtcd();
        using var directory = new TemporaryDirectory();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        var config = EtcdCommandTests.Write(directory, "etcd.conf", etcd.Endpoints, settle: "5m");

        var left = await EtcdCommandTests.Run("compact", "--config", config, "--timeout", "15s", "--output", "json");
        var runs = await EtcdCommandTests.Run("runs", "--config", config, "--output", "json");
        var listed = Assert.Single(JsonNode.Parse(runs.Out)!["runs"]!.AsArray())!["id"]!.GetValue<string>();
        var shown = await EtcdCommandTests.Run("run", listed, "--config", config, "--output", "json");
        EtcdCommandTests.Write(directory, "etcd.conf", etcd.Endpoints);
        var finished = await EtcdCommandTests.Run("compact", "--config", config, "--output", "json");

        Assert.True(left.Code == 4, left.Error);
        Assert.Contains("To continue: orchestrator compact --config", left.Error, StringComparison.Ordinal);
        var paused = JsonNode.Parse(shown.Out)!;
        Assert.Equal("paused", paused["state"]!.GetValue<string>());
        Assert.Contains("completed", States(paused));
        Assert.Contains("pending", States(paused));
        Assert.True(finished.Code == 0, finished.Error);
        Assert.Contains("was left unfinished by an earlier command", finished.Error, StringComparison.Ordinal);
        var run = JsonNode.Parse(finished.Out)!;
        Assert.Equal(paused["id"]!.GetValue<string>(), run["id"]!.GetValue<string>());
        Assert.All(States(run), state => Assert.Equal("completed", state));
        Assert.Equal(StartOf(paused), StartOf(run));
    }

    private static IEnumerable<string> States(JsonNode run) => run["steps"]!.AsArray().Select(step => step!["state"]!.GetValue<string>());

    /// <summary>A step that was done is not done again.</summary>
    private static string StartOf(JsonNode run) => run["steps"]!.AsArray()[0]!["startedAt"]!.GetValue<string>();
}
