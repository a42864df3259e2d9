using Orchestrator.Core.Runs;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>Whole runs on replica sets of the double.</summary>
public sealed class RunTests
{
    [Theory]
    [InlineData(0, "7.0.14")]
    [InlineData(1, "7.0.14")]
    [InlineData(2, "7.0.14")]
    [InlineData(1, "2.6.12")]
    [InlineData(0, "3.4.24")]
    [InlineData(2, "4.2.24")]
    [InlineData(0, "4.4.8")]
    [InlineData(1, "8.0.4")]
    public async Task Secondaries_come_first_then_the_primary_steps_down_to_one_that_is_done_then_the_old_primary(int first, string version)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        set.Elect(set.Members[first]);
        var old = set.Members[first].Name;
        await using var orchestration = MongoDoubles.Orchestrate(set);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        var steps = ended.Run.Steps;
        Assert.Equal(["compact", "compact", "step-down", "compact"], steps.Select(step => step.Kind));
        Assert.DoesNotContain(old, steps.Take(2).Select(step => step.Node));
        Assert.Equal(old, steps[3].Node);
        Assert.Contains(steps[2].NewPrimary, steps.Take(2).Select(step => step.Node));
        Assert.Equal(steps[2].NewPrimary, set.Primary!.Name);
        Assert.All(steps.Where(step => step.Kind == "compact"), step => Assert.Equal(160 * MongoDoubles.MiB, step.BytesBefore - step.BytesAfter));
        Assert.All(set.Members, member => Assert.Equal("orders", Assert.Single(member.Compacts)["compact"].AsString));

        // Nobody is kept from standing for election afterwards.
        Assert.All(set.Members, member => Assert.Equal(default, member.SteppedDownUntil));
        Assert.All(set.Members, member => Assert.True(member.FrozenUntil <= TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task With_an_arbiter_the_one_secondary_takes_over()
    {
        await using var set = MongoDoubles.Fill(new DoubleReplicaSet("rs0", "7.0.14", new(), new(), new() { IsArbiter = true }));
        await using var orchestration = MongoDoubles.Orchestrate(set);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal([set.Members[1].Name, set.Members[0].Name, set.Members[0].Name], ended.Run.Steps.Select(step => step.Node));
        Assert.Equal(set.Members[1], set.Primary);
        Assert.Empty(set.Members[2].Compacts);
    }

    [Fact]
    public async Task Hidden_and_delayed_members_are_compacted_and_never_become_primary()
    {
        await using var set = MongoDoubles.Fill(new DoubleReplicaSet(
            "rs0",
            "6.0.16",
            new(),
            new() { IsHidden = true, Priority = 0 },
            new() { IsHidden = true, Priority = 0, DelaySeconds = 3600, Votes = 0 },
            new()));
        await using var orchestration = MongoDoubles.Orchestrate(set);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal(set.Members[3], set.Primary);
        Assert.All(set.Members, member => Assert.Single(member.Compacts));
    }

    [Fact]
    public async Task An_orchestrator_that_dies_in_the_middle_finds_the_same_operation_again()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var orchestration = MongoDoubles.Orchestrate(set);
        foreach (var member in set.Members)
        {
            member.Hold();
        }

        await orchestration.Start("run-1");
        await orchestration.Follow("run-1", happened => happened is StepAccepted);
        await Wait.Until(() => set.Members.Sum(member => member.Compacts.Count) == 1);
        await orchestration.KillSupervisor();
        var revived = await orchestration.Follow("run-1", happened => happened is StepAccepted);
        foreach (var member in set.Members)
        {
            member.Release();
        }

        var ended = await orchestration.Follow("run-1");

        Assert.Equal("running", revived.Run.State);
        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(set.Members, member => Assert.Single(member.Compacts));
        Assert.All(ended.Run.Steps, step => Assert.Equal(1, step.Attempt));
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_no_reason_to_compact_again()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var orchestration = MongoDoubles.Orchestrate(set);
        var first = set.Members[1];
        first.Hold();

        await orchestration.Start("run-1");
        await Wait.Until(() => first.Compacts.Count == 1);
        Assert.Equal(1, first.Cut("compact"));
        await Wait.Until(() => first.Operations.Count == 1);
        first.Release();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(set.Members, member => Assert.Single(member.Compacts));
    }

    [Fact]
    public async Task A_former_primary_whose_answer_was_lost_may_stand_for_election_again_afterwards()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var orchestration = MongoDoubles.Orchestrate(set);
        var old = set.Members[0];
        old.Hold();

        await orchestration.Start("run-1");
        await Wait.Until(() => old.Compacts.Count == 1);
        Assert.NotEqual(default, old.SteppedDownUntil);
        Assert.Equal(1, old.Cut("compact"));
        old.Release();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Single(old.Compacts);
        Assert.Equal(default, old.SteppedDownUntil);
    }

    [Fact]
    public async Task A_compaction_of_somebody_else_is_waited_for()
    {
        await using var set = MongoDoubles.ThreeMembers();
        var busy = set.Members[1];
        var other = busy.Begin("shop.customers", new MongoDB.Bson.BsonDocument("compact", "customers"));
        await using var orchestration = MongoDoubles.Orchestrate(set);

        await orchestration.Start("run-1");
        var waiting = await orchestration.Follow("run-1", happened => happened is CheckEvaluated { Result.Passed: false });
        busy.End(other);
        var ended = await orchestration.Follow("run-1");

        Assert.Contains(busy.Name, waiting.Run.Reason + string.Join(' ', waiting.Events.Select(recorded => recorded.Event.ToString())));
        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(set.Members, member => Assert.Single(member.Compacts));
    }

    [Fact]
    public async Task When_somebody_else_moves_the_primary_the_run_moves_it_on()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var orchestration = MongoDoubles.Orchestrate(set);
        set.Members[1].Hold();

        await orchestration.Start("run-1");
        await Wait.Until(() => set.Members[1].Compacts.Count == 1);
        set.Elect(set.Members[2]);
        set.Members[1].Release();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed-with-skips", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(set.Members, member => Assert.Single(member.Compacts));
        Assert.DoesNotContain(set.Members, member => member.Compacts.Any(command => command.Contains("force")));
    }

    [Fact]
    public async Task A_primary_that_is_lost_in_the_middle_stops_the_run_until_it_is_back()
    {
        await using var set = MongoDoubles.ThreeMembers();
        await using var orchestration = MongoDoubles.Orchestrate(set, options => options with { RequestTimeout = TimeSpan.FromSeconds(2) });

        // Equal gains go by name.
        var secondaries = set.Members.Skip(1).OrderBy(member => member.Name, StringComparer.Ordinal).ToList();
        secondaries[0].Hold();

        await orchestration.Start("run-1");
        var begun = await orchestration.Follow("run-1", happened => happened is StepAccepted);

        // Its order is sent after that; one that has not arrived would be refused by a member that is elected meanwhile.
        await Wait.Until(() => secondaries[0].Compacts.Count == 1);
        set.Members[0].Kill();
        await orchestration.Follow(
            "run-1",
            happened => happened is CheckEvaluated { Result: { Passed: false, Check: "members-healthy" } lost } && lost.Message.Contains(set.Members[0].Name, StringComparison.Ordinal),
            begun.Events.Count);
        secondaries[0].Release();
        await orchestration.Follow("run-1", happened => happened is MemberCompacted);
        Assert.Empty(secondaries[1].Compacts);
        set.Members[0].Revive();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed-with-skips", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(set.Members, member => Assert.Single(member.Compacts));
    }

    [Fact]
    public async Task Members_are_reached_by_other_names_than_those_of_the_set()
    {
        await using var set = MongoDoubles.Fill(new DoubleReplicaSet(
            "rs0", "7.0.14", new("mongo-1.invalid:27017"), new("mongo-2.invalid:27017"), new("mongo-3.invalid:27017")));
        await using var orchestration = MongoDoubles.Orchestrate(set, options => options with
        {
            Uri = $"mongodb://{set.Members[0].Address}/?replicaSet=rs0",
            Addresses = set.Members.Skip(1).ToDictionary(member => member.Name, member => member.Address),
        });

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.All(ended.Run.Steps, step => Assert.EndsWith(".invalid:27017", step.Node));
    }

    [Fact]
    public async Task Pressure_on_the_cache_is_a_reason_to_try_again()
    {
        await using var set = MongoDoubles.ThreeMembers();
        set.Members[1].FailNext("compact", 11601, "Interrupted", "Compaction interrupted on table:collection-7 (due to cache eviction pressure)");
        await using var orchestration = MongoDoubles.Orchestrate(set);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Contains(ended.Events.Select(recorded => recorded.Event), happened => happened is StepRetried retry && retry.Reason.Contains("cache is under pressure"));
    }
}
