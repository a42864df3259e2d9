using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Xunit.Abstractions;

namespace Orchestrator.Simulation.Tests;

/// <summary>Whole plans carried out on simulated members, with every machine of the product in its place.</summary>
public class RollingRunTests(ITestOutputHelper output)
{
    private static readonly SimFaults Faulty = new(
        Reorder: false, Loss: 0.05, Duplication: 0.05, MaxDelayMs: 400,
        CrashesPerMinute: 1, PartitionsPerMinute: 0.5, NewSupervisorsPerMinute: 1, StepDownsPerMinute: 0.5, SharedJournal: true);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void The_order_of_the_plan_holds_for_any_initial_primary(int members) => Seeds.ForAll(50, seed =>
    {
        var world = SimRuns.Settled(seed, members);
        var wanted = world.Set.Members[(int)((uint)seed % (uint)members)];
        MovePrimary(world, wanted);
        var supervisor = world.Supervisors[^1];
        var plan = supervisor.CreateRun("r1", CompactionOptions.Default with { GiveBackPrimary = seed % 2 == 0 });
        Assert.Equal(wanted, plan.Steps.OfType<StepDownStep>().First().Node);
        world.EachStep = world.WriteSomewhere;
        SimRuns.RunToEnd(world);

        var completed = Assert.IsType<CompletedRun>(world.Supervisors[^1].Run);
        Assert.False(completed.WithSkips);
        Assert.Equal(
            plan.Steps.OfType<CompactMemberStep>().Select(step => step.Number),
            world.Journal.Events.OfType<MemberCompacted>().Select(@event => @event.Step));
        Assert.Equal(wanted, completed.Steps.Last(step => step is CompactedStep).Step.Node);
        Assert.Equal(seed % 2 == 0, supervisor.Set.Primary == wanted);
        SimRuns.AssertCompactedOnce(world, completed);
        SimRuns.Settle(world);
    });

    [Fact]
    public void A_supervisor_that_dies_after_any_event_is_followed_by_one_that_ends_the_run()
    {
        var died = 0;
        for (var after = 1; ; after++)
        {
            var world = SimRuns.Settled(7, 3);
            world.Supervisors[^1].CreateRun("r1", CompactionOptions.Default);
            world.Supervisors[^1].DiesAfterEvents = after;
            world.EachStep = () =>
            {
                if (world.Supervisors.TrueForAll(supervisor => !supervisor.IsAlive))
                {
                    died++;
                    world.NewSupervisor();
                }
            };
            SimRuns.RunToEnd(world);
            SimRuns.AssertCompactedOnce(world, Assert.IsType<CompletedRun>(world.Supervisors[^1].Run));
            if (world.Supervisors.Count == 1)
            {
                break;
            }
        }

        // Every event of the run and of its step-down was the last one once.
        Assert.True(died > 40, $"only {died} deaths");
    }

    [Fact]
    public void A_member_killed_at_any_moment_of_its_compaction_comes_back_and_is_compacted()
    {
        var retried = 0;
        for (var moment = 1; moment <= 20; moment++)
        {
            var world = SimRuns.Settled(moment, 3);
            world.Supervisors[^1].CreateRun("r1", CompactionOptions.Default);
            var left = moment;
            world.EachStep = () =>
            {
                var compacting = world.Nodes.Values.FirstOrDefault(node => node.Compactor.IsRunning);
                if (compacting is not null && --left == 0)
                {
                    world.Crash(compacting, TimeSpan.FromSeconds(world.Random.Next(1, 60)));
                }
            };
            SimRuns.RunToEnd(world);
            var run = Assert.IsType<CompletedRun>(world.Supervisors[^1].Run);
            Assert.All(world.Nodes.Values, node => Assert.All(node.Compactor.Units, unit => Assert.Equal(0, unit.BytesFreed)));
            retried += world.Journal.Events.Count(fact => fact is StepRetried or StepPaused);
            Assert.False(run.WithSkips);
            SimRuns.Settle(world);
        }

        // Killed before it was seen at work, a member only gets the same order again.
        Assert.True(retried > 10, $"only {retried} attempts were interrupted");
    }

    [Fact]
    public void A_run_under_crashes_partitions_and_changing_supervisors_ends_and_does_no_harm()
    {
        var outcomes = new Dictionary<string, int>();
        Seeds.ForAll(100, seed =>
        {
            var world = SimRuns.Settled(seed, 3);
            world.Supervisors[^1].CreateRun("r1", CompactionOptions.Default);
            world.Faults = Faulty;
            world.EachStep = () =>
            {
                world.WriteSomewhere();
                SimRuns.KeepSupervisor(world);
            };
            SimRuns.RunToEnd(world);
            var run = (ExistingRun)world.Journal.Events.OfType<RunEvent>().Aggregate(RunState.Initial, RunDecider.Apply);
            AssertNoStepDownAfterFailure(world.Journal);
            var outcome = RunProjection.View(run, []).State;
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            world.Heal();
            SimRuns.Settle(world);
        });
        output.WriteLine(string.Join(", ", outcomes.Select(entry => $"{entry.Key}: {entry.Value}")));
        Assert.True(outcomes.Values.Sum() - outcomes.GetValueOrDefault("failed") > 50, "most runs should end well");
    }

    private static void MovePrimary(SimWorld world, string wanted)
    {
        var supervisor = world.Supervisors[^1];
        if (supervisor.Set.Primary != wanted)
        {
            supervisor.StepDown(world.Set.Name, wanted);
            Assert.True(world.Run(TimeSpan.FromMinutes(1), () => supervisor.Set is Appointed && supervisor.Set.Primary == wanted));
            SimRuns.Settle(world);
        }
    }

    private static void AssertNoStepDownAfterFailure(SimJournal journal)
    {
        var failed = journal.Events.FindIndex(@event => @event is StepFailed);
        Assert.True(failed < 0 || journal.Events.Skip(failed).All(@event => @event is not (StepStarted or StepDownOrdered)));
    }
}
