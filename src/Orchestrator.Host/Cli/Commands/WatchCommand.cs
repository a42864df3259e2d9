using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>watch RUN</c>: shows a run to its end, whoever started it.</summary>
internal static class WatchCommand
{
    public static Command Create(CommandRunner runner, TimeProvider time)
    {
        var id = new Argument<string>("RUN") { Description = "Id of the run, as 'runs' lists it." }.Offering(runner.Common, Completions.Runs);
        var timeout = RunWait.TimeoutOption();
        var command = ClientCommand.Create(
            runner,
            "watch",
            "Shows a run from its beginning to its end; the exit code tells how it ended. Continues when the supervisor moves or the server restarts.",
            async (parsed, client, output, cancellationToken) =>
            {
                var run = await client.Run(parsed.GetValue(id)!, cancellationToken);
                var goOn = parsed.GetValue(runner.Common.Config) is { } config ? $"orchestrator watch {run.Id} --config {config}" : null;
                run = await new RunWait(client, output, time, goOn).Wait(run, parsed.GetValue(timeout), cancellationToken);
                output.Result(run, () => ApiJson.Context.RunDto, console => RunText.Write(console, run));
                return RunWait.ExitCodeOf(run);
            });
        command.Arguments.Add(id);
        command.Options.Add(timeout);
        return command.WithExamples("orchestrator watch 20260131-221500-3fa9c1", "orchestrator watch 20260131-221500-3fa9c1 --timeout 30m --output json");
    }
}
