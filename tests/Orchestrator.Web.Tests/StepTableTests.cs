using Bunit;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>Steps of a run.</summary>
public sealed class StepTableTests : IAsyncLifetime
{
    private readonly BunitContext _context = new();

    [Fact]
    public void A_step_took_the_same_time_on_the_page_and_in_the_command_line()
    {
        var step = new StepDto(1, "rs-1", "compact", "node-2", "completed", "", 1, 1, 0, 0, 0, null, [], Samples.Now, Samples.Now.AddSeconds(90))
        {
            DurationSeconds = 2.5,
            EstimatedDurationSeconds = 0.25,
        };

        var table = _context.Render<StepTable>(parameters => parameters.Add(part => part.Steps, [step]));

        Assert.Equal("2.5 s", RunText.Took(step));
        Assert.Equal("2.5 s of 250 ms", table.Find("tbody td:nth-child(6)").TextContent);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _context.DisposeAsync();
}
