using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;

namespace Orchestrator.Core.Tests.Runs;

public class RunScenarioTests
{
    public static TheoryData<string> Cases => [.. Golden.Files("runs")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Runs_decide_as_in_the_file(string file) => Golden.Run("runs", file, new RunCases().Execute);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_prefix_of_a_history_can_be_replayed_and_assessed(string file)
    {
        var cases = new RunCases();
        Golden.Run("runs", file, cases.Execute);
        var state = RunState.Initial;
        foreach (var @event in cases.History)
        {
            state = RunDecider.Apply(state, @event);
            AssertBlindAssessmentIsHarmless((ExistingRun)state, cases);
        }

        Assert.Equal(View(cases.State), View(state));
    }

    [Fact]
    public void Every_kind_of_event_happens_in_one_of_the_files()
    {
        var happened = Golden.Files("runs").SelectMany(file =>
        {
            var cases = new RunCases();
            Golden.Run("runs", file, cases.Execute);
            return cases.History;
        }).Select(@event => @event.GetType()).ToHashSet();

        var kinds = typeof(RunEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RunEvent)));
        Assert.Superset(kinds.ToHashSet(), happened);
    }

    /// <summary>A recovered run that sees nobody yet must neither order anything nor finish a step.</summary>
    private static void AssertBlindAssessmentIsHarmless(ExistingRun run, RunCases cases)
    {
        var last = run.Steps.SelectMany(step => step.Checks.Values).Select(check => check.Since).Append(run.CreatedAt).Max();
        var blind = cases.Snapshot([], last);
        var decision = RunDecider.Decide(run, new AssessRun(blind, RunGate.Open, last), CompactionPolicy.Default);
        Assert.Empty(decision.Effects);
        Assert.DoesNotContain(decision.Events, @event => @event is StepStarted or StepDownOrdered or MemberCompacted or StepRetried);
    }

    private static string View(RunState state) => RunText.Of(RunProjection.View((ExistingRun)state, Array.Empty<CompactionStatus>()));
}
