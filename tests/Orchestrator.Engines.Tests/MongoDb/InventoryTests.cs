using Orchestrator.Core.Engines;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>What a member is seen to store, and what compacting it is expected to free.</summary>
public sealed class InventoryTests
{
    [Theory]
    [InlineData("6.0.16", 160)]
    [InlineData("7.3.4", 160)]
    [InlineData("8.0.0", 160)]
    [InlineData("8.0.4", 160)]
    public async Task Estimates_count_the_indexes_and_leave_out_what_WiredTiger_would_skip(string version, int expected)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        set.Add(new DoubleCollection("shop", "small") { Data = new DoubleFile { Bytes = 1 << 20, Free = 900_000 } });
        set.Add(new DoubleCollection("shop", "view") { Type = "view" });
        set.Add(new DoubleCollection("shop", "building") { Data = new DoubleFile { Bytes = 200 << 20, Free = 100 << 20 }, HasIndexBuild = true });
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);

        var inventory = await member.Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        var gains = inventory.Units.ToDictionary(unit => unit.Size.Unit.Path, unit => unit);
        Assert.Equal(expected * MongoDoubles.MiB, gains["shop/orders"].BytesFreed);
        Assert.Equal(0, gains["shop/customers"].BytesFreed);
        Assert.Equal(0, gains["shop/small"].BytesFreed);
        Assert.Equal("a view stores nothing", gains["shop/view"].Refusal);
        Assert.Equal("an index of it is being built", gains["shop/building"].Refusal);
        Assert.Equal(["admin/system.version"], inventory.SystemUnits.Select(unit => unit.Size.Unit.Path));
        Assert.Empty(set.Members[1].Compacts);
    }

    [Fact]
    public async Task A_target_of_free_space_counts_from_7_3_on()
    {
        await using var set = MongoDoubles.ThreeMembers("7.3.4");
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);

        var inventory = await member.Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None.With(MongoDbCapabilities.FreeSpaceTarget, 100)), CancellationToken.None);

        Assert.Equal(120 * MongoDoubles.MiB, inventory.Units.Single(unit => unit.Size.Unit.Collection == "orders").BytesFreed);
    }

    [Fact]
    public async Task Collections_in_memory_are_left_out_with_the_reason()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Members[1].StorageEngine = "inMemory";
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);

        var inventory = await member.Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        Assert.NotEmpty(inventory.Units);
        Assert.All(inventory.Units, unit => Assert.Equal("the in-memory storage engine has no files", unit.Refusal));
    }

    [Fact]
    public async Task Collections_come_in_batches()
    {
        await using var set = MongoDoubles.ThreeMembers();
        for (var i = 0; i < 2500; i++)
        {
            set.Members[1].Collections[$"many.c{i}"] = new DoubleCollection("many", $"c{i}") { Data = new DoubleFile { Bytes = 4096 } };
        }

        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);

        var inventory = await member.Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        Assert.Equal(2502, inventory.Units.Count);
    }

    [Fact]
    public async Task What_one_compaction_has_left_the_next_one_is_not_expected_to_free()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Members[1].Collections["shop.orders"].Data.Stuck = 50 * MongoDoubles.MiB;
        await using var orchestration = MongoDoubles.Orchestrate(set);

        await orchestration.Run("run-1");
        var report = await orchestration.Ask<StorageReport>(new GetStorageReport(MongoDoubles.Cluster));

        var units = report.Nodes.Single(node => node.Node == set.Members[1].Name).Units;
        var orders = units.Single(unit => unit.Size.Unit.Collection == "orders");
        Assert.Equal((0, 50 * MongoDoubles.MiB), (orders.BytesFreed, orders.Size.FileBytes - orders.Size.LiveBytes));
    }

    [Fact]
    public async Task A_plan_says_why_the_sizes_of_a_member_are_unknown()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Users["op"] = new DoubleUser("op", "secret", new HashSet<string>
        {
            "replSetGetConfig", "replSetGetStatus", "serverStatus", "inprog", "dbStats", "listDatabases",
        });
        await using var orchestration = MongoDoubles.Orchestrate(set, options => options with { User = "op", Password = "secret" });

        var made = await orchestration.Ask<PlanMade>(new MakePlan(Orchestration.Request()));

        var plan = Assert.Single(made.Plan.ReplicaSets);
        Assert.Empty(plan.Steps);
        Assert.Equal(3, plan.Skipped.Count);
        Assert.All(plan.Skipped, member => Assert.StartsWith("its sizes could not be read: ", member.Reason));
        Assert.All(plan.Skipped, member => Assert.Contains("listCollections", member.Reason));
    }
}
