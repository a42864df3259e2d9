using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Simulation.Tests;

/// <summary>What simulated runs have in common.</summary>
internal static class SimRuns
{
    /// <summary>There is always a supervisor that thinks it is alive.</summary>
    public static void KeepSupervisor(SimWorld world)
    {
        if (world.Supervisors.TrueForAll(supervisor => !supervisor.IsAlive))
        {
            world.NewSupervisor();
        }
    }

    public static bool HasEnded(SimWorld world) =>
        world.Journal.Events.Exists(@event => @event is RunCompleted or RunFailed or RunCancelled);

    public static SimWorld Settled(int seed, int members, int sets = 1)
    {
        var world = new SimWorld(seed, members, SimFaults.None, sets);
        world.NewSupervisor();
        Settle(world);
        return world;
    }

    public static void Settle(SimWorld world)
    {
        world.EachStep = () => KeepSupervisor(world);
        Assert.True(world.Run(TimeSpan.FromMinutes(3), () =>
            world.Supervisors.Find(supervisor => supervisor.IsAlive) is { } supervisor
            && supervisor.Sets.Values.All(set => set is Appointed)
            && world.Nodes.Values.Count(node => node.State is LeadingMember) == world.Sets.Count
            && supervisor.HasSeenAll
            && supervisor.Snapshot.Members.All(member => member.Observation.State == NodeState.Online
                && member.Observation.Term == supervisor.Sets[member.Observation.ReplicaSet].Term)
            && world.HasEqualLogs));
        world.Checks.AssertConverged(world);
    }

    public static void RunToEnd(SimWorld world) => Assert.True(
        world.Run(TimeSpan.FromHours(1), () => HasEnded(world)),
        "the run does not end: " + string.Join("\n", world.Journal.Events.OfType<RunEvent>().TakeLast(12).Select(RunText.Of)));

    /// <summary>Faults and an operator who does this and that, then neither, until the run has ended.</summary>
    /// <returns>The run, as the journal has it.</returns>
    public static ExistingRun Operate(SimWorld world, SimFaults faults, double cancelsPerMinute)
    {
        world.Faults = faults;
        var someone = new SimOperator(world, cancelsPerMinute);
        world.EachStep = () =>
        {
            world.WriteSomewhere();
            someone.Step();
            KeepSupervisor(world);
        };
        world.Run(TimeSpan.FromMinutes(3), () => HasEnded(world));
        someone.Retire();
        world.Heal();
        RunToEnd(world);
        return (ExistingRun)world.Journal.Events.OfType<RunEvent>().Aggregate(RunState.Initial, RunDecider.Apply);
    }

    public static void AssertCompactedOnce(SimWorld world, CompletedRun run)
    {
        foreach (var step in run.Steps.Where(step => step.Step is CompactMemberStep))
        {
            Assert.Equal(1, world.Nodes[step.Step.Node].Compactor.Completions.GetValueOrDefault(step.Step.Number));
        }

        Assert.Equal(1, world.Checks.MostCompacting);
    }
}
