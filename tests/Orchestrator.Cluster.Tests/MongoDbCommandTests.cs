using System.Text.Json.Nodes;

namespace Orchestrator.Cluster.Tests;

/// <summary>The executable with <c>--config</c> on a double of MongoDB's servers, both as processes of their own.</summary>
public sealed class MongoDbCommandTests
{
    [Fact]
    public async Task A_replica_set_is_shown_measured_planned_and_compacted_by_commands()
    {
        using var directory = new TemporaryDirectory();
        await using var mongo = await MongoDoubleProcess.Start(3, "--compact-seconds", "0");
        var config = mongo.Configure(directory);

        var nodes = await EtcdCommandTests.Run("nodes", "--config", config);
        var report = await EtcdCommandTests.Run("report", "--config", config, "--cluster", "shop");
        var plan = await EtcdCommandTests.Run("plan", "--config", config, "--cluster", "shop");
        var compacted = await EtcdCommandTests.Run("compact", "--config", config, "--cluster", "shop", "--wait", "--output", "json");
        var again = await EtcdCommandTests.Run("compact", "--config", config, "--cluster", "shop", "--wait", "--output", "json");

        Assert.True(nodes.Code == 0, nodes.Error);
        Assert.Contains("7.0.0", nodes.Out, StringComparison.Ordinal);
        Assert.True(report.Code == 0, report.Error);
        Assert.Contains("orders", report.Out, StringComparison.Ordinal);
        Assert.True(plan.Code == 0, plan.Error);
        Assert.True(compacted.Code == 0, compacted.Error);
        var run = JsonNode.Parse(compacted.Out)!;
        Assert.Equal("completed", run["state"]!.GetValue<string>());
        Assert.Equal(["compact", "compact", "step-down", "compact"], run["steps"]!.AsArray().Select(step => step!["kind"]!.GetValue<string>()));
        Assert.Equal(6, mongo.Begun.Count());
        Assert.True(again.Code == 0, again.Error);
        Assert.Empty(JsonNode.Parse(again.Out)!["steps"]!.AsArray());
    }
}
