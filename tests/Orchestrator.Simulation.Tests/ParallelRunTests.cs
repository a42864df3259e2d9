using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Xunit.Abstractions;

namespace Orchestrator.Simulation.Tests;

/// <summary>
/// Whole clusters of several replica sets, compacted some at a time, while processes crash, messages are lost and people interfere.
/// </summary>
public class ParallelRunTests(ITestOutputHelper output)
{
    private const int Members = 3;

    private static readonly SimFaults Faulty = new(
        Reorder: false, Loss: 0.05, Duplication: 0.05, MaxDelayMs: 400,
        CrashesPerMinute: 2, PartitionsPerMinute: 1, NewSupervisorsPerMinute: 1, StepDownsPerMinute: 1, SharedJournal: true);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 4)]
    public void Undisturbed_sets_are_compacted_side_by_side_up_to_the_limit_each_in_order(int sets, int limit) => Seeds.ForAll(30, seed =>
    {
        var world = SimRuns.Settled(seed, Members, sets);
        var plan = Start(world, limit, FailurePolicy.Stop);
        world.EachStep = world.WriteSomewhere;
        SimRuns.RunToEnd(world);

        var completed = Assert.IsType<CompletedRun>(world.Supervisors[^1].Run);
        Assert.False(completed.WithSkips);
        Assert.Equal(limit, world.Checks.MostSetsAtWork);
        foreach (var set in plan.ReplicaSets)
        {
            var numbers = set.Steps.OfType<CompactMemberStep>().Select(step => step.Number).ToList();
            Assert.Equal(numbers, world.Journal.Events.OfType<MemberCompacted>().Select(@event => @event.Step).Where(numbers.Contains));
        }

        SimRuns.AssertCompactedOnce(world, completed);
        SimRuns.Settle(world);
    });

    [Fact]
    public void Disturbed_sets_are_compacted_side_by_side_without_harm_and_the_run_ends()
    {
        var outcomes = new Dictionary<string, int>();
        var (parallel, cancelled) = (0, 0);
        Seeds.ForAll(300, seed =>
        {
            var sets = 2 + (seed % 2);
            var world = SimRuns.Settled(seed, Members, sets);
            Start(world, 1 + (seed / 2 % sets), (FailurePolicy)(seed % 3));
            var run = SimRuns.Operate(
                world, Faulty with { FailedCompactions = seed % 5 == 0 ? 0.7 : 0 }, cancelsPerMinute: seed % 4 == 0 ? 0.7 : 0);
            var outcome = RunProjection.View(run, []).State;
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            parallel += world.Checks.MostSetsAtWork > 1 ? 1 : 0;
            cancelled += run is CancelledRun ? 1 : 0;
            SimRuns.Settle(world);
        });
        output.WriteLine($"{string.Join(", ", outcomes.Select(entry => $"{entry.Key}: {entry.Value}"))}; {parallel} worked in several sets at once");
        Assert.True(parallel > 100, $"only {parallel} runs worked in several sets at once");
        Assert.True(outcomes.GetValueOrDefault("completed") > 75, "too few were completed");
        Assert.True(cancelled > 15, $"only {cancelled} were cancelled");
    }

    private static CompactionPlan Start(SimWorld world, int limit, FailurePolicy onFailure) => world.Supervisors[^1].CreateRun(
        "r1", CompactionOptions.Default with { MaxParallelReplicaSets = limit, OnFailure = onFailure });
}
