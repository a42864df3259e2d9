using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Xunit.Abstractions;

namespace Orchestrator.Simulation.Tests;

/// <summary>
/// The promise-and-appoint protocol under lost, doubled and reordered messages, crashes, partitions and competing
/// supervisors with journals of their own. A failure prints the seed of its history.
/// </summary>
public class PromiseProtocolTests(ITestOutputHelper output)
{
    private static readonly SimFaults Hostile = new(
        Reorder: true, Loss: 0.2, Duplication: 0.1, MaxDelayMs: 1200,
        CrashesPerMinute: 14, PartitionsPerMinute: 10, NewSupervisorsPerMinute: 4, StepDownsPerMinute: 6, SharedJournal: false);

    private static readonly ReplicaSetPolicy Impatient = new(
        UnreachableAfter: TimeSpan.FromSeconds(4),
        FailoverGrace: TimeSpan.FromSeconds(4),
        FirstAppointmentGrace: TimeSpan.FromSeconds(2),
        PromiseTimeout: TimeSpan.FromSeconds(1),
        StepDownTimeout: TimeSpan.FromSeconds(5));

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void No_acknowledged_write_is_lost_and_no_term_has_two_primaries(int members)
    {
        Play(150, members, Hostile);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Nothing_is_lost_if_members_restart_without_the_end_of_their_logs(int members) =>
        Play(60, members, Hostile with { CutLogs = 0.5 });

    /// <summary>
    /// Its record of what it has vouched for is gone, too, as in a directory that was restored; it is back before anybody has noticed that it was
    /// away, and all others have what they had.
    /// </summary>
    [Fact]
    public void A_primary_that_restarts_without_the_end_of_its_history_does_not_give_it_another_one() => Seeds.ForAll(40, seed =>
    {
        var world = new SimWorld(seed, 3, SimFaults.None) { SetPolicy = Impatient };
        world.NewSupervisor();
        world.EachStep = world.WriteSomewhere;
        for (var i = 0; i < 5; i++)
        {
            Assert.True(world.Run(TimeSpan.FromMinutes(1), () => world.Nodes.Values.Any(node => node.State is LeadingMember)), "there is no primary");
            world.Run(TimeSpan.FromSeconds(world.Random.Next(1, 10)), () => false);
            var leader = world.Nodes.Values.First(node => node.State is LeadingMember);
            leader.Crash();
            world.Run(TimeSpan.FromMilliseconds(world.Random.Next(100, 2000)), () => false);
            leader.Start(cutLogs: true, forgetsVouched: true);
        }

        world.EachStep = () => { };
        Assert.True(world.Run(TimeSpan.FromMinutes(2), () => IsSettled(world)), "the set does not settle");
        world.Checks.AssertConverged(world);
        Assert.True(world.Checks.AcknowledgedWrites > 20, $"only {world.Checks.AcknowledgedWrites} acknowledged writes");
    });

    private void Play(int histories, int members, SimFaults faults)
    {
        var (terms, writes) = (0, 0);
        Seeds.ForAll(histories, seed =>
        {
            var world = PlayOne(seed, members, faults);
            terms += world.Checks.Terms;
            writes += world.Checks.AcknowledgedWrites;
        });
        output.WriteLine($"{terms} terms, {writes} acknowledged writes");

        // Histories in which nothing happens would prove nothing.
        Assert.True(terms > histories / 2, $"only {terms} terms");
        Assert.True(writes > 5 * histories, $"only {writes} acknowledged writes");
    }

    private static SimWorld PlayOne(int seed, int members, SimFaults faults)
    {
        var world = new SimWorld(seed, members, faults) { SetPolicy = Impatient };
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
        && world.HasEqualLogs;
}
