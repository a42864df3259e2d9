using System.Collections.Concurrent;
using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>What the driver makes of MongoDB's answers, beside the contract.</summary>
public sealed class DriverTests
{
    private static readonly CompactionSettings Settings = new(MongoDbCapabilities.Compact, Force: false, 0, "nightly");

    [Fact]
    public async Task The_comment_of_a_compaction_names_run_step_and_attempt()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);

        await Ended(member, Order(), await member.Start(Order(), CancellationToken.None));

        var command = Assert.Single(set.Members[1].Compacts);
        Assert.Equal("run-1/2/3", command["comment"]["orchestrator"].AsString);
        Assert.Equal("nightly", command["comment"]["comment"].AsString);
        Assert.False(command.Contains("force"));
        Assert.False(command.Contains("freeSpaceTargetMB"));
    }

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
        var member = await MemberOf(cluster, set, 1);

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
        var member = await MemberOf(cluster, set, 1);

        var inventory = await member.Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None.With(MongoDbCapabilities.FreeSpaceTarget, 100)), CancellationToken.None);

        Assert.Equal(120 * MongoDoubles.MiB, inventory.Units.Single(unit => unit.Size.Unit.Collection == "orders").BytesFreed);
    }

    [Fact]
    public async Task An_option_that_the_version_does_not_have_is_refused_with_the_reason()
    {
        await using var set = MongoDoubles.ThreeMembers("7.0.14");
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(Order() with { Settings = Settings with { EngineOptions = OptionValues.None.With(MongoDbCapabilities.FreeSpaceTarget, 5) } }, CancellationToken.None));

        Assert.Equal($"{set.Members[1].Name} runs MongoDB 7.0.14, which has no freeSpaceTargetMB; 7.3 and later have it", error.Message);
    }

    [Fact]
    public async Task A_primary_is_not_compacted_unless_that_is_forced()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 0);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(Order(), CancellationToken.None));
        var forced = Order() with { Settings = Settings with { Force = true } };
        var done = await Ended(member, forced, await member.Start(forced, CancellationToken.None));

        Assert.Equal(EngineFault.WrongState, error.Fault);
        Assert.IsType<JobStatus.Succeeded>(done);
        Assert.True(Assert.Single(set.Members[0].Compacts)["force"].AsBoolean);
    }

    [Fact]
    public async Task A_collection_that_was_dropped_meanwhile_is_no_failure()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);
        var order = Order() with { Units = [Size("gone"), Size("orders")] };

        var done = Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, await member.Start(order, CancellationToken.None)));

        Assert.Equal([0, 160 * MongoDoubles.MiB], done.Units.Select(unit => unit.BytesFreed));
    }

    [Theory]
    [InlineData(462, "IngressRequestRateLimitExceeded", "SystemOverloadedError", "RetryableError")]
    [InlineData(10107, "NotWritablePrimary", "RetryableWriteError")]
    [InlineData(91, "ShutdownInProgress", "RetryableWriteError")]
    public async Task What_the_client_could_send_again_by_itself_is_sent_once(int code, string name, params string[] labels)
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);
        set.Members[1].FailNext("compact", code, name, "not now", labels);

        var ended = await Ended(member, Order(), await member.Start(Order(), CancellationToken.None));

        Assert.Contains("not now", Assert.IsType<JobStatus.Failed>(ended).Reason);
        Assert.Empty(set.Members[1].Compacts);
    }

    [Fact]
    public async Task A_server_whose_topology_version_goes_back_is_reached_again()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);
        set.Members[1].RefuseNextAhead("serverStatus");

        var first = await Assert.ThrowsAsync<EngineException>(() => member.Observe(CancellationToken.None));

        Assert.Equal(EngineFault.WrongState, first.Fault);
        await Reached(member);
    }

    [Fact]
    public async Task A_server_that_hangs_is_told_as_such_and_reached_again()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);
        set.Members[1].Slowness = TimeSpan.FromHours(1);

        var hung = await Assert.ThrowsAsync<EngineException>(() => member.Observe(CancellationToken.None));
        set.Members[1].Slowness = TimeSpan.Zero;

        Assert.Equal(EngineFault.Unreachable, hung.Fault);
        await Reached(member);
    }

    [Fact]
    public async Task What_an_upgrade_has_left_is_told_of_a_member()
    {
        await using var set = MongoDoubles.ThreeMembers("8.0.4");
        set.Members[1].Features = "7.0";
        await using var cluster = MongoDoubles.Open(set);

        var upgraded = await (await MemberOf(cluster, set, 1)).Observe(CancellationToken.None);
        var complete = await (await MemberOf(cluster, set, 2)).Observe(CancellationToken.None);

        Assert.Equal(("its feature compatibility version is 7.0", ""), (upgraded.Reason, complete.Reason));
    }

    [Fact]
    public async Task Collections_in_memory_are_left_out_with_the_reason()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Members[1].StorageEngine = "inMemory";
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);

        var inventory = await member.Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        Assert.NotEmpty(inventory.Units);
        Assert.All(inventory.Units, unit => Assert.Equal("the in-memory storage engine has no files", unit.Refusal));
    }

    [Fact]
    public async Task The_lag_is_that_of_the_primarys_view_without_the_configured_delay()
    {
        await using var set = MongoDoubles.Fill(new DoubleReplicaSet("rs0", "7.0.14", new(), new(), new() { IsHidden = true, Priority = 0, DelaySeconds = 600 }));
        set.Members[1].LagSeconds = 7;
        set.Members[2].LagSeconds = 3;
        await using var cluster = MongoDoubles.Open(set);

        var seen = new List<MemberObservation>();
        for (var i = 0; i < 3; i++)
        {
            seen.Add(await (await MemberOf(cluster, set, i)).Observe(CancellationToken.None));
        }

        Assert.Equal([0.0, 7, 3], seen.Select(look => look.Lag.Seconds));
        Assert.Equal([false, false, true], seen.Select(look => look.CannotLead));
        Assert.All(seen, look => Assert.Equal(60L << 30, look.Disk.FreeBytes));
    }

    [Theory]
    [InlineData("recovering", NodeState.Recovering)]
    [InlineData("startup2", NodeState.Recovering)]
    [InlineData("rollback", NodeState.Recovering)]
    public async Task States_are_told_as_they_are(string state, NodeState expected)
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Members[1].State = state switch { "recovering" => MemberStates.Recovering, "startup2" => MemberStates.Startup2, _ => MemberStates.Rollback };
        await using var cluster = MongoDoubles.Open(set);

        var seen = await (await MemberOf(cluster, set, 1)).Observe(CancellationToken.None);

        Assert.Equal(expected, seen.State);
        Assert.Contains(state, seen.Reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Backups_are_seen()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Members[1].FsyncLocked = true;
        set.Members[2].BackupCursorOpen = true;
        await using var cluster = MongoDoubles.Open(set);

        var seen = new List<bool?>();
        for (var i = 0; i < 3; i++)
        {
            seen.Add((await (await MemberOf(cluster, set, i)).Observe(CancellationToken.None)).BackupRunning);
        }

        Assert.Equal([false, true, true], seen);
    }

    [Fact]
    public async Task A_second_orchestrator_is_kept_away_until_the_run_gives_its_claim_back()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var first = MongoDoubles.Open(set);
        await using var second = MongoDoubles.Open(set);
        await first.Discover(CancellationToken.None);
        await second.Discover(CancellationToken.None);

        Assert.Equal("", await first.Claim("run-1", CancellationToken.None));
        var error = await Assert.ThrowsAsync<EngineException>(() => second.Claim("run-2", CancellationToken.None));
        Assert.Equal("", await second.Claim("run-1", CancellationToken.None));
        await second.Release("run-1", CancellationToken.None);
        Assert.Equal("", await second.Claim("run-2", CancellationToken.None));

        Assert.Equal(EngineFault.Claimed, error.Fault);
        Assert.Contains("run-1", error.Message);
    }

    [Fact]
    public async Task Without_the_right_to_write_the_claim_the_reason_is_told()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Users["op"] = new DoubleUser("op", "secret", new HashSet<string> { "replSetGetConfig", "replSetGetStatus" });
        await using var cluster = MongoDoubles.Open(set, options => options with { User = "op", Password = "secret" });
        await cluster.Discover(CancellationToken.None);

        Assert.Contains("may not write orchestrator.claims", await cluster.Claim("run-1", CancellationToken.None));
        var denied = await Assert.ThrowsAsync<EngineException>(() => cluster.Member(set.Members[1].Name).Observe(CancellationToken.None));
        Assert.Equal((EngineFault.Denied, true), (denied.Fault, denied.IsPermanent));
        Assert.Contains("docs/engines/mongodb.md", denied.Message);
    }

    [Fact]
    public async Task A_primary_whose_secondaries_lag_stays_primary_and_it_is_told_who_lags()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Members[1].LagSeconds = set.Members[2].LagSeconds = 900;
        await using var cluster = MongoDoubles.Open(set, options => options with { TransferTimeout = TimeSpan.FromSeconds(1) });
        var member = await MemberOf(cluster, set, 0);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.StepDown("rs0", set.Members[1].Name, CancellationToken.None));

        Assert.Equal(EngineFault.WrongState, error.Fault);
        Assert.Contains($"{set.Members[1].Name} is still 900 s behind", error.Message);
        Assert.Equal(set.Members[0], set.Primary);
    }

    [Fact]
    public async Task The_wanted_successor_is_elected_although_another_one_is_preferred()
    {
        await using var set = MongoDoubles.Fill(new DoubleReplicaSet("rs0", "7.0.14", new() { Priority = 3 }, new() { Priority = 2 }, new() { Priority = 1 }));
        var heard = new ConcurrentQueue<string>();
        set.Tell = heard.Enqueue;
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 0);

        var term = await member.StepDown("rs0", set.Members[2].Name, CancellationToken.None);

        // Once its freeze is taken back, the preferred member may take over in a term of its own.
        Assert.Contains($"{set.Members[2].Name} is primary in term {term}", heard);
        Assert.True(set.Members[1].FrozenUntil <= TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task An_endpoint_of_another_set_is_refused()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var other = new DoubleReplicaSet("rs1", "7.0.14", new DoubleMemberOptions());
        await using var cluster = MongoDoubles.Open(
            set, options => options with { Uri = $"mongodb://{set.Members[0].Address},{other.Members[0].Address}/?replicaSet=rs0" });

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.Equal(EngineFault.Misconfigured, error.Fault);
        Assert.Contains("replica set rs1, not of rs0", error.Message);
    }

    [Fact]
    public async Task A_standalone_needs_no_step_down()
    {
        await using var alone = MongoDoubles.Fill(new DoubleReplicaSet("", "7.0.14", new DoubleMemberOptions()));
        await using var orchestration = MongoDoubles.Orchestrate(alone);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal(["compact"], ended.Run.Steps.Select(step => step.Kind));
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
        var member = await MemberOf(cluster, set, 1);

        var inventory = await member.Inventory(new InventoryRequest(MongoDbCapabilities.Compact, OptionValues.None), CancellationToken.None);

        Assert.Equal(2502, inventory.Units.Count);
    }

    private static async Task Reached(IEngineMember member)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await member.Observe(patience.Token);
                return;
            }
            catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
            {
                // It was not: again.
            }
        }
    }

    private static JobOrder Order() => new(new CompactionTicket("run-1", 2, 3), [Size("orders")], Settings);

    private static UnitSize Size(string collection) => new(
        new DocumentsUnit("shop", collection), 260 * MongoDoubles.MiB, 100 * MongoDoubles.MiB, 260 * MongoDoubles.MiB);

    private static async Task<IEngineMember> MemberOf(MongoDbCluster cluster, DoubleReplicaSet set, int index)
    {
        await cluster.Discover(CancellationToken.None);
        return cluster.Member(set.Members[index].Name);
    }

    private static async Task<JobStatus> Ended(IEngineMember member, JobOrder order, JobId job)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await member.Poll(order, job, patience.Token) is var status and not JobStatus.Running)
            {
                return status;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    [Fact]
    public async Task It_is_told_who_replicates_from_a_member_that_stands_still()
    {
        await using var set = MongoDoubles.ThreeMembers("4.4.10");
        set.Members[2].SyncSource = set.Members[1].Name;
        set.Members[1].Begin("shop.orders", new BsonDocument("compact", "orders"));
        await using var cluster = MongoDoubles.Open(set);
        var member = await MemberOf(cluster, set, 1);

        var seen = await member.Observe(CancellationToken.None);

        Assert.EndsWith($"; {set.Members[2].Name} replicates from it and falls behind too", seen.Reason);
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
