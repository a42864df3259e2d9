using System.Collections.Concurrent;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>What the driver makes of orders and of MongoDB's answers to them, beside the contract.</summary>
public sealed class DriverTests
{
    private static readonly CompactionSettings Settings = new(MongoDbCapabilities.Compact, Force: false, 0, "nightly");

    [Fact]
    public async Task The_comment_of_a_compaction_names_run_step_and_attempt()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);

        await Wait.Ended(member, Order(), await member.Start(Order(), CancellationToken.None));

        var command = Assert.Single(set.Members[1].Compacts);
        Assert.Equal("run-1/2/3", command["comment"]["orchestrator"].AsString);
        Assert.Equal("nightly", command["comment"]["comment"].AsString);
        Assert.False(command.Contains("force"));
        Assert.False(command.Contains("freeSpaceTargetMB"));
    }

    [Fact]
    public async Task An_option_that_the_version_does_not_have_is_refused_with_the_reason()
    {
        await using var set = MongoDoubles.ThreeMembers("7.0.14");
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(Order() with { Settings = Settings with { EngineOptions = OptionValues.None.With(MongoDbCapabilities.FreeSpaceTarget, 5) } }, CancellationToken.None));

        Assert.Equal($"{set.Members[1].Name} runs MongoDB 7.0.14, which has no freeSpaceTargetMB; 7.3 and later have it", error.Message);
    }

    [Fact]
    public async Task A_primary_is_not_compacted_unless_that_is_forced()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 0);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(Order(), CancellationToken.None));
        var forced = Order() with { Settings = Settings with { Force = true } };
        var done = await Wait.Ended(member, forced, await member.Start(forced, CancellationToken.None));

        Assert.Equal(EngineFault.WrongState, error.Fault);
        Assert.IsType<JobStatus.Succeeded>(done);
        Assert.True(Assert.Single(set.Members[0].Compacts)["force"].AsBoolean);
    }

    [Fact]
    public async Task A_collection_that_was_dropped_meanwhile_is_no_failure()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var cluster = MongoDoubles.Open(set);
        var member = await MongoDoubles.MemberOf(cluster, set, 1);
        var order = Order() with { Units = [Size("gone"), Size("orders")] };

        var done = Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(member, order, await member.Start(order, CancellationToken.None)));

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
        var member = await MongoDoubles.MemberOf(cluster, set, 1);
        set.Members[1].FailNext("compact", code, name, "not now", labels);

        var ended = await Wait.Ended(member, Order(), await member.Start(Order(), CancellationToken.None));

        Assert.Contains("not now", Assert.IsType<JobStatus.Failed>(ended).Reason);
        Assert.Empty(set.Members[1].Compacts);
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
        await using var cluster = MongoDoubles.Open(set, options => options with { TransferTimeout = TimeSpan.FromSeconds(3) });
        var member = await MongoDoubles.MemberOf(cluster, set, 0);

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
        var member = await MongoDoubles.MemberOf(cluster, set, 0);

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

    private static JobOrder Order() => new(new CompactionTicket("run-1", 2, 3), [Size("orders")], Settings);

    private static UnitSize Size(string collection) => new(
        new DocumentsUnit("shop", collection), 260 * MongoDoubles.MiB, 100 * MongoDoubles.MiB, 260 * MongoDoubles.MiB);
}
