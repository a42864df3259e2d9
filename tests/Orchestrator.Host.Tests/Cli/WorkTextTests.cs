using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>Where a step's work stands.</summary>
public sealed class WorkTextTests
{
    private static readonly ProgressDto _progress = new("shop/orders", "copy", 0.5, 0, 1, 2048, 1024) { RemainingSeconds = 90 };

    [Theory]
    [InlineData("running", true, "copy shop/orders, 2.0 KiB, 1.0 KiB/s, 1 min 30 s left")]
    [InlineData("running", null, "copy shop/orders, 2.0 KiB, 1.0 KiB/s, 1 min 30 s left")]
    [InlineData("running", false, "copy shop/orders, 2.0 KiB")]
    [InlineData("paused", true, "copy shop/orders, 2.0 KiB")]
    [InlineData("waiting", true, "copy shop/orders, 2.0 KiB")]
    public void Only_what_is_at_work_has_a_pace(string state, bool? isHealthy, string expected)
    {
        var step = new StepDto(1, "rs-1", "compact", "node-2", state, "", 1, 0.5, 0, 0, 0, null, [], Samples.Now, null)
        {
            Progress = _progress,
            Checks = [new RecordedCheckDto("members-healthy", isHealthy, "", Samples.Now)],
        };

        Assert.Equal(expected, WorkText.Of(step));
    }
}
