using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>runs</c>: all runs, newest first.</summary>
internal static class RunsCommand
{
    public static Command Create(CommandRunner runner) => ClientCommand.Create(
        runner,
        "runs",
        "Lists the runs that the supervisor remembers, newest first.",
        async (_, client, output, cancellationToken) =>
        {
            var list = await client.Runs(cancellationToken);
            output.Result(list, ApiJson.Context.RunListDto, console => RunText.Write(console, list.Runs));
            return ExitCodes.Done;
        }).WithExamples("orchestrator runs", "orchestrator runs --output json | jq -r '.runs[0].id'");
}
