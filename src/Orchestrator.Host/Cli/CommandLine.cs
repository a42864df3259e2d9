using System.CommandLine;
using Orchestrator.Host.Cli.Commands;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Cli;

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
        Func<CommandRunner, IEnumerable<Command>> moreCommands,
        StartLocalServer? startLocal = null,
        CancellationToken cancellationToken = default)
    {
        PrivateFiles.Begin();
        var root = Create(streams, time, moreCommands, startLocal);
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

    private static RootCommand Create(
        CliStreams streams, TimeProvider time, Func<CommandRunner, IEnumerable<Command>> moreCommands, StartLocalServer? startLocal)
    {
        var common = new CommonOptions();
        var runner = new CommandRunner(common, streams, time, startLocal);
        var root = new RootCommand(
            "Compacts replicated databases node by node: secondaries first, then a step-down, then the old primary. "
            + "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a check, 4 timed out or unreachable.")
        {
            NodesCommand.Create(runner),
            ReportCommand.Create(runner),
            EnginesCommand.Create(runner),
            CheckAccessCommand.Create(runner, time),
            PlanCommand.Create(runner),
            CompactCommand.Create(runner, time),
            WatchCommand.Create(runner, time),
            RunsCommand.Create(runner),
            RunCommand.Create(runner),
            StepDownCommand.Create(runner),
            ImportCommand.Create(runner),
            ExportCommand.Create(runner),
        };
        IEnumerable<Command> families =
        [
            .. RunControlCommands.Create(runner),
            .. FreezeCommands.Create(runner, time),
            .. HoldCommands.Create(runner, time),
            JournalCommands.Create(runner),
            .. OperationCommands.Create(runner),
            AuditCommand.Create(runner, time),
            .. UpkeepCommands.Create(runner, time),
            .. DataCommands.Create(runner),
            TokenCommand.Create(runner),
            .. SetupCommands.Create(runner, time),
            .. BackupCommands.Create(runner, time),
            CompletionCommand.Create(),
            .. moreCommands(runner),
        ];
        foreach (var command in families)
        {
            root.Subcommands.Add(command);
        }

        root.WithExamples(
            "orchestrator demo",
            "orchestrator serve --config node-1.conf",
            "orchestrator nodes --server http://127.0.0.1:8401",
            "orchestrator compact --wait");
        MarkOptional(root);
        Examples.ShowInHelp(root, streams.Width);
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
