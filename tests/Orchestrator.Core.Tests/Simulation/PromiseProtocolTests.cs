using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Nodes;
using Xunit.Abstractions;

namespace Orchestrator.Core.Tests.Simulation;

/// <summary>
/// The promise-and-appoint protocol under lost, doubled and reordered messages, crashes, partitions and competing
/// supervisors with journals of their own. A failure prints the seed of its history.
/// </summary>
public class PromiseProtocolTests(ITestOutputHelper output)
{
    private static readonly SimFaults Hostile = new(
        Reorder: true, Loss: 0.1, Duplication: 0.1, MaxDelayMs: 1500,
        CrashesPerMinute: 4, PartitionsPerMinute: 4, NewSupervisorsPerMinute: 2, SharedJournal: false);

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void No_acknowledged_write_is_lost_and_no_term_has_two_primaries(int members)
    {
        var (terms, writes) = (0, 0);
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var world = Play(seed, members);
            terms += world.Checks.Terms;
            writes += world.Checks.AcknowledgedWrites;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
        output.WriteLine($"{terms} terms, {writes} acknowledged writes");

        // Histories in which nothing happens would prove nothing.
        Assert.True(terms > 50, $"only {terms} terms");
        Assert.True(writes > 500, $"only {writes} acknowledged writes");
    }

    private static SimWorld Play(int seed, int members)
    {
        var world = new SimWorld(seed, members, Hostile);
        world.NewSupervisor();
        world.NewSupervisor();
        world.EachStep = world.WriteSomewhere;
        world.Run(TimeSpan.FromMinutes(3), () => false);
        world.EachStep = () => { };
        world.Heal();
        world.NewSupervisor();
        Assert.True(
            world.Run(TimeSpan.FromMinutes(2), () => IsSettled(world)),
            $"the set does not settle: {string.Join(", ", world.Nodes.Values.Select(node => $"{node.State}"))}");
        world.Checks.AssertConverged(world);
        return world;
    }

    private static bool IsSettled(SimWorld world) =>
        world.Nodes.Values.Count(node => node.State is LeadingMember) == 1
        && world.Nodes.Values.Count(node => node.State is FollowingMember) == world.Set.Members.Count - 1
        && SimNode.Collections.All(name => world.Nodes.Values.Select(node => node.Logs[name].Count).Distinct().Count() == 1);
}
