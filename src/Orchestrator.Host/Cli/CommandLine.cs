using System.CommandLine;
using Orchestrator.Host.Cli.Commands;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Cli;

/// <summary>Commands that are made together.</summary>
/// <param name="Names">What each is called, in the order in which they are made.</param>
internal sealed record CommandFamily(IReadOnlyList<string> Names, Func<CommandRunner, IEnumerable<Command>> Create);

/// <summary>The executable's commands.</summary>
internal static class CommandLine
{
    /// <summary>Time for cleaning up after Ctrl-C or SIGTERM, before the process is ended the hard way.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(40);

    /// <summary>Parses and runs a command line.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="moreCommands">Commands that only the executable itself can offer, as <c>serve</c>.</param>
    /// <param name="startLocal">Starts the server of <c>--config</c>.</param>
    /// <returns>An exit code as in <see cref="ExitCodes"/>.</returns>
    public static async Task<int> Run(
        string[] args,
        CliStreams streams,
        TimeProvider time,
        IReadOnlyList<CommandFamily> moreCommands,
        StartLocalServer? startLocal = null,
        CancellationToken cancellationToken = default)
    {
        PrivateFiles.Begin();
        var root = Create(args, new CommandRunner(new CommonOptions(), streams, time, startLocal), [.. Families(time), .. moreCommands], streams.Width);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            var output = streams.Output(OutputFormat.Text);
            foreach (var sentence in UsageErrors.Of(parsed))
            {
                output.Remark(sentence);
            }

            return ExitCodes.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = streams.Out,
            Error = streams.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TerminationTimeout,
        };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (OutputException e)
        {
            streams.Output(OutputFormat.Text).Error(e.Message);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Unexpected(e, streams);
        }
    }

    /// <summary>The net under all commands: what nobody has foreseen is kept in a file, since its text says nothing to people.</summary>
    private static int Unexpected(Exception error, CliStreams streams)
    {
        string kept;
        try
        {
            var file = Path.Combine(Path.GetTempPath(), $"orchestrator-error-{Environment.ProcessId}.txt");
            File.WriteAllText(file, error.ToString());
            kept = $"the details are in {file}; please report them";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            kept = "and its details could not be written to a file";
        }

        streams.Output(OutputFormat.Text).Error($"The command failed because of a fault in the orchestrator: {kept}.");
        return ExitCodes.Failed;
    }

    /// <summary>All commands, in the order of the help, but for those that only the executable itself can offer.</summary>
    internal static IReadOnlyList<CommandFamily> Families(TimeProvider time) =>
    [
        new(["nodes"], runner => [NodesCommand.Create(runner)]),
        new(["report"], runner => [ReportCommand.Create(runner)]),
        new(["engines"], runner => [EnginesCommand.Create(runner)]),
        new(["check-access"], runner => [CheckAccessCommand.Create(runner, time)]),
        new(["plan"], runner => [PlanCommand.Create(runner)]),
        new(["compact"], runner => [CompactCommand.Create(runner, time)]),
        new(["watch"], runner => [WatchCommand.Create(runner, time)]),
        new(["runs"], runner => [RunsCommand.Create(runner)]),
        new(["run"], runner => [RunCommand.Create(runner)]),
        new(["step-down"], runner => [StepDownCommand.Create(runner)]),
        new(["import"], runner => [ImportCommand.Create(runner)]),
        new(["export"], runner => [ExportCommand.Create(runner)]),
        new(["pause", "resume", "cancel", "approve", "throttle"], RunControlCommands.Create),
        new(["freeze", "unfreeze", "freezes"], runner => FreezeCommands.Create(runner, time)),
        new(["hold", "release", "holds"], runner => HoldCommands.Create(runner, time)),
        new(["journal"], runner => [JournalCommands.Create(runner)]),
        new(["schedules", "explain"], OperationCommands.Create),
        new(["audit"], runner => [AuditCommand.Create(runner, time)]),
        new(["verify", "index-cleanup", "resync"], runner => UpkeepCommands.Create(runner, time)),
        new(["databases", "collections", "documents", "drop"], DataCommands.Create),
        new(["token"], runner => [TokenCommand.Create(runner)]),
        new(["check-config", "doctor", "version"], runner => SetupCommands.Create(runner, time)),
        new(["backup", "restore"], runner => BackupCommands.Create(runner, time)),
        new(["completion"], _ => [CompletionCommand.Create()]),
    ];

    /// <summary>A command line that begins with the name of a command needs no other one: to make them all takes most of the time of a short command.</summary>
    private static RootCommand Create(string[] args, CommandRunner runner, IReadOnlyList<CommandFamily> families, int? width)
    {
        var root = new RootCommand(
            "Compacts replicated databases node by node: secondaries first, then a step-down, then the old primary. "
            + "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a check, 4 timed out or unreachable.");
        var needed = families.Where(family => args is [var first, ..] && family.Names.Contains(first)).ToList();
        foreach (var command in (needed.Count > 0 ? needed : families).SelectMany(family => family.Create(runner)))
        {
            root.Subcommands.Add(command);
        }

        root.WithExamples(
            "orchestrator demo",
            "orchestrator serve --config node-1.conf",
            "orchestrator nodes --server http://127.0.0.1:8401",
            "orchestrator compact --wait");
        MarkOptional(root);
        Examples.ShowInHelp(root, width);
        return root;
    }

    /// <summary>Help lists an argument that may be left out like any other: its description says so.</summary>
    private static void MarkOptional(Command command)
    {
        foreach (var argument in command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues == 0))
        {
            argument.Description += " Optional.";
        }

        foreach (var subcommand in command.Subcommands)
        {
            MarkOptional(subcommand);
        }
    }
}
