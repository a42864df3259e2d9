using Orchestrator.Core.Runs;
using Orchestrator.Core.Tests.Support;
using Xunit.Abstractions;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Properties of runs over random histories; <see cref="RunModel"/> checks each event.</summary>
public class RunPropertyTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_happens_a_run_does_no_harm_and_ends_or_says_what_it_waits_for()
    {
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var sideBySide = 0;
        var events = new SortedDictionary<string, int>(StringComparer.Ordinal);
        Seeds.ForAll(400, seed =>
        {
            var model = new RunModel(seed);
            for (var i = 0; i < 150; i++)
            {
                model.Step(hostile: true);
            }

            model.Heal();
            for (var i = 0; i < 3000 && model.Run is not EndedRun; i++)
            {
                model.Step(hostile: false);
            }

            var view = RunProjection.View(model.Run, []);
            Assert.True(model.Run is EndedRun, $"the run does not end: {RunText.Of(view)}");
            sideBySide = Math.Max(sideBySide, model.SharesMembers ? model.SideBySide : 0);
            outcomes[view.State] = outcomes.GetValueOrDefault(view.State) + 1;
            foreach (var @event in model.History)
            {
                events[@event.GetType().Name] = events.GetValueOrDefault(@event.GetType().Name) + 1;
            }
        });
        output.WriteLine(string.Join(", ", outcomes.Select(entry => $"{entry.Key}: {entry.Value}")));
        output.WriteLine(string.Join(", ", events.Select(entry => $"{entry.Key}: {entry.Value}")));

        // Histories in which something never happens would prove nothing about it.
        Assert.Equal(4, outcomes.Count);
        Assert.True(sideBySide > 1, "sets that share members are never at work side by side");
        Assert.All(typeof(RunEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RunEvent)) && type != typeof(NodeStateRecorded)), type =>
            Assert.True(events.GetValueOrDefault(type.Name) > 8, $"{type.Name} happened {events.GetValueOrDefault(type.Name)} times"));
    }
}
