using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Tests.Support;
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

    [Theory]
    [InlineData("B", true)]
    [InlineData("B", false)]
    [InlineData("D", true)]
    [InlineData("D", false)]
    public async Task The_next_member_waits_until_every_copy_is_a_member_again(string behind, bool isRehab)
    {
        await using var cluster = new RavenDoubleCluster(["A", "B", "C", "D"]);
        var group = RavenDoubles.Fill(cluster.Add("orders", "A", "B", "C", "D"));
        var away = isRehab ? group.Rehabs : group.Promotables;
        await using var orchestration = RavenDoubles.Orchestrate(cluster);
        cluster["B"].Hold();
        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted { Step: 1 });

        cluster.Change(() =>
        {
            group.Members.Remove(behind);
            away.Add(behind);
        });
        await Wait.Until(async () => (await orchestration.View()).Members.Single(member => member.Observation.Node == behind).Observation.State != NodeState.Online);
        cluster["B"].Release();
        var waits = await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Step: 2, Result: { Check: "members-healthy", Passed: false } });
        Assert.Contains(waits.Events, recorded => recorded.Event is MemberCompacted { Step: 1 });
        Assert.Single(cluster.Nodes.SelectMany(node => node.Compacts));

        cluster.Change(() =>
        {
            away.Remove(behind);
            group.Members.Add(behind);
        });
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(cluster.Nodes, node => Assert.Single(node.Compacts));
    }
}
