using Orchestrator.Core.Engines;
using Orchestrator.HttpDoubles.RavenDb;
using static Orchestrator.Engines.Tests.RavenDb.RavenDoubles;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>The preferred node gives its clients to another one, and takes them back.</summary>
public sealed class ReorderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("ABCDE")]
    [InlineData("AEDCB")]
    public async Task A_role_that_is_given_back_gives_the_order_of_before_and_the_one_that_was_fixed(string fixedOrder)
    {
        await using var cluster = FiveNodes(fixedOrder);
        var group = cluster.Databases["orders"];
        await using var driver = await Discovered(cluster);

        await driver.Member("A").StepDown("orders", "C", CancellationToken.None);
        Assert.Equal("C", group.Members[0]);
        Assert.Equal(fixedOrder.Length > 0, group.PriorityOrder.Count > 0);

        await driver.Member("C").StepDown("orders", "A", CancellationToken.None);
        Assert.Equal(fixedOrder, string.Concat(group.PriorityOrder));
        Assert.Equal(fixedOrder == "AEDCB" ? "ACB" : "ABC", string.Concat(group.Members));
    }

    [Theory]
    [InlineData("", "CBADE")]
    [InlineData("ABC", "CBADE")]
    [InlineData("XAEDCB", "CEDAB")]
    public async Task Members_promotables_and_rehabs_are_all_named_once_and_none_that_has_left(string fixedOrder, string sent)
    {
        await using var cluster = FiveNodes(fixedOrder);
        await using var driver = await Discovered(cluster);

        await driver.Member("A").StepDown("orders", "C", CancellationToken.None);

        var body = Assert.Single(cluster.Nodes.SelectMany(node => node.Server.Asked), request => request.Path == "admin/databases/reorder").Json;
        Assert.Equal(sent, string.Concat(body["MembersOrder"]!.AsArray().Select(tag => (string)tag!)));
        Assert.Equal(fixedOrder.Length > 0, (bool)body["Fixed"]!);
    }

    [Fact]
    public async Task A_fixed_order_that_the_cluster_has_not_restored_yet_is_left_to_it()
    {
        await using var cluster = FiveNodes("BACDE");
        await using var driver = await Discovered(cluster);

        var refused = await Assert.ThrowsAsync<EngineException>(() => driver.Member("A").StepDown("orders", "C", CancellationToken.None));

        Assert.Equal(EngineFault.WrongState, refused.Fault);
        Assert.Contains("B comes first in the fixed order of orders, and A is preferred now", refused.Message);
        Assert.Equal("ABC BACDE", $"{string.Concat(cluster.Databases["orders"].Members)} {string.Concat(cluster.Databases["orders"].PriorityOrder)}");
    }

    /// <summary>A, B and C are members, D is being promoted, E is in rehabilitation.</summary>
    private static RavenDoubleCluster FiveNodes(string fixedOrder)
    {
        var cluster = new RavenDoubleCluster(["A", "B", "C", "D", "E"]);
        var group = Fill(cluster.Add("orders", "A", "B", "C"));
        group.Promotables.Add("D");
        group.Rehabs.Add("E");
        group.PriorityOrder.AddRange(fixedOrder.Select(tag => $"{tag}"));
        return cluster;
    }
}
