using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>compact</c>: starts a run, and with <c>--wait</c> shows it to its end.</summary>
internal static class CompactCommand
{
    /// <summary>How long <c>--wait</c> goes on asking when nobody answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Command Create(CommandRunner runner, TimeProvider time)
    {
        var scope = new ScopeOptions();
        var wait = new Option<bool>("--wait") { Description = "Wait until the run has ended; the exit code tells how." };
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "Wait no longer than this (exit code 4); the run goes on. For example 90s, 15m, 2h.",
            HelpName = "TIME",
            CustomParser = result => Durations.TryParse(result.Tokens[^1].Value, out var parsed)
                ? parsed
                : CommonOptions.Fail<TimeSpan?>(result, $"--timeout must be a time such as 90s, 15m or 2h, not '{result.Tokens[^1].Value}'."),
        };
        var command = ClientCommand.Create(
            runner,
            "compact",
            "Starts a run that compacts the chosen units on every member in turn, secondaries first, the primary last.",
            async (parsed, client, output, cancellationToken) =>
            {
                var cluster = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var run = await client.StartRun(scope.Read(parsed, cluster), cancellationToken);
                if (parsed.GetValue(wait))
                {
                    output.Remark($"Run {run.Id} has started.");
                    run = await Wait(client, output, run, time, parsed.GetValue(timeout), cancellationToken);
                }

                output.Result(run, ApiJson.Context.RunDto, console => RunText.Write(console, run));
                return run.State == "failed" ? ExitCodes.Failed : ExitCodes.Done;
            });
        command.Options.Add(runner.Common.Cluster);
        scope.AddTo(command);
        command.Options.Add(wait);
        command.Options.Add(timeout);
        return command.WithExamples(
            "orchestrator compact --wait",
            "orchestrator compact --database shop --max-bytes-per-second 20000000 --comment 'ticket 4711'",
            "orchestrator compact --wait --timeout 2h --give-back-primary --output json");
    }

    private static async Task<RunDto> Wait(
        OrchestratorClient client, CliOutput output, RunDto run, TimeProvider time, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout is { } limit)
        {
            limited.CancelAfter(limit);
        }

        try
        {
            return await RunWatcher.Watch(output, new RunFollower([client], time, Patience), run, limited.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Run {run.Id} has not ended within {Human.Duration(timeout!.Value)}; it goes on.");
        }
    }
}
