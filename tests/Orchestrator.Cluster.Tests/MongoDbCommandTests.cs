using System.Diagnostics;
using System.Text.Json.Nodes;
using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>The executable with <c>--config</c> on a double of MongoDB's servers, both as processes of their own.</summary>
[Collection(Lanes.Commands)]
public sealed class MongoDbCommandTests
{
    [Fact]
    public async Task A_replica_set_is_shown_measured_planned_and_compacted_by_commands()
    {
        using var directory = new TemporaryDirectory();
        await using var mongo = await MongoDoubleProcess.Start(3, "--compact-seconds", "0");
        var config = mongo.Configure(directory);

        var access = await EtcdCommandTests.Run("check-access", "--config", config);
        var nodes = await EtcdCommandTests.Run("nodes", "--config", config);
        var report = await EtcdCommandTests.Run("report", "--config", config, "--cluster", "shop");
        var plan = await EtcdCommandTests.Run("plan", "--config", config, "--cluster", "shop");
        var compacted = await EtcdCommandTests.Run("compact", "--config", config, "--cluster", "shop", "--wait", "--output", "json");
        var again = await EtcdCommandTests.Run("compact", "--config", config, "--cluster", "shop", "--wait", "--output", "json");

        Assert.True(access.Code == 0, access.Error);
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

    [Fact]
    public async Task A_command_that_is_killed_leaves_an_operation_that_the_next_one_waits_for()
    {
        using var directory = new TemporaryDirectory();
        await using var mongo = await MongoDoubleProcess.Start(3, "--compact-seconds", "4", "--version", "2.6.12", "--user", "op", "--password", "secret");
        var config = mongo.Configure(directory, "auth { user = op, password = secret }");
        var (file, arguments) = HostExecutable.CommandLine(["compact", "--config", config, "--wait"]);
        using var killed = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

        await Processes.WaitUntil(() => mongo.Begun.Any());
        killed.Kill(entireProcessTree: true);
        await killed.WaitForExitAsync();
        var resumed = await EtcdCommandTests.Run("compact", "--config", config, "--wait", "--output", "json");

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Equal("completed", JsonNode.Parse(resumed.Out)!["state"]!.GetValue<string>());
        Assert.Equal(6, mongo.Begun.Distinct().Count());
        Assert.Equal(6, mongo.Begun.Count());
    }

    [Fact]
    public async Task A_wrong_password_and_a_name_that_cannot_be_resolved_are_told_with_the_remedy()
    {
        using var directory = new TemporaryDirectory();
        await using var mongo = await MongoDoubleProcess.Start(3, "--user", "op", "--password", "secret");
        var wrong = mongo.Configure(directory, "auth { user = op, password = guess }");
        var access = await EtcdCommandTests.Run("check-access", "--config", wrong);
        var report = await EtcdCommandTests.Run("report", "--config", wrong);
        File.WriteAllText(wrong, "orchestrator.clusters.shop { engine = mongodb, uri = \"mongodb://nowhere.invalid:27017/\", request-timeout = 2s }");
        var unresolved = await EtcdCommandTests.Run("report", "--config", wrong);

        Assert.Equal((3, 3), (access.Code, report.Code));
        Assert.Contains("check clusters.shop.auth", access.Error, StringComparison.Ordinal);
        Assert.Contains("check clusters.shop.auth", report.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("guess", access.Error + report.Error, StringComparison.Ordinal);
        Assert.Equal(4, unresolved.Code);
        Assert.Contains("nowhere.invalid:27017", unresolved.Error, StringComparison.Ordinal);
    }
}
