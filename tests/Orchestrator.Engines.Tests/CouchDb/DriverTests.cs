using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.CouchDouble;
using Orchestrator.Engines.CouchDb;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.CouchDb;

/// <summary>What the driver makes of CouchDB's answers, beside the contract.</summary>
public sealed class DriverTests
{
    private static readonly CompactionSettings Settings = new(CouchDbCapabilities.Compact, Force: false, 0, "");

    [Fact]
    public async Task Every_range_is_a_replica_set_of_the_nodes_that_hold_it()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Create("eu/north+1", q: 2, file: CouchDoubles.MiB, active: 1000, copies: 2);
        couch.Create("tiny");
        await using var cluster = CouchDoubles.Open(couch);

        var topology = await cluster.Discover(CancellationToken.None);

        Assert.Equal(
            ["_users@00000000-ffffffff", "eu/north+1@00000000-7fffffff", "eu/north+1@80000000-ffffffff", "shop@00000000-ffffffff"],
            topology.ReplicaSets.Select(set => set.Name));
        Assert.Equal(couch.Nodes.Take(2).Select(node => node.Name), topology.ReplicaSets[1].Members);
        Assert.Equal(couch.Nodes.Select(node => node.Address.ToString().TrimEnd('/')), couch.Nodes.Select(node => topology.Addresses[node.Name]));
    }

    [Fact]
    public async Task Only_the_copy_that_is_ordered_is_compacted_whatever_its_database_is_called()
    {
        await using var couch = await CouchDoubles.Nodes();
        var database = couch.Create("eu/north+1", q: 2, file: 9 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 1);
        var range = database.ByRange.Keys.Last();
        var order = new JobOrder(new CompactionTicket("run-1", 1, 1), [new UnitSize(new ShardUnit("eu/north+1", range), 9 * CouchDoubles.MiB, CouchDoubles.MiB, 0)], Settings);

        var done = Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(member, order, await member.Start(order, CancellationToken.None)));

        Assert.Equal(8 * CouchDoubles.MiB, Assert.Single(done.Units).BytesFreed);
        Assert.Equal(
            [(couch.Nodes[1].Name, range)],
            from node in couch.Nodes
            from shard in node.Shards.Values
            where shard.Orders > 0
            select (node.Name, shard.Shard.Split('/')[1]));
    }

    [Fact]
    public async Task Views_are_compacted_by_node_where_their_design_document_is_and_else_everywhere_if_that_is_asked()
    {
        await using var couch = await CouchDoubles.Nodes();
        couch.AddView(couch.Create("one", q: 1, file: CouchDoubles.MiB, active: CouchDoubles.MiB), "all", 9_000_000, 1_000_000);
        var split = couch.Create("split", q: 2, file: CouchDoubles.MiB, active: CouchDoubles.MiB);
        couch.AddView(split, "by-date", 8_000_000, 3_000_000);
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);
        var home = split.RangeOf("_design/by-date");

        var usual = await member.Inventory(new InventoryRequest(CouchDbCapabilities.Compact, OptionValues.None), CancellationToken.None);
        var asked = await member.Inventory(
            new InventoryRequest(CouchDbCapabilities.Compact, OptionValues.None.With(CouchDbCapabilities.ViewsEverywhere, true)), CancellationToken.None);

        Assert.Equal(
            [
                ("one@00000000-ffffffff#all", "one@00000000-ffffffff", 8_000_000, ""),
                ($"split@{home}#by-date", $"split@{home}", 5_000_000, ""),
                ("split#by-date", $"split@{home}", 0, "its parts in other shards can only be compacted on all nodes at once (option viewsEverywhere)"),
            ],
            Views(usual));
        Assert.Equal(["", "compacted together with its parts in the other shards", ""], Views(asked).Select(view => view.Refusal));

        var order = Order(new ViewUnit("split", "", "by-date"), CouchDbCapabilities.ViewsEverywhere);
        Assert.Equal(10_000_000, Assert.Single(Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(member, order, await member.Start(order, CancellationToken.None))).Units).BytesFreed);
        Assert.All(couch.Nodes.SelectMany(node => node.Shards.Values).SelectMany(shard => shard.Views.Values), view => Assert.Equal(view.DesignDocument == "by-date" ? 1 : 0, view.Orders));

        static IEnumerable<(string Path, string Set, int Freed, string Refusal)> Views(MemberInventory inventory) => inventory.Units
            .Where(unit => unit.Size.Unit is ViewUnit)
            .Select(unit => (unit.Size.Unit.Path, unit.ReplicaSet, (int)unit.BytesFreed, unit.Refusal));
    }

    [Fact]
    public async Task Copies_and_views_tell_their_file_their_live_and_their_uncompressed_size()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.AddView(couch.Databases["shop"], "all", 9_000_000, 1_000_000);
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);

        var inventory = await member.Inventory(new InventoryRequest(CouchDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        Assert.Equal(
            [
                (200 * CouchDoubles.MiB, 80 * CouchDoubles.MiB, (long?)40 * CouchDoubles.MiB),
                (9_000_000, 1_000_000, 500_000),
            ],
            inventory.Units.Select(unit => (unit.Size.FileBytes, unit.Size.LiveBytes, unit.Size.ExternalBytes)));
    }

    [Fact]
    public async Task Index_files_that_no_design_document_uses_are_counted_until_they_are_removed()
    {
        await using var couch = await CouchDoubles.Nodes();
        var split = couch.Create("split", q: 2, file: 9 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        couch.AddView(split, "by-date", 8_000_000, 3_000_000);
        couch.Nodes[0].Copy(split, range: 1).StaleIndexes.Add(DoubleView.SignatureOf("by-date of last year"));
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);
        var request = new InventoryRequest(CouchDbCapabilities.Compact, OptionValues.None);

        Assert.Equal([0, 1], Counts(await member.Inventory(request, CancellationToken.None)));

        var range = split.ByRange.Keys.ElementAt(1);
        var order = new JobOrder(
            new CompactionTicket("run-1", 1, 1),
            [new UnitSize(new ShardUnit("split", range), 9 * CouchDoubles.MiB, CouchDoubles.MiB, 0)],
            Settings with { EngineOptions = OptionValues.None.With(CouchDbCapabilities.Cleanup, true) });
        await Wait.Ended(member, order, await member.Start(order, CancellationToken.None));
        Assert.Equal([0, 0], Counts(await member.Inventory(request, CancellationToken.None)));

        static IEnumerable<int?> Counts(MemberInventory inventory) => inventory.Units
            .Where(unit => unit.Size.Unit is ShardUnit)
            .OrderBy(unit => unit.Size.Unit.Collection, StringComparer.Ordinal)
            .Select(unit => unit.Size.StaleIndexes);
    }

    [Fact]
    public async Task Of_one_range_nothing_else_is_asked()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Create("other", q: 2, file: CouchDoubles.MiB, active: 1000);
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);
        var before = couch.Nodes.Sum(node => node.Requests.Count);

        var inventory = await member.Inventory(
            new InventoryRequest(CouchDbCapabilities.Compact, OptionValues.None) { ReplicaSet = "shop@00000000-ffffffff" }, CancellationToken.None);

        Assert.Equal("shop@00000000-ffffffff", inventory.ReplicaSet);
        Assert.Equal("shop@00000000-ffffffff", Assert.Single(inventory.Units).Size.Unit.Path);
        Assert.DoesNotContain(couch.Nodes.SelectMany(node => node.Requests.Skip(before)), request => request.Contains("other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_of_tasks_from_before_a_job_ended_does_not_make_its_copy_busy()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var held = couch.Nodes[0].Hold();
        await using var cluster = CouchDoubles.Open(couch, options => options with { PollInterval = TimeSpan.FromSeconds(4), RequestTimeout = TimeSpan.FromMinutes(1) });
        var member = await MemberOf(cluster, couch, 0);
        var order = Order(new ShardUnit("shop", "00000000-ffffffff"));

        var job = await member.Start(order, CancellationToken.None);
        Assert.Equal(NodeState.Compacting, (await member.Observe(CancellationToken.None)).State);
        held.SetResult();
        await Wait.Ended(member, order, job);

        Assert.Equal(NodeState.Online, (await member.Observe(CancellationToken.None)).State);
    }

    [Theory]
    [InlineData("", "large small")]
    [InlineData("slack", "large small")]
    [InlineData("ratio", "small large")]
    public async Task Ranges_come_first_by_their_slack_or_by_their_ratio(string priority, string expected)
    {
        await using var couch = await CouchDoubles.Nodes();
        couch.Create("large", q: 1, file: 90 * CouchDoubles.MiB, active: 60 * CouchDoubles.MiB);
        couch.Create("small", q: 1, file: 9 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);
        var options = priority.Length == 0 ? OptionValues.None : OptionValues.None.With(CouchDbCapabilities.Priority, priority);

        var inventory = await member.Inventory(new InventoryRequest(CouchDbCapabilities.Compact, options), CancellationToken.None);

        Assert.Equal(expected.Split(' '), inventory.Units.OrderByDescending(unit => unit.Priority).Select(unit => unit.Size.Unit.Database));
    }

    [Fact]
    public async Task An_index_that_is_being_built_is_left_out()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.AddView(couch.Databases["shop"], "all", 9_000_000, 1_000_000);
        foreach (var node in couch.Nodes)
        {
            node.Copy(couch.Databases["shop"]).Views["all"].IsUpdating = true;
        }

        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);

        var inventory = await member.Inventory(new InventoryRequest(CouchDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        Assert.Equal("the index is being built or brought up to date", Assert.Single(inventory.Units, unit => unit.Size.Unit is ViewUnit).Refusal);
    }

    [Fact]
    public async Task Index_files_that_nothing_uses_are_removed_where_that_is_asked()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var copy = couch.Nodes[0].Copy(couch.Databases["shop"]);
        copy.StaleIndexBytes = 1000;
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);
        var plain = Order(new ShardUnit("shop", "00000000-ffffffff"));

        await Wait.Ended(member, plain, await member.Start(plain, CancellationToken.None));
        Assert.Equal(0, copy.Cleanups);
        var cleaning = Order(new ShardUnit("shop", "00000000-ffffffff"), CouchDbCapabilities.Cleanup);
        await Wait.Ended(member, cleaning, await member.Start(cleaning, CancellationToken.None));

        Assert.Equal((1, 0), (copy.Cleanups, copy.StaleIndexBytes));
    }

    [Fact]
    public async Task Progress_never_goes_back_though_every_phase_begins_again_and_goes_beyond_its_total()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var held = couch.Nodes[0].Hold();
        var copy = couch.Nodes[0].Copy(couch.Databases["shop"]);
        await using var cluster = CouchDoubles.Open(couch, options => options with { PollInterval = TimeSpan.FromTicks(1) });
        var member = await MemberOf(cluster, couch, 0);
        var order = Order(new ShardUnit("shop", "00000000-ffffffff"));
        var job = await member.Start(order, CancellationToken.None);
        var seen = new List<double>();

        foreach (var phase in new[] { ("document_copy", 10L, 100L), ("document_copy", 150, 100), ("docid_sort", 0, 0), ("docid_copy", 10, 100), ("document_copy", 5, 100), ("docid_copy", 90, 100) })
        {
            copy.Phase = phase;
            seen.Add(Assert.IsType<JobStatus.Running>(await member.Poll(order, job, CancellationToken.None)).Progress.Fraction);
        }

        held.SetResult();
        await Wait.Ended(member, order, job);
        Assert.Equal(seen.Order(), seen);
        Assert.Equal([0.08, 0.8, 0.8, 0.91, 0.91, 0.99], seen.Select(fraction => Math.Round(fraction, 2)));
    }

    [Theory]
    [InlineData("true", NodeState.Recovering, "is in maintenance mode")]
    [InlineData("nolb", NodeState.Online, "is taken out of the load balancer (maintenance mode nolb)")]
    public async Task The_maintenance_mode_is_told_also_of_a_node_without_an_address_of_its_own(string mode, NodeState state, string reason)
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Nodes[2].MaintenanceMode = mode;
        await using var all = CouchDoubles.Open(couch);
        await using var one = CouchDoubles.Open(couch, options => options with { Endpoints = [options.Endpoints[0]] });

        var seen = await (await MemberOf(all, couch, 2)).Observe(CancellationToken.None);
        var through = await (await MemberOf(one, couch, 2)).Observe(CancellationToken.None);

        Assert.Equal((state, reason), (seen.State, seen.Reason));
        Assert.Equal((state, reason), (through.State, through.Reason));
    }

    [Fact]
    public async Task Copies_that_wait_for_the_internal_replication_count_as_behind()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Nodes[1].ReplicationJobs = 7;
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 1);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        ReplicationLag behind;
        do
        {
            behind = (await member.Observe(patience.Token)).Lag;
            Assert.Equal(7, behind.Changes);
        }
        while (behind.Seconds < 0.2);

        couch.Nodes[1].ReplicationJobs = 0;
        Assert.Equal(ReplicationLag.None, (await member.Observe(CancellationToken.None)).Lag);
    }

    [Fact]
    public async Task Only_the_copy_at_work_is_busy()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Create("other", q: 1, file: CouchDoubles.MiB, active: 1000);
        var held = couch.Nodes[0].Hold();
        couch.Nodes[0].Compact(couch.Nodes[0].Copy(couch.Databases["shop"]), isOrdered: false);
        await using var cluster = CouchDoubles.Open(couch);

        var seen = await (await MemberOf(cluster, couch, 0)).Observe(CancellationToken.None);
        held.SetResult();

        Assert.Equal(NodeState.Compacting, seen.State);
        Assert.Equal("compacts shop@00000000-ffffffff (not ordered from here: by smoosh, or by somebody else)", seen.Reason);
        Assert.Equal(
            [("_users@00000000-ffffffff", NodeState.Online), ("other@00000000-ffffffff", NodeState.Online), ("shop@00000000-ffffffff", NodeState.Compacting)],
            seen.Memberships.Select(membership => (membership.ReplicaSet, membership.State)));
    }

    [Fact]
    public async Task A_compaction_of_somebody_else_is_not_taken_for_ones_own()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var held = couch.Nodes[0].Hold();
        couch.Nodes[0].Compact(couch.Nodes[0].Copy(couch.Databases["shop"]), isOrdered: false);
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(Order(new ShardUnit("shop", "00000000-ffffffff")), CancellationToken.None));
        held.SetResult();

        Assert.Equal(EngineFault.WrongState, error.Fault);
        Assert.Contains("is being compacted already", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, couch.Nodes[0].Copy(couch.Databases["shop"]).Orders);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_gone_in_the_middle_leaves_nothing_to_do(bool isMoved)
    {
        await using var couch = await CouchDoubles.Nodes(4);
        var shop = couch.Create("shop", q: 1, file: 200 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        couch.Nodes[0].Hold();
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);
        var order = Order(new ShardUnit("shop", "00000000-ffffffff"));
        var job = await member.Start(order, CancellationToken.None);

        if (isMoved)
        {
            couch.Move(shop, "00000000-ffffffff", couch.Nodes[0], couch.Nodes[3]);
        }
        else
        {
            couch.Delete("shop");
        }

        Assert.Equal(0, Assert.Single(Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(member, order, job)).Units).BytesFreed);
    }

    [Fact]
    public async Task The_next_order_goes_on_from_what_a_killed_node_left()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var copy = couch.Nodes[0].Copy(couch.Databases["shop"]);
        couch.Nodes[0].Hold();
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);
        var order = Order(new ShardUnit("shop", "00000000-ffffffff"));
        var job = await member.Start(order, CancellationToken.None);

        await couch.Nodes[0].Kill();
        couch.Nodes[0].Held = null;
        await couch.Nodes[0].Start();
        var first = await Wait.Ended(member, order, job);
        Assert.True(copy.Leftovers > 0);
        var again = order with { Ticket = order.Ticket with { Attempt = 2 } };
        var second = await Wait.Ended(member, again, await member.Start(again, CancellationToken.None));

        Assert.IsType<JobStatus.Unknown>(first);
        Assert.IsType<JobStatus.Succeeded>(second);
        Assert.Equal((1, 0L, 2), (copy.Resumed, copy.Leftovers, copy.Orders));
    }

    [Fact]
    public async Task A_full_disk_stops_for_good()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Nodes[0].IsFull = true;
        await using var cluster = CouchDoubles.Open(couch);
        var member = await MemberOf(cluster, couch, 0);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(Order(new ShardUnit("shop", "00000000-ffffffff")), CancellationToken.None));

        Assert.True(error.IsPermanent);
        Assert.Contains("free space on its disk first", error.Message, StringComparison.Ordinal);
    }

    private static JobOrder Order(StorageUnit unit, string option = "") => new(
        new CompactionTicket("run-1", 1, 1),
        [new UnitSize(unit, 200 * CouchDoubles.MiB, 80 * CouchDoubles.MiB, 200 * CouchDoubles.MiB)],
        option.Length == 0 ? Settings : Settings with { EngineOptions = OptionValues.None.With(option, true) });

    private static async Task<IEngineMember> MemberOf(CouchDbCluster cluster, DoubleCluster couch, int index)
    {
        await cluster.Discover(CancellationToken.None);
        return cluster.Member(couch.Nodes[index].Name);
    }
}
