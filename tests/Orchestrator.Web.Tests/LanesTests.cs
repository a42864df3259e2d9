using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>Where steps stand in the timeline.</summary>
public sealed class LanesTests
{
    private static readonly DateTimeOffset _begin = Samples.Now;

    [Fact]
    public void What_was_done_what_is_at_work_and_what_is_expected_follow_each_other()
    {
        var run = Run(
            Step(1, "node-2", "completed", 0, 10),
            Step(2, "node-3", "running", 10, null) with { Fraction = 0.5, EstimatedDurationSeconds = 20 },
            Step(3, "node-1", "pending", null, null) with { EstimatedDurationSeconds = 20 });

        var lanes = Lanes.Of(run, _begin.AddSeconds(20));

        Assert.Equal((_begin, _begin.AddSeconds(50), 0.4), (lanes.Begin, lanes.End, lanes.Now));
        Assert.Equal(
            [
                "node-2 completed 0-0.2",
                "node-3 running 0.2-0.4",
                "node-3 expected 0.4-0.6",
                "node-1 expected 0.6-1",
            ],
            lanes.Members.SelectMany(lane => lane.Bars.Select(bar => FormattableString.Invariant($"{lane.Node} {bar.State} {bar.From:0.##}-{bar.To:0.##}"))));
    }

    [Fact]
    public void A_run_that_has_ended_expects_nothing_more()
    {
        var run = Run(Step(1, "node-2", "completed", 0, 10), Step(2, "node-3", "cancelled", null, null)) with { FinishedAt = _begin.AddSeconds(10) };

        var lanes = Lanes.Of(run, _begin.AddDays(1));

        Assert.Equal((1.0, _begin.AddSeconds(10)), (lanes.Now, lanes.End));
        Assert.Equal([1, 0], lanes.Members.Select(lane => lane.Bars.Count));
    }

    private static RunDto Run(params StepDto[] steps) => Samples.Run("r", "running").ToDto() with { Steps = steps, CreatedAt = _begin, FinishedAt = null };

    private static StepDto Step(int number, string node, string state, double? from, double? to) => new(
        number,
        "rs-1",
        "compact",
        node,
        state,
        "",
        1,
        0,
        0,
        0,
        0,
        null,
        [],
        from is { } start ? _begin.AddSeconds(start) : null,
        to is { } end ? _begin.AddSeconds(end) : null);
}
