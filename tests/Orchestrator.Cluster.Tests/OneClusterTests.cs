namespace Orchestrator.Cluster.Tests;

/// <summary>There is never a second cluster: whoever comes back alone waits for the others, and if one was founded all the same, the older one ends.</summary>
[Collection(Lanes.Clusters)]
public sealed class OneClusterTests
{
    private static readonly string[] Others = ["node-2", "node-3"];

    [Fact]
    public async Task The_first_seed_node_that_comes_back_while_the_others_are_frozen_waits_for_them_and_joins_them()
    {
        await using var cluster = await TestCluster.Start(primary: "node-1", more: "orchestrator.remoting.claim-timeout = 5m");
        await Isolate(cluster);

        await cluster.WaitForLine("node-1", "the journal says that a cluster of");
        await Task.Delay(TimeSpan.FromSeconds(8));
        foreach (var node in Others)
        {
            await cluster.Thaw(node);
        }

        await cluster.ExpectWhole();
        Assert.Single(cluster.LogOf("node-1"), line => line.Contains("founds one", StringComparison.Ordinal));
        foreach (var node in Others)
        {
            Assert.False(cluster.Cluster.Process(node).HasExited, cluster.Cluster.Process(node).LastWords);
        }
    }

    [Fact]
    public async Task A_cluster_that_was_frozen_until_another_one_was_founded_ends_and_says_why()
    {
        await using var cluster = await TestCluster.Start(primary: "node-1", more: "orchestrator.remoting.claim-timeout = 15s");
        await Isolate(cluster);

        await Processes.WaitUntil(() => cluster.LogOf("node-1").Count(line => line.Contains("founds one", StringComparison.Ordinal)) == 2);
        await cluster.WaitFor("the supervisor of the new cluster", view => view.Epoch > 1);
        foreach (var node in Others)
        {
            await cluster.Thaw(node);
        }

        foreach (var node in Others)
        {
            await cluster.ExpectEndAndStartAgain(node, "Another cluster");
        }

        await cluster.ExpectWhole();
    }

    [Fact]
    public async Task Processes_that_are_all_killed_and_started_again_are_one_cluster()
    {
        await using var cluster = await TestCluster.Start(primary: "node-2");
        string[] all = ["node-1", .. Others];
        await Task.WhenAll(all.Select(cluster.Kill));
        foreach (var node in all.Reverse())
        {
            cluster.StartAgain(node);
        }

        await cluster.ExpectWhole();
        Assert.Equal(2, all.Sum(node => cluster.LogOf(node).Count(line => line.Contains("founds one", StringComparison.Ordinal))));
    }

    /// <summary>Kills the first seed node and supervisor's host, freezes the others, and starts it again.</summary>
    private static async Task Isolate(TestCluster cluster)
    {
        Assert.Equal("node-1", await cluster.Cluster.SupervisorHost(default));
        await cluster.Kill("node-1");
        foreach (var node in Others)
        {
            await cluster.Freeze(node);
        }

        cluster.StartAgain("node-1");
    }
}
