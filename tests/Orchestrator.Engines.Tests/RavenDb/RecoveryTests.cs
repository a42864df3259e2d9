using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.RavenDb;
using Orchestrator.Engines.Tests.Support;
using static Orchestrator.Engines.Tests.RavenDb.RavenDoubles;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>Copies that are behind, and nodes that lose their operations.</summary>
public sealed class RecoveryTests
{

    [Fact]
    public async Task A_copy_that_is_behind_tells_how_many_changes_it_lacks()
    {
        await using var cluster = ThreeNodes();
        cluster.Databases["orders"].On("B").ChangeVector = "A:100-aXk0, B:95-bQz1";
        await using var driver = await Discovered(cluster);

        var behind = await driver.Member("B").Observe(CancellationToken.None);
        var preferred = await driver.Member("A").Observe(CancellationToken.None);
        var level = await driver.Member("C").Observe(CancellationToken.None);

        Assert.Equal((20L, 20L), (behind.Lag.Changes, Assert.Single(behind.Memberships).Lag.Changes));
        Assert.Equal((0L, 0L), (preferred.Lag.Changes, level.Lag.Changes));
    }

    [Fact]
    public async Task An_idle_copy_has_no_lag_that_is_known_and_is_not_loaded_for_it()
    {
        await using var cluster = ThreeNodes();
        cluster.Databases["orders"].On("B").IsLoaded = false;
        await using var driver = await Discovered(cluster);

        var seen = await driver.Member("B").Observe(CancellationToken.None);

        Assert.Equal(0, seen.Lag.Changes);
        Assert.False(cluster.Databases["orders"].On("B").IsLoaded);
    }

    [Fact]
    public async Task A_leader_that_does_not_answer_is_in_no_way_of_the_look_at_another_node()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        await cluster["A"].Kill();

        var seen = await driver.Member("B").Observe(CancellationToken.None);

        Assert.Equal((NodeState.Online, 0L), (seen.State, seen.Lag.Changes));
    }

    [Fact]
    public async Task The_leader_is_asked_once_for_all_members_that_are_looked_at()
    {
        await using var cluster = ThreeNodes();
        var time = new StandingTime();
        await using var driver = new RavenDbCluster(OptionsFor(cluster), time);
        await driver.Discover(CancellationToken.None);

        await Task.WhenAll(cluster.Nodes.Select(node => driver.Member(node.Tag).Observe(CancellationToken.None)));
        Assert.Single(cluster["A"].Server.Asked, IsAboutLags);

        time.Now += 1;
        await driver.Member("B").Observe(CancellationToken.None);
        Assert.Equal(2, cluster.Nodes.Sum(node => node.Server.Asked.Count(IsAboutLags)));

        static bool IsAboutLags(HttpDoubles.DoubleRequest request) => request.Path == "admin/cluster/maintenance-stats";
    }

    [Fact]
    public async Task A_node_that_restarts_in_mid_job_is_judged_by_its_files()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var member = driver.Member("B");
        var order = await Order(member, new DatabaseUnit("orders"));
        cluster["B"].Hold();
        var job = await member.Start(order, CancellationToken.None);

        await cluster["B"].Kill();
        cluster["B"].Server.Start();
        var ended = await Wait.Ended(member, order, job, asksAgain: true);

        // The files are as large as before: whoever judges by them orders the work again.
        var unknown = Assert.IsType<JobStatus.Unknown>(ended);
        var now = (await member.Inventory(new InventoryRequest(RavenDbCapabilities.Compact, OptionValues.None), CancellationToken.None)).Units;
        Assert.IsType<JobStatus.Failed>(JobJudge.Judge(order, [.. now.Select(unit => unit.Size)], unknown.Evidence));
        Assert.Single(cluster["B"].Compacts);
    }

    [Fact]
    public async Task An_operation_that_the_node_does_not_know_is_not_taken_for_done()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var member = driver.Member("B");
        var order = await Order(member, new DatabaseUnit("orders"));

        var status = await member.Poll(order, new RavenDbJobId(Ticket, "B", 0, 4711).ToJobId(), CancellationToken.None);

        Assert.IsType<JobStatus.Unknown>(status);
        Assert.Empty(cluster["B"].Compacts);
    }

    private sealed class StandingTime : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }
}
