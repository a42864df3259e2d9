using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.CouchDouble;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.CouchDb;

/// <summary>Whole runs of a real supervisor on the double.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task A_run_compacts_one_copy_of_a_range_after_another_and_leaves_system_databases_alone()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal(couch.Nodes.Select(node => node.Name), ended.Run.Steps.Select(step => step.Node));
        Assert.All(couch.Nodes, node => Assert.Equal(1, node.Copy(couch.Databases["shop"]).Orders));
        Assert.All(couch.Nodes, node => Assert.Equal(0, node.Copy(couch.Databases["_users"]).Orders));
        Assert.DoesNotContain(couch.Nodes.SelectMany(node => node.Requests), request => request.StartsWith("POST /shop/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_twenty_thousand_databases_only_those_that_are_worth_it_are_measured_planned_and_compacted()
    {
        const int worthIt = 10;
        await using var couch = await CouchDoubles.Nodes();
        for (var i = 0; i < 20_000; i++)
        {
            couch.Create($"user-{i:00000}", q: 1);
        }

        var large = Enumerable.Range(0, worthIt).Select(number => couch.Create($"large-{number}", q: 1, file: 20 * CouchDoubles.MiB, active: CouchDoubles.MiB)).ToList();

        // One discovery, then what the run itself asks.
        await using var orchestration = CouchDoubles.Orchestrate(couch, options => options with { DiscoverInterval = TimeSpan.FromHours(1), RequestTimeout = TimeSpan.FromMinutes(1) });

        var ended = await orchestration.Run("run-1", options => options with { MaxParallelReplicaSets = 3 });

        Assert.Equal(("completed", "", 3 * worthIt), (ended.Run.State, ended.Run.Reason, ended.Run.Steps.Count));
        Assert.All(couch.Nodes, node => Assert.All(large, database => Assert.Equal(1, node.Copy(database).Orders)));
        var requests = couch.Nodes.SelectMany(node => node.Requests).ToList();
        Assert.Equal(21, requests.Count(request => request.Contains("/_all_dbs", StringComparison.Ordinal)));
        Assert.Equal(201, requests.Count(request => request.Contains("/_dbs_info", StringComparison.Ordinal)));
        Assert.Equal(3 * worthIt, requests.Count(request => request.EndsWith("/_compact", StringComparison.Ordinal)));
        Assert.DoesNotContain(requests, request => request.Contains("user-", StringComparison.Ordinal) && !request.Contains("startkey", StringComparison.Ordinal));
    }

    /// <summary>The whole path of a run in which everything is worth it: what it asks for a copy must not grow with the number of copies.</summary>
    [Fact]
    public async Task What_a_run_asks_for_each_copy_does_not_depend_on_how_many_there_are()
    {
        const int databases = 60;
        const int each = 40;
        await using var couch = await CouchDoubles.Nodes();
        var all = Enumerable.Range(0, databases).Select(number => couch.Create($"customer-{number:000}", q: 1, file: 20 * CouchDoubles.MiB, active: CouchDoubles.MiB)).ToList();
        await using var orchestration = CouchDoubles.Orchestrate(
            couch,
            options => options with { DiscoverInterval = TimeSpan.FromHours(1), RequestTimeout = TimeSpan.FromMinutes(1) },
            policy => policy with { Settle = TimeSpan.Zero });

        var ended = await orchestration.Run("run-1", options => options with { MaxParallelReplicaSets = 3 });

        Assert.Equal(("completed", "", 3 * databases), (ended.Run.State, ended.Run.Reason, ended.Run.Steps.Count));
        Assert.All(couch.Nodes, node => Assert.All(all, database => Assert.Equal(1, node.Copy(database).Orders)));
        var asked = couch.Nodes.SelectMany(node => node.Requests).Where(request => request.Contains("customer-", StringComparison.Ordinal)).ToList();
        Assert.InRange(asked.Count, 3 * databases, 3 * databases * each);
        Assert.All(
            asked.Where(request => request.StartsWith("GET", StringComparison.Ordinal)).GroupBy(request => request),
            request => Assert.InRange(request.Count(), 1, each));
    }

    [Fact]
    public async Task Never_two_copies_of_a_range_are_at_work_while_ranges_go_side_by_side()
    {
        await using var couch = await CouchDoubles.Nodes();
        couch.Create("shop", q: 3, file: 90 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        foreach (var node in couch.Nodes)
        {
            node.CompactTime = TimeSpan.FromMilliseconds(500);
        }

        await using var orchestration = CouchDoubles.Orchestrate(couch);
        using var watching = new CancellationTokenSource();
        var watch = Task.Run(async () =>
        {
            var most = 0;
            while (!watching.IsCancellationRequested)
            {
                // One may end and the next begin between two looks at them: both are at work if they were so before and after.
                var running = Running();
                var together = running.Intersect(Running()).Select(shard => shard.Shard).ToList();
                Assert.Equal(together.Distinct().Count(), together.Count);
                most = Math.Max(most, together.Count);
                await Task.Delay(1);
            }

            return most;
        });

        var ended = await orchestration.Run("run-1", options => options with { MaxParallelReplicaSets = 3 });
        await watching.CancelAsync();

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(couch.Nodes.SelectMany(node => node.Shards.Values).Where(shard => shard.Shard.Contains("/shop.", StringComparison.Ordinal)), shard => Assert.Equal(1, shard.Orders));
        Assert.True(await watch > 1, "ranges never went side by side");

        List<DoubleShard> Running() => [.. couch.Nodes.SelectMany(node => node.Shards.Values).Where(shard => shard.IsRunning)];
    }

    [Fact]
    public async Task A_node_has_as_many_copies_at_work_as_the_run_allows_and_a_range_has_one()
    {
        await using var couch = await CouchDoubles.Nodes();
        couch.Create("shop", q: 4, file: 90 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        var held = couch.Nodes[0].Hold();
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        await orchestration.Start("run-1", options => options with
        {
            MaxParallelReplicaSets = 4,
            EngineOptions = OptionValues.None.With(OptionCheck.MaxJobsPerMember, 2),
        });
        await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Result: { Passed: false, Check: "member-free" } lost } && lost.Message.EndsWith("at most 2 at a time", StringComparison.Ordinal));
        await Wait.Until(() => AtWork().Count == 2);
        Assert.Equal(2, AtWork().Distinct().Count());
        couch.Nodes[0].Held = null;
        held.SetResult();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(couch.Nodes.SelectMany(node => node.Shards.Values).Where(shard => shard.Shard.Contains("/shop.", StringComparison.Ordinal)), shard => Assert.Equal(1, shard.Orders));

        List<string> AtWork() => [.. couch.Nodes.SelectMany(node => node.Shards.Values).Where(shard => shard.IsRunning).Select(shard => shard.Shard)];
    }

    [Fact]
    public async Task A_node_that_is_down_stops_its_ranges_until_it_is_back_although_CouchDB_would_accept_the_order()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var held = couch.Nodes[0].Hold();
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        await orchestration.Start("run-1");
        var begun = await orchestration.Follow("run-1", happened => happened is StepAccepted);
        await couch.Nodes[2].Kill();
        await orchestration.Follow(
            "run-1",
            happened => happened is CheckEvaluated { Result: { Passed: false, Check: "members-healthy" } lost } && lost.Message.Contains(couch.Nodes[2].Name, StringComparison.Ordinal),
            begun.Events.Count);
        couch.Nodes[0].Held = null;
        held.SetResult();
        await orchestration.Follow("run-1", happened => happened is MemberCompacted);
        Assert.Equal(0, couch.Nodes[1].Copy(couch.Databases["shop"]).Orders);
        await couch.Nodes[2].Start();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(couch.Nodes, node => Assert.Equal(1, node.Copy(couch.Databases["shop"]).Orders));
    }

    [Fact]
    public async Task A_node_in_maintenance_mode_is_waited_for()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        await using var orchestration = CouchDoubles.Orchestrate(couch);
        couch.Nodes[1].MaintenanceMode = "true";

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Result: { Passed: false } lost } && lost.Message.Contains("maintenance mode", StringComparison.Ordinal));
        Assert.All(couch.Nodes, node => Assert.Equal(0, node.Copy(couch.Databases["shop"]).Orders));
        couch.Nodes[1].MaintenanceMode = "false";
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
    }

    [Fact]
    public async Task A_compaction_of_somebody_else_is_waited_for()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var held = couch.Nodes[1].Hold();
        couch.Nodes[1].Compact(couch.Nodes[1].Copy(couch.Databases["shop"]), isOrdered: false);
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Result: { Passed: false } lost } && lost.Message.Contains(couch.Nodes[1].Name, StringComparison.Ordinal));
        Assert.All(couch.Nodes, node => Assert.Equal(0, node.Copy(couch.Databases["shop"]).Orders));
        couch.Nodes[1].Held = null;
        held.SetResult();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal("completed", ended.Run.State.Split('-')[0]);
        Assert.Equal(1, couch.Nodes[0].Copy(couch.Databases["shop"]).Orders);
    }

    [Fact]
    public async Task A_killed_nodes_leftovers_are_finished_by_the_next_attempt()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var first = couch.Nodes[0];
        first.Hold();
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted);
        await first.Kill();
        first.Held = null;
        await first.Start();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal((2, 1, 0L), (first.Copy(couch.Databases["shop"]).Orders, first.Copy(couch.Databases["shop"]).Resumed, first.Copy(couch.Databases["shop"]).Leftovers));
    }

    [Fact]
    public async Task An_orchestrator_that_dies_in_the_middle_orders_nothing_twice()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        var held = couch.Nodes[0].Hold();
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted);
        await orchestration.KillSupervisor();
        await orchestration.Follow("run-1", happened => happened is StepAccepted);
        couch.Nodes[0].Held = null;
        held.SetResult();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(couch.Nodes, node => Assert.Equal(1, node.Copy(couch.Databases["shop"]).Orders));
    }

    [Fact]
    public async Task A_database_that_is_deleted_in_the_middle_leaves_the_others_to_the_run()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Create("other", q: 1, file: 90 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        var held = couch.Nodes[0].Hold();
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted);
        var begun = couch.Nodes[0].Shards.Values.Single(shard => shard.IsRunning).Shard.Contains("/shop.", StringComparison.Ordinal) ? "shop" : "other";
        couch.Delete(begun);
        couch.Nodes[0].Held = null;
        held.SetResult();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed-with-skips", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(couch.Nodes, node => Assert.Equal(1, node.Copy(couch.Databases[begun == "shop" ? "other" : "shop"]).Orders));
    }

    [Fact]
    public async Task A_copy_that_moves_in_the_middle_is_left_out()
    {
        await using var couch = await CouchDoubles.Nodes(4);
        var shop = couch.Create("shop", q: 1, file: 90 * CouchDoubles.MiB, active: CouchDoubles.MiB);
        var held = couch.Nodes[0].Hold();
        await using var orchestration = CouchDoubles.Orchestrate(couch);

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted);
        couch.Move(shop, "00000000-ffffffff", couch.Nodes[1], couch.Nodes[3]);
        couch.Nodes[0].Held = null;
        held.SetResult();
        var ended = await orchestration.Follow("run-1");

        // Whether the run or the driver sees it first.
        Assert.Equal(("completed", ""), (ended.Run.State.Split('-')[0], ended.Run.Reason));
        Assert.Equal([1, 0, 1, 0], couch.Nodes.Select(node => node.Shards.Values.Where(copy => copy.Shard == shop.ShardOf("00000000-ffffffff")).Sum(copy => copy.Orders)));
    }

    [Fact]
    public async Task Automatic_compaction_is_held_during_a_run_and_put_back()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Nodes[0].Settings["smoosh.ratio_dbs/concurrency"] = "3";
        var held = couch.Nodes[1].Hold();
        await using var orchestration = CouchDoubles.Orchestrate(couch, options => options with { HoldsSmoosh = true });

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted accepted && accepted.Step == 2);
        Assert.All(couch.Nodes, node => Assert.Equal(7, node.Settings.Count(setting => setting is { Key: var key, Value: "0" } && key.StartsWith("smoosh.", StringComparison.Ordinal))));
        Assert.All(couch.Nodes, node => Assert.Equal(7, node.Unwritten.Count));
        couch.Nodes[1].Held = null;
        held.SetResult();
        await orchestration.Follow("run-1");

        await Wait.Until(() => couch.Nodes.Sum(node => node.Settings.Count) == 1);
        Assert.Equal("3", couch.Nodes[0].Settings["smoosh.ratio_dbs/concurrency"]);
    }

    [Fact]
    public async Task What_an_orchestrator_that_died_held_is_put_back_by_the_next_one()
    {
        await using var couch = await CouchDoubles.ThreeNodes();
        couch.Nodes[0].Settings["smoosh.ratio_dbs/concurrency"] = "3";
        var died = CouchDoubles.Open(couch, options => options with { HoldsSmoosh = true, ClaimTimeToLive = TimeSpan.FromSeconds(1) });
        await died.Discover(CancellationToken.None);
        await died.Claim("run-1", CancellationToken.None);
        Assert.Equal(21, couch.Nodes.Sum(node => node.Settings.Count(setting => setting.Value == "0")));

        await using var next = CouchDoubles.Open(couch, process: "next");
        await Wait.Until(async () =>
        {
            await next.Discover(CancellationToken.None);
            return couch.Nodes.Sum(node => node.Settings.Count) == 1;
        });

        Assert.Equal("3", couch.Nodes[0].Settings["smoosh.ratio_dbs/concurrency"]);
        Assert.DoesNotContain("compaction", couch.Databases["orchestrator"].Documents.Values.Where(document => !document.IsDeleted).Select(document => document.Id));
        await died.DisposeAsync();
    }
}
