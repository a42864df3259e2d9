using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.RavenDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.RavenDb;
using static Orchestrator.Engines.Tests.RavenDb.RavenDoubles;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>What the driver makes of a cluster's states and refusals.</summary>
public sealed class DriverTests
{

    [Fact]
    public async Task Each_index_is_ordered_by_itself_and_the_documents_last()
    {
        await using var cluster = ThreeNodes();
        var copy = cluster.Databases["orders"].On("B");
        copy.Indexes["Orders/ByCompany"] = new RavenDoubleIndex(new RavenDoubleFile(30 * MiB, 10 * MiB));
        copy.Indexes["Auto/Orders/ByTotal"] = new RavenDoubleIndex(new RavenDoubleFile(20 * MiB, 5 * MiB), "AutoMap");
        await using var driver = await Discovered(cluster);
        var member = driver.Member("B");

        var done = Assert.IsType<JobStatus.Succeeded>(await Run(member, await Order(member, new DatabaseUnit("orders"), Index("Orders/ByCompany"), Index("Auto/Orders/ByTotal"))));

        Assert.Equal(
            [
                """{"DatabaseName":"orders","Documents":false,"Indexes":["Orders/ByCompany"],"SkipOptimizeIndexes":false}""",
                """{"DatabaseName":"orders","Documents":false,"Indexes":["Auto/Orders/ByTotal"],"SkipOptimizeIndexes":false}""",
                """{"DatabaseName":"orders","Documents":true,"Indexes":[],"SkipOptimizeIndexes":false}""",
            ],
            cluster["B"].Compacts);
        Assert.Equal([120 * MiB, 10 * MiB, 5 * MiB], done.Units.Select(unit => unit.BytesFreed));
    }

    [Fact]
    public async Task The_option_to_skip_optimising_reaches_the_server()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var order = await Order(driver.Member("B"), Index("Orders/ByCompany"));
        order = order with { Settings = order.Settings with { EngineOptions = OptionValues.None.With(RavenDbCapabilities.SkipOptimizeIndexes, true) } };

        await Run(driver.Member("B"), order);

        Assert.Contains("\"SkipOptimizeIndexes\":true", Assert.Single(cluster["B"].Compacts));
    }

    [Fact]
    public async Task Corax_and_map_reduce_indexes_are_left_out_with_the_reason()
    {
        await using var cluster = ThreeNodes();
        var copy = cluster.Databases["orders"].On("B");
        copy.Indexes["Corax"] = new RavenDoubleIndex(new RavenDoubleFile(30 * MiB, 10 * MiB), Engine: "Corax");
        copy.Indexes["Totals"] = new RavenDoubleIndex(new RavenDoubleFile(30 * MiB, 10 * MiB), "MapReduce");
        await using var driver = await Discovered(cluster);

        var units = await Units(driver.Member("B"));

        Assert.Contains("Corax", units.Single(unit => unit.Size.Unit == Index("Corax")).Refusal);
        Assert.Contains("optimises", units.Single(unit => unit.Size.Unit == Index("Totals")).Refusal);
        Assert.Equal("", units.Single(unit => unit.Size.Unit == new DatabaseUnit("orders")).Refusal);
        var order = new JobOrder(Ticket, [new UnitSize(Index("Corax"), 1, 1, 1)], Settings);
        var refused = await Assert.ThrowsAsync<EngineException>(() => driver.Member("B").Start(order, CancellationToken.None));
        Assert.Contains("Corax", refused.Message);
        Assert.Empty(cluster["B"].Compacts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_documents_will_be_compressed_the_gain_is_about_right_only(bool compresses)
    {
        await using var cluster = ThreeNodes();
        cluster.Databases["orders"].Compresses = compresses;
        await using var driver = await Discovered(cluster);

        var units = await Units(driver.Member("B"));

        Assert.Equal(compresses, units.Single(unit => unit.Size.Unit is DatabaseUnit).Sampled);
        Assert.False(units.Single(unit => unit.Size.Unit == Index("Orders/ByCompany")).Sampled);
    }

    [Fact]
    public async Task The_mode_for_indexes_leaves_the_documents_out()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);

        var units = (await driver.Member("B").Inventory(new InventoryRequest(RavenDbCapabilities.Indexes, OptionValues.None), CancellationToken.None)).Units;

        Assert.Contains("no documents", units.Single(unit => unit.Size.Unit is DatabaseUnit).Refusal);
        Assert.Equal(CompactionAvailability.Serving, RavenDbCapabilities.Instance.InMode(RavenDbCapabilities.Indexes).Availability);
    }

    [Fact]
    public async Task An_index_that_was_dropped_meanwhile_is_no_failure()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var order = await Order(driver.Member("B"), Index("Orders/ByCompany"));
        cluster.Databases["orders"].On("B").Indexes.Clear();

        var done = Assert.IsType<JobStatus.Succeeded>(await Run(driver.Member("B"), order));

        Assert.Equal(0, Assert.Single(done.Units).BytesFreed);
    }

    [Fact]
    public async Task A_database_that_is_not_on_the_node_is_refused()
    {
        await using var cluster = ThreeNodes();
        Fill(cluster.Add("log", "A"));
        await using var driver = await Discovered(cluster);

        var refused = await Assert.ThrowsAsync<EngineException>(
            () => driver.Member("B").Start(new JobOrder(Ticket, [new UnitSize(new DatabaseUnit("log"), 1, 1, 1)], Settings), CancellationToken.None));

        Assert.Equal((EngineFault.WrongState, "log does not reside on B"), (refused.Fault, refused.Message));
        Assert.DoesNotContain(await Units(driver.Member("B")), unit => unit.Size.Unit.Database == "log");
    }

    [Fact]
    public async Task The_preferred_node_is_touched_only_when_that_was_forced()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var order = await Order(driver.Member("A"), new DatabaseUnit("orders"));

        var refused = await Assert.ThrowsAsync<EngineException>(() => driver.Member("A").Start(order, CancellationToken.None));
        var done = await Run(driver.Member("A"), order with { Settings = order.Settings with { Force = true } });

        Assert.Contains("preferred node", refused.Message);
        Assert.IsType<JobStatus.Succeeded>(done);
    }

    [Fact]
    public async Task Members_tell_what_they_are_in_each_of_their_groups()
    {
        await using var cluster = ThreeNodes();
        Fill(cluster.Add("catalog", "B", "C"));
        cluster.Databases["catalog"].Rehabs.Add("A");
        await using var driver = await Discovered(cluster);

        var seen = (await driver.Member("A").Observe(CancellationToken.None)).Memberships;

        Assert.Equal(
            [("catalog", NodeState.Recovering, MemberRole.Secondary, "B"), ("orders", NodeState.Online, MemberRole.Primary, "A")],
            seen.Select(there => (there.ReplicaSet, there.State, there.Role, there.Primary)));
        Assert.Contains("rehabilitation", seen[0].Reason);
        Assert.Contains("it is behind", seen[0].Reason);
    }

    [Fact]
    public async Task Without_a_leader_nobody_is_online()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        cluster.Leader = "";

        var seen = await driver.Member("B").Observe(CancellationToken.None);

        Assert.Equal(NodeState.Recovering, seen.State);
        Assert.Contains("no leader", seen.Reason);
        Assert.All(seen.Memberships, there => Assert.Equal(NodeState.Recovering, there.State));
    }

    [Fact]
    public async Task A_database_that_does_not_load_says_what_to_do_and_is_left_alone()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var order = await Order(driver.Member("B"), new DatabaseUnit("orders"));
        cluster.Databases["orders"].On("B").LoadError = "Could not find a directory '/data/Databases/orders'\r\n   at Voron.StorageEnvironment()";

        var there = Assert.Single((await driver.Member("B").Observe(CancellationToken.None)).Memberships);
        var refused = await Assert.ThrowsAsync<EngineException>(() => driver.Member("B").Start(order, CancellationToken.None));

        Assert.Equal(NodeState.Failed, there.State);
        Assert.Contains("-old", there.Reason);
        Assert.DoesNotContain("at Voron", there.Reason);
        Assert.Contains("does not load", refused.Message);
        Assert.Contains("does not load", Assert.Single(await Units(driver.Member("B"))).Refusal);
    }

    [Fact]
    public async Task An_idle_database_is_loaded_only_when_that_is_wanted()
    {
        await using var cluster = ThreeNodes();
        var copy = cluster.Databases["orders"].On("B");
        copy.IsLoaded = false;
        await using var driver = await Discovered(cluster);

        Assert.Contains("load-idle-databases", Assert.Single(await Units(driver.Member("B"))).Refusal);
        Assert.False(copy.IsLoaded);

        await using var curious = await Discovered(cluster, options => options with { LoadsIdleDatabases = true });
        Assert.Contains(await Units(curious.Member("B")), unit => unit is { BytesFreed: 120 * MiB, Refusal: "" });
    }

    [Fact]
    public async Task A_node_that_catches_up_does_not_take_over()
    {
        await using var cluster = ThreeNodes();
        var group = cluster.Databases["orders"];
        group.Members.Remove("C");
        group.Rehabs.Add("C");
        await using var driver = await Discovered(cluster);

        var refused = await Assert.ThrowsAsync<EngineException>(() => driver.Member("A").StepDown("orders", "C", CancellationToken.None));

        Assert.Equal(EngineFault.WrongState, refused.Fault);
        Assert.Contains("catching up", refused.Message);
    }

    [Fact]
    public async Task A_copy_that_lacks_changes_does_not_take_over()
    {
        await using var cluster = ThreeNodes();
        var group = cluster.Databases["orders"];
        group.On("C").ChangeVector = "A:100-aXk0, B:95-bQz1";
        await using var driver = await Discovered(cluster, options => options with { TransferTimeout = TimeSpan.FromMilliseconds(50) });

        var refused = await Assert.ThrowsAsync<EngineException>(() => driver.Member("A").StepDown("orders", "C", CancellationToken.None));

        Assert.Contains("C still lacks 20 changes of orders", refused.Message);
        Assert.Equal("A", group.Members[0]);
    }

    [Fact]
    public async Task Killed_documents_end_as_cancelled_though_the_server_calls_it_faulted()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster);
        var member = driver.Member("B");
        var order = await Order(member, new DatabaseUnit("orders"));
        cluster["B"].Hold();

        var job = await member.Start(order, CancellationToken.None);
        await member.Cancel(order, job, CancellationToken.None);
        var ended = Assert.IsType<JobStatus.Failed>(await Wait.Ended(member, order, job));

        Assert.Equal("cancelled", ended.Reason);
        Assert.Equal(120 * MiB, cluster.Databases["orders"].On("B").Documents.Free);
    }

    [Fact]
    public async Task Another_process_leaves_to_the_next_attempt_what_was_not_ordered_yet()
    {
        await using var cluster = ThreeNodes();
        cluster.Databases["orders"].On("B").Indexes["Orders/ByCompany"] = new RavenDoubleIndex(new RavenDoubleFile(30 * MiB, 10 * MiB));
        var first = await Discovered(cluster);
        var order = await Order(first.Member("B"), new DatabaseUnit("orders"), Index("Orders/ByCompany"));
        cluster["B"].Hold();
        var job = await first.Member("B").Start(order, CancellationToken.None);
        await first.DisposeAsync();
        cluster["B"].Release();
        await using var second = await Discovered(cluster);

        var paused = Assert.IsType<JobStatus.Paused>(await Wait.Ended(second.Member("B"), order, job));

        Assert.Equal([Index("Orders/ByCompany")], paused.Units.Select(unit => unit.Unit));
        Assert.Single(cluster["B"].Compacts);
    }

    [Fact]
    public async Task A_sharded_database_is_compacted_shard_by_shard()
    {
        await using var cluster = ThreeNodes();
        Fill(cluster.Add("log$0", "A", "B"));
        Fill(cluster.Add("log$1", "B", "C"));
        await using var driver = Open(cluster);

        var sets = (await driver.Discover(CancellationToken.None)).ReplicaSets;

        Assert.Equal(["log$0 A B", "log$1 B C", "orders A B C"], sets.Select(set => $"{set.Name} {string.Join(' ', set.Members)}"));
        var order = await Order(driver.Member("C"), new DatabaseUnit("log$1"));
        Assert.IsType<JobStatus.Succeeded>(await Run(driver.Member("C"), order));
    }

    [Fact]
    public async Task An_address_that_leads_to_another_node_is_a_mistake_of_the_settings()
    {
        await using var cluster = ThreeNodes();
        await using var driver = await Discovered(cluster, options => options with
        {
            Addresses = new Dictionary<string, Uri> { ["B"] = cluster["C"].Server.Url },
        });

        var error = await Assert.ThrowsAsync<EngineException>(() => driver.Member("B").Observe(CancellationToken.None));

        Assert.Equal(EngineFault.Misconfigured, error.Fault);
        Assert.Contains("leads to node C, not to B", error.Message);
    }

    [Fact]
    public async Task What_is_not_RavenDB_is_told()
    {
        await using var other = new Orchestrator.HttpDoubles.DoubleServer(_ => Task.FromResult(new Orchestrator.HttpDoubles.DoubleAnswer(404, null)));
        await using var driver = new RavenDbCluster(new RavenDbClusterOptions { Name = Cluster, Endpoints = [other.Url] }, TimeProvider.System);

        var error = await Assert.ThrowsAsync<EngineException>(() => driver.Discover(CancellationToken.None));

        Assert.Equal(EngineFault.Misconfigured, error.Fault);
        Assert.Contains("is this the URL of a RavenDB node?", error.Message);
    }

    private static ViewUnit Index(string name) => new("orders", "", name);

    private static async Task<JobStatus> Run(IEngineMember member, JobOrder order) =>
        await Wait.Ended(member, order, await member.Start(order, CancellationToken.None));
}
