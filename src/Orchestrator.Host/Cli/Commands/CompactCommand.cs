using System.CommandLine;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>compact</c>: starts a run, and with <c>--wait</c> shows it to its end.</summary>
internal static class CompactCommand
{
    public static Command Create(CommandRunner runner, TimeProvider time)
    {
        var scope = new ScopeOptions(runner.Common);
        var wait = new Option<bool>("--wait")
        {
            Description = "Wait until the run has ended; the exit code tells how. With --config the command always waits, and first continues a run that an earlier command left unfinished.",
        };
        var timeout = RunWait.TimeoutOption();
        var command = ClientCommand.Create(
            runner,
            "compact",
            "Starts a run that compacts the chosen units on every member in turn, secondaries first, the primary last.",
            async (parsed, client, output, cancellationToken) =>
            {
                var cluster = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var config = parsed.GetValue(runner.Common.Config);
                var run = config is null ? null : await GoOn(client, output, cluster, cancellationToken);
                if (run is null)
                {
                    run = await client.StartRun(scope.Read(parsed, cluster), cancellationToken);
                    output.Remark($"Run {run.Id} has started.");
                }

                if (parsed.GetValue(wait) || config is not null)
                {
                    var goOn = config is null ? null : $"orchestrator compact --config {config} --cluster {cluster} --wait";
                    run = await new RunWait(client, output, time, goOn).Wait(run, parsed.GetValue(timeout), cancellationToken);
                }

                output.Result(run, () => ApiJson.Context.RunDto, console => RunText.Write(console, run));
                return RunWait.ExitCodeOf(run);
            });
        command.Options.Add(runner.Common.Cluster);
        scope.AddTo(command);
        foreach (var option in (Option[])[wait, timeout])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(given =>
        {
            if (given.GetResult(timeout) is not null && !given.GetValue(wait) && given.GetValue(runner.Common.Config) is null)
            {
                given.AddError("--timeout limits the waiting: give --wait too.");
            }
        });
        return command.WithExamples(
            "orchestrator compact --wait",
            "orchestrator compact --database shop --max-bytes-per-second 20000000 --comment 'ticket 4711'",
            "orchestrator compact --window nights --needs-approval",
            "orchestrator compact --wait --timeout 2h --give-back-primary --output json",
            "orchestrator compact --config kube.conf --cluster kube --output json    # without a server, for cron");
    }

    /// <summary>The run that an earlier command left unfinished, made to go on; null if there is none.</summary>
    private static async Task<RunDto?> GoOn(OrchestratorClient client, CliOutput output, string cluster, CancellationToken cancellationToken)
    {
        var unfinished = await client.Runs(RunStates.Unfinished, cluster, int.MaxValue, cancellationToken);
        if (unfinished.Runs is not [.., var left])
        {
            return null;
        }

        output.Remark(
            $"Run {left.Id} was left unfinished by an earlier command ({left.State}). It continues with its own plan. "
            + "Run the command again to start a new run.");
        return left.State is "paused" or "pausing" ? await client.ResumeRun(left.Id, cancellationToken) : await client.Run(left.Id, cancellationToken);
    }
}
