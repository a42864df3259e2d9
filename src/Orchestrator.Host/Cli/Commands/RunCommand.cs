using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>run ID</c>: one run with its steps.</summary>
internal static class RunCommand
{
    public static Command Create(CommandRunner runner)
    {
        var id = new Argument<string>("ID") { Description = "Id of the run, as 'runs' lists it." }.Offering(runner.Common, Completions.Runs);
        var command = ClientCommand.Create(
            runner,
            "run",
            "Shows a run with the state, sizes and reason of each step.",
            async (parsed, client, output, cancellationToken) =>
            {
                var run = await client.Run(parsed.GetValue(id)!, cancellationToken);
                output.Result(run, () => ApiJson.Context.RunDto, console => RunText.Write(console, run));
                return ExitCodes.Done;
            });
        command.Arguments.Add(id);
        return command.WithExamples("orchestrator run 20260131-221500-3fa9c1");
    }
}
