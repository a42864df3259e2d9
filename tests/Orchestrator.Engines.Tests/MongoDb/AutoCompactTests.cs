using Orchestrator.Core.Engines;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>Background compaction as a standing setting.</summary>
public sealed class AutoCompactTests
{
    private static readonly MongoDbAutoCompactOptions On = new(true, 32, RunsOnce: false, []);

    private const int Discoveries = 3;

    [Fact]
    public async Task It_is_switched_on_and_off_as_the_setting_says_and_shown()
    {
        await using var set = MongoDoubles.ThreeMembers("8.0.4");
        set.Members[2].AutoCompact = (20, false);

        var seen = await Discover(set, On);
        var options = set.Members.Select(member => member.AutoCompact).ToList();
        await Discover(set, On with { IsOn = false });

        Assert.Contains("autoCompact", seen.Reason);
        Assert.Equal([(32, false), (32, false), (32, false)], options);
        Assert.All(set.Members, member => Assert.Null(member.AutoCompact));
    }

    [Fact]
    public async Task Without_the_setting_nothing_is_switched_and_only_named_members_are()
    {
        await using var set = MongoDoubles.ThreeMembers("8.0.4");
        set.Members[2].AutoCompact = (20, false);

        await Discover(set, null);
        Assert.Equal([null, null, (20, false)], set.Members.Select(member => member.AutoCompact));
        await Discover(set, On with { Members = [set.Members[0].Name] });

        Assert.Equal([(32, false), null, (20, false)], set.Members.Select(member => member.AutoCompact));
    }

    [Theory]
    [InlineData("7.0.14", "MongoDB 7.0.14 has no autoCompact")]
    [InlineData("8.0.4", "may not")]
    public async Task A_member_that_cannot_is_shown_with_the_reason(string version, string reason)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        for (var i = 0; i < Discoveries; i++)
        {
            set.Members[1].FailNext("autoCompact", 13, "Unauthorized", "the user may not");
        }

        var seen = await Discover(set, On);

        Assert.Equal(Core.Topology.NodeState.Online, seen.State);
        Assert.Contains(reason, seen.Reason);
    }

    [Fact]
    public async Task It_is_off_while_a_run_works_and_put_back_afterwards()
    {
        await using var set = MongoDoubles.ThreeMembers("8.0.4");
        await using var orchestration = MongoDoubles.Orchestrate(set, options => options with { AutoCompact = On });
        await Wait.Until(() => set.Members.All(member => member.AutoCompact == (32, false)));
        set.Members[1].Hold();

        await orchestration.Start("run-1");
        await Wait.Until(() => set.Members[1].Compacts.Count == 1);
        Assert.Null(set.Members[1].AutoCompact);
        await Wait.Until(() => set.Members.All(member => member.AutoCompact is null));
        set.Members[1].Release();
        var ended = await orchestration.Follow("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        await Wait.Until(() => set.Members.All(member => member.AutoCompact == (32, false)));
    }

    /// <summary>Discovers often enough for what takes two steps, and looks at the second member.</summary>
    private static async Task<MemberObservation> Discover(DoubleReplicaSet set, MongoDbAutoCompactOptions? wanted)
    {
        await using var cluster = MongoDoubles.Open(set, options => options with { AutoCompact = wanted });
        for (var i = 0; i < Discoveries; i++)
        {
            await cluster.Discover(CancellationToken.None);
        }

        return await cluster.Member(set.Members[1].Name).Observe(CancellationToken.None);
    }
}
