using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Tests.Cli;

public class RunWatcherTests
{
    [Fact]
    public void Of_the_checks_those_are_told_that_fail_and_pass_after_that()
    {
        RunEventDto[] events =
        [
            Event("the run starts"), Check("a passes", 1, "a", true), Check("b fails", 1, "b", false), Check("b fails otherwise", 1, "b", false),
            Check("c is unknown", 1, "c", null), Check("b passes", 1, "b", true), Check("b passes again", 1, "b", true), Check("b passes in step 2", 2, "b", true),
        ];

        Assert.Equal(["the run starts", "b fails", "c is unknown", "b passes"], events.Where(RunWatcher.ToldEvents()).Select(e => e.Message));
    }

    private static RunEventDto Check(string message, int step, string name, bool? passed) =>
        Event(message) with { Step = step, Check = new CheckDto(name, passed, message) };

    private static RunEventDto Event(string message) => new(1, "any", DateTimeOffset.UnixEpoch, message, null, null, null, null);
}
