using System.CommandLine;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary><c>demo</c>.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandRunner runner, TimeProvider time)
    {
        const int usual = 3;
        var nodes = Number("--nodes", "Number of database nodes.", usual, DemoOptions.MinNodes, DemoOptions.MaxNodes);
        var documents = Number(
            "--documents", "Number of generated documents.", DemoOptions.DefaultDocuments, 10, DemoOptions.MaxDocuments);
        var input = new Option<string?>("--input") { Description = "Documents to load instead: NDJSON or a JSON array.", HelpName = "FILE" };
        var directory = new Option<string?>("--directory")
        {
            Description = "An empty or new directory for all files; a temporary one unless given.",
            HelpName = "DIR",
        };
        var keep = new Option<bool>("--keep") { Description = "Leave the files in place afterwards." };
        var primary = new Option<string?>("--primary") { Description = "The member that is primary when the run begins, for example node-2.", HelpName = "NODE" };
        var kill = new Option<KillTarget?>("--kill")
        {
            Description = "Kill a process (SIGKILL) while the first compaction is running, and start it again after a few seconds: "
                + "supervisor (the process that hosts the supervisor at that moment) or node (the one that is compacting).",
            HelpName = "supervisor|node",
            CustomParser = result => result.Tokens[^1].Value switch
            {
                "supervisor" => KillTarget.Supervisor,
                "node" => KillTarget.Node,
                var other => CommonOptions.Fail<KillTarget?>(
                    result,
                    $"--kill must be supervisor (kills the process that hosts the supervisor) or node (kills the node that is compacting), not '{other}'."),
            },
        };
        var mode = new Option<DemoMode>("--mode")
        {
            Description = $"How the run compacts: {string.Join(", ", DemoMode.Names)}.",
            HelpName = string.Join('|', DemoMode.Names),
            DefaultValueFactory = _ => DemoMode.Default,
            CustomParser = result => DemoMode.Find(result.Tokens[^1].Value)
                ?? CommonOptions.Fail<DemoMode>(
                    result, $"--mode must be one of {string.Join(", ", DemoMode.Names)}, not '{result.Tokens[^1].Value}'."),
        };
        var command = new Command(
            "demo",
            "Starts real database nodes on this machine, fills them, deletes most of the data, compacts them node by node while a "
            + "client reads and writes, proves that nothing was lost, and removes everything again.")
        {
            nodes, documents, input, directory, keep, primary, kill, mode, runner.Common.Output,
        };
        command.Validators.Add(given =>
        {
            // Its value cannot be asked for here: a wrong one would throw, and one that is not given does not have its default yet.
            var count = given.GetResult(nodes)?.Tokens is [.., var number] && int.TryParse(number.Value, out var wellFormed)
                ? Math.Clamp(wellFormed, DemoOptions.MinNodes, DemoOptions.MaxNodes)
                : usual;
            if (given.GetValue(primary) is { } wanted && DemoCluster.Names(count) is var names && !names.Contains(wanted))
            {
                given.AddError($"--primary must be one of {string.Join(", ", names)}, not '{wanted}'.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new DemoOptions(
                parsed.GetValue(nodes),
                parsed.GetValue(documents),
                parsed.GetValue(input),
                parsed.GetValue(directory),
                parsed.GetValue(keep),
                parsed.GetValue(primary))
            {
                Kill = parsed.GetValue(kill),
                Mode = parsed.GetValue(mode)!,
            };
            return await CommandRunner.Guard(
                runner.Output(parsed), cancellationToken, output => Run(options, output, time, cancellationToken));
        });
        return command.WithExamples(
            "orchestrator demo",
            "orchestrator demo --nodes 5 --documents 100000",
            "orchestrator demo --input movies.json --output json",
            "orchestrator demo --kill supervisor",
            "orchestrator demo --mode " + DemoMode.Names[^1],
            "orchestrator demo --directory /tmp/demo --keep");
    }

    private static async Task<int> Run(DemoOptions options, CliOutput output, TimeProvider time, CancellationToken cancellationToken)
    {
        IDemoDisplay display = output.IsTerminal ? new LiveDisplay(output) : new PlainDisplay(output);
        try
        {
            var report = await new Demo(options, display, time).Run(cancellationToken);
            output.Result(report, () => DemoJsonContext.Default.DemoReport, _ => { });
            return report.Outcome == "failed" ? ExitCodes.Failed : ExitCodes.Done;
        }
        catch (DemoException e)
        {
            output.Error(e.Message, new ProblemDto("The demo failed.", StatusCodes.Status500InternalServerError, e.Message, "failed"));
            return ExitCodes.Failed;
        }
    }

    private static Option<int> Number(string name, string description, int otherwise, int min, int max) => new(name)
    {
        Description = $"{description} {min} to {max}.",
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => int.TryParse(result.Tokens[^1].Value, out var number) && number >= min && number <= max
            ? number
            : CommonOptions.Fail<int>(result, $"{name} must be a whole number from {min} to {max}, not '{result.Tokens[^1].Value}'."),
    };
}
