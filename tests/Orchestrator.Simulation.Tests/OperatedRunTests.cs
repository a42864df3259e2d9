using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Xunit.Abstractions;

namespace Orchestrator.Simulation.Tests;

/// <summary>Runs that operators, windows and freezes interfere with, on simulated members.</summary>
public class OperatedRunTests(ITestOutputHelper output)
{
    private static readonly SimFaults Faulty = new(
        Reorder: false, Loss: 0.05, Duplication: 0.05, MaxDelayMs: 400,
        CrashesPerMinute: 1, PartitionsPerMinute: 0.5, NewSupervisorsPerMinute: 1, StepDownsPerMinute: 0.5, SharedJournal: true);

    [Fact]
    public void Runs_that_are_paused_cancelled_shut_out_and_frozen_at_random_end_and_do_no_harm()
    {
        var outcomes = new Dictionary<string, int>();
        var (pauses, resumed) = (0, 0);
        Seeds.ForAll(240, seed =>
        {
            var world = SimRuns.Settled(seed, 3 + (seed % 2 * 2));
            world.Supervisors[^1].CreateRun("r1", CompactionOptions.Default with { OnFailure = (FailurePolicy)(seed % 3) });
            var run = SimRuns.Operate(world, Faulty, cancelsPerMinute: seed % 4 == 0 ? 0.7 : 0);
            var outcome = RunProjection.View(run, []).State;
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            pauses += world.Journal.Events.OfType<StepPaused>().Count();
            resumed += world.Nodes.Values.Count(node => node.Compactor.HasResumed);
            SimRuns.Settle(world);
        });
        output.WriteLine($"{string.Join(", ", outcomes.Select(entry => $"{entry.Key}: {entry.Value}"))}; {pauses} pauses, {resumed} members resumed");
        Assert.True(outcomes.GetValueOrDefault("cancelled") > 12, "too few were cancelled");
        Assert.True(outcomes.GetValueOrDefault("completed") > 72, "too few were completed");
        Assert.True(pauses > 120 && resumed > 72, $"only {pauses} pauses, {resumed} resumed");
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("suspend")]
    [InlineData("cancel")]
    public void A_supervisor_that_dies_after_any_event_is_followed_by_one_that_keeps_to_the_orders(string script)
    {
        var (died, resumed) = (0, 0);
        for (var after = 1; ; after++)
        {
            var world = SimRuns.Settled(11, 3);
            world.Supervisors[^1].CreateRun("r1", CompactionOptions.Default);
            world.Supervisors[^1].DiesAfterEvents = after;
            var steps = 0;
            world.EachStep = () =>
            {
                died += world.Supervisors.Exists(supervisor => supervisor.IsAlive) ? 0 : 1;
                SimRuns.KeepSupervisor(world);
                Play(world, script, ++steps);
            };
            SimRuns.RunToEnd(world);
            var run = (EndedRun)world.Supervisors[^1].Run;
            SimRuns.Settle(world);
            if (script == "cancel")
            {
                Assert.IsType<CancelledRun>(run);
                Assert.True(world.Journal.Events.OfType<StepStarted>().Count() < 4);
            }
            else
            {
                SimRuns.AssertCompactedOnce(world, Assert.IsType<CompletedRun>(run));
                resumed += world.Nodes.Values.Count(node => node.Compactor.HasResumed);

                // A step-down that its supervisor did not live to see is given up and ordered again; a pause is no failure.
                Assert.DoesNotContain(world.Journal.Events, @event => @event is StepRetried { Step: not 3 });
            }

            if (world.Supervisors.Count == 1)
            {
                break;
            }
        }

        Assert.True(died > 20, $"only {died} deaths");
        Assert.True(script == "cancel" || resumed > 10, $"only {resumed} resumed");
    }

    /// <summary>Orders at fixed times; each is given until it has been followed.</summary>
    private static void Play(SimWorld world, string script, int step)
    {
        var shut = new RunGate(new Core.Windows.WindowStatus(false, "shut", null, null, Core.Windows.WindowCloseRule.Suspend), "");
        var supervisor = world.Supervisors[^1];
        switch (script)
        {
            case "pause" when step is > 12 and < 60 && supervisor.Run is RunningRun or WaitingRun:
                supervisor.Control(new PauseRun("r1", "ben", ""));
                break;
            case "pause" when step >= 60 && supervisor.Run is PausedRun or PausingRun:
                supervisor.Control(new ResumeRun("r1", "ben"));
                break;
            case "suspend":
                world.Gate = step is > 12 and < 60 ? shut : RunGate.Open;
                break;
            case "cancel" when step > 60 && supervisor.Run is not CancellingRun:
                supervisor.Control(new CancelRun("r1", "ben", ""));
                break;
        }
    }
}
