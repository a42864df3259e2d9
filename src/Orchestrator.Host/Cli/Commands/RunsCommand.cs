using System.CommandLine;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>runs</c>: the runs, newest first.</summary>
internal static class RunsCommand
{
    private const int DefaultLimit = 100;

    public static Command Create(CommandRunner runner)
    {
        var limit = UnitOptions.Number("--limit", $"Runs at most; {DefaultLimit} unless given.", 1);
        var states = new Option<string[]>("--state") { Description = "Only runs in this state (may be repeated).", HelpName = "STATE" }
            .OneOf([.. RunStates.All]);
        var cluster = new Option<string?>("--cluster") { Description = "Only runs of this cluster.", HelpName = "NAME" }
            .Offering(runner.Common, Completions.Clusters);
        var command = ClientCommand.Create(
            runner,
            "runs",
            "Lists the runs that the supervisor remembers, newest first.",
            async (parsed, client, output, cancellationToken) =>
            {
                var list = await client.Runs(
                    parsed.GetValue(states) ?? [], parsed.GetValue(cluster), (int)Math.Min(parsed.GetValue(limit) ?? DefaultLimit, int.MaxValue), cancellationToken);
                output.Result(list, () => ApiJson.Context.RunListDto, console => RunText.Write(console, list.Runs));
                if (list.Next is not null)
                {
                    output.Remark($"There are older runs: choose with --state or --cluster, or raise --limit (now {list.Runs.Count}).");
                }

                return ExitCodes.Done;
            });
        foreach (var option in (Option[])[limit, states, cluster])
        {
            command.Options.Add(option);
        }

        return command.WithExamples(
            "orchestrator runs",
            "orchestrator runs --state running --state waiting",
            "orchestrator runs --cluster main --limit 1 --output json | jq -r '.runs[0].id'");
    }
}
