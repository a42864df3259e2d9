using Orchestrator.Core.Runs;
using Orchestrator.HttpDoubles.RavenDb;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>Whole runs: the supervisor, its actors and the driver on a double of the cluster.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task Every_copy_is_compacted_once_and_the_preferred_node_last_after_its_clients_were_moved()
    {
        await using var cluster = RavenDoubles.ThreeNodes();
        await using var orchestration = RavenDoubles.Orchestrate(cluster);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal(["B", "C", "A", "A"], ended.Run.Steps.Select(step => step.Node));
        Assert.Equal("B", cluster.Databases["orders"].Members[0]);
        Assert.All(cluster.Nodes, node => Assert.Single(node.Compacts));
        Assert.All(cluster.Nodes, node => Assert.Equal(0, cluster.Databases["orders"].On(node.Tag).Documents.Free));
    }

    [Fact]
    public async Task A_supervisor_that_dies_in_the_middle_orders_nothing_again()
    {
        await using var cluster = RavenDoubles.ThreeNodes();
        await using var orchestration = RavenDoubles.Orchestrate(cluster);
        cluster["B"].Hold();

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted);
        await orchestration.KillSupervisor();
        cluster["B"].Release();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(cluster.Nodes, node => Assert.Single(node.Compacts));
    }
}
