using MongoDB.Bson;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>What one look at a member tells.</summary>
public sealed class ObservationTests
{
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
            seen.Add(await (await MongoDoubles.MemberOf(cluster, set, i)).Observe(CancellationToken.None));
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

        var seen = await (await MongoDoubles.MemberOf(cluster, set, 1)).Observe(CancellationToken.None);

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
            seen.Add((await (await MongoDoubles.MemberOf(cluster, set, i)).Observe(CancellationToken.None)).BackupRunning);
        }

        Assert.Equal([false, true, true], seen);
    }

    [Fact]
    public async Task What_an_upgrade_has_left_is_told_of_a_member()
    {
        await using var set = MongoDoubles.ThreeMembers("8.0.4");
        set.Members[1].Features = "7.0";
        await using var cluster = MongoDoubles.Open(set);

        var upgraded = await (await MongoDoubles.MemberOf(cluster, set, 1)).Observe(CancellationToken.None);
        var complete = await (await MongoDoubles.MemberOf(cluster, set, 2)).Observe(CancellationToken.None);

        Assert.Equal(("its feature compatibility version is 7.0", ""), (upgraded.Reason, complete.Reason));
    }

    [Fact]
    public async Task It_is_told_who_replicates_from_a_member_that_stands_still()
    {
        await using var set = MongoDoubles.ThreeMembers("4.4.10");
        set.Members[2].SyncSource = set.Members[1].Name;
        set.Members[1].Begin("shop.orders", new BsonDocument("compact", "orders"));
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);

        var seen = await member.Observe(CancellationToken.None);

        Assert.EndsWith($"; {set.Members[2].Name} replicates from it and falls behind too", seen.Reason);
    }

    [Fact]
    public async Task A_server_whose_topology_version_goes_back_is_reached_again()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);
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
        var member = await MongoDoubles.MemberOf(cluster, set, 1);
        set.Members[1].Slowness = TimeSpan.FromHours(1);

        var hung = await Assert.ThrowsAsync<EngineException>(() => member.Observe(CancellationToken.None));
        set.Members[1].Slowness = TimeSpan.Zero;

        Assert.Equal(EngineFault.Unreachable, hung.Fault);
        await Reached(member);
    }

    private static async Task Reached(IEngineMember member)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
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
}
