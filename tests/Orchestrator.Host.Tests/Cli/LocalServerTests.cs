using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>Commands with <c>--config</c>, on a scripted supervisor.</summary>
public sealed class LocalServerTests
{
    [Fact]
    public async Task A_run_that_an_earlier_command_left_unfinished_goes_on_instead_of_a_new_one()
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            ListClusters => new ClusterList([Samples.View]),
            ListRuns list => RunPage.Of([Samples.Run("r-2", "completed", Samples.Now), Samples.Run("r-1", "paused")], list),
            ResumeRun => Samples.Run("r-1", "running"),
            ReadRunEvents => new RunEventBatch([new(1, new RunCompleted(false, Samples.Now))], Samples.Run("r-1", "completed", Samples.Now)),
            GetRun => Samples.Run("r-1", "completed", Samples.Now),
            _ => throw new InvalidOperationException("unexpected"),
        });

        var (code, output, error) = await CliHarness.Run(Local(api), default, "compact", "--config", "x.conf", "--output", "json");

        Assert.Equal(0, code);
        Assert.Equal("r-1", JsonElement.Parse(output).GetProperty("id").GetString());
        Assert.Contains("r-1 was left unfinished", error, StringComparison.Ordinal);
        Assert.Contains(api.SupervisorRequests, request => request is ResumeRun { RunId: "r-1" });
        Assert.DoesNotContain(api.SupervisorRequests, request => request is StartRun);
    }

    [Fact]
    public async Task Without_one_a_run_is_started_and_always_waited_for()
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            ListClusters => new ClusterList([Samples.View]),
            ListRuns => new RunPage([], ""),
            StartRun start => Samples.Run(start.RunId, "running"),
            ReadRunEvents => new RunEventBatch([new(1, new RunFailed("no", Samples.Now))], Samples.Run("r-1", "failed", Samples.Now)),
            GetRun => Samples.Run("r-1", "failed", Samples.Now),
            _ => throw new InvalidOperationException("unexpected"),
        });

        var (code, _, _) = await CliHarness.Run(Local(api), default, "compact", "--config", "x.conf");

        Assert.Equal(1, code);
    }

    [Fact]
    public async Task Interrupted_it_pauses_the_run_and_says_how_to_go_on()
    {
        using var interrupt = new CancellationTokenSource();
        await using var api = await ApiHost.Start(supervisor: request =>
        {
            switch (request)
            {
                case ListClusters:
                    return new ClusterList([Samples.View]);
                case ListRuns:
                    return new RunPage([], "");
                case StartRun start:
                    return Samples.Run(start.RunId, "running");
                case ReadRunEvents:
                    interrupt.Cancel();
                    return new RunEventBatch([new(1, new RunStarted(Samples.Now))], Samples.Run("r-1", "running"));
                case PauseRun:
                    return Samples.Run("r-1", "pausing");
                case GetRun:
                    return Samples.Run("r-1", "paused");
                default:
                    throw new InvalidOperationException("unexpected");
            }
        });

        var (code, output, error) = await CliHarness.Run(Local(api), interrupt.Token, "compact", "--config", "x.conf", "--cluster", "main");

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains("is paused. To continue: orchestrator compact --config x.conf --cluster main --wait", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_and_a_configuration_file_exclude_each_other()
    {
        var (code, _, error) = await CliHarness.Run("nodes", "--config", "x.conf", "--server", "http://127.0.0.1:1");

        Assert.Equal(2, code);
        Assert.Contains("not both", error, StringComparison.Ordinal);
    }

    private static StartLocalServer Local(ApiHost api) => (_, _, _) => Task.FromResult<ILocalServer>(new Scripted(api.Address));

    private sealed record Scripted(Uri Address) : ILocalServer
    {
        public string Token => "t";

        public string Journal => "j";

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
