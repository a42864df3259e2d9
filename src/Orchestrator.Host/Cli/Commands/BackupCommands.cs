using System.CommandLine;
using Orchestrator.Core;
using Orchestrator.Host.Backups;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>backup</c> and <c>restore</c>: the files of one process. Neither asks a server.</summary>
internal static class BackupCommands
{
    public static IEnumerable<Command> Create(CommandRunner runner, TimeProvider time) => [Backup(runner, time), Restore(runner, time)];

    private static Command Backup(CommandRunner runner, TimeProvider time)
    {
        var (directory, config, only) = Common("New or empty directory that gets the backup.", "HOCON file of the process whose files are copied; it may run.");
        var command = new Command(
            "backup", "Copies the data directory and the journal of a process, also while it runs. Every member of a replica set needs its own backup. Indexes are not copied: they are built again.")
        {
            directory, config, only, runner.Common.Output,
        };
        command.SetAction((parsed, cancellationToken) => CommandRunner.Guard(runner.Output(parsed), cancellationToken, async output =>
        {
            var parts = Parts(parsed.GetValue(config)!, parsed.GetValue(only), output);
            var made = await new BackupWriter(parsed.GetValue(directory)!, time, cancellationToken).Write(parts, BuildVersion.Number);
            output.Result(made, () => BackupJsonContext.Default.BackupResult, console => console.Prose(
                $"{made.Directory} holds {Both(made)}: {Human.Count(made.Files, "file")}, {Human.Bytes(made.Bytes)}. All were read and checked."));
            return ExitCodes.Done;
        }));
        return command.WithExamples("orchestrator backup /backup/node-1 --config node-1.conf", "orchestrator backup /backup/journal --config node-1.conf --only journal");
    }

    private static Command Restore(CommandRunner runner, TimeProvider time)
    {
        var (directory, config, only) = Common("The backup.", "HOCON file of the process whose files are restored; it must not run.");
        var replace = new Option<bool>("--replace") { Description = "Move the files that are there aside; without this, they are a reason to refuse." };
        var command = new Command(
            "restore", "Puts a backup in the place of the data directory and the journal of a process that does not run. Checks all of the backup before it changes anything.")
        {
            directory, config, only, replace, runner.Common.Output,
        };
        command.SetAction((parsed, cancellationToken) => CommandRunner.Guard(runner.Output(parsed), cancellationToken, async output =>
        {
            var parts = Parts(parsed.GetValue(config)!, parsed.GetValue(only), output);
            var restore = new Restore(parsed.GetValue(directory)!, parts, parsed.GetValue(replace), time, cancellationToken);
            var done = await Task.Run(restore.Run, cancellationToken);
            output.Result(done, () => BackupJsonContext.Default.BackupResult, console =>
            {
                console.Prose($"Restored {Both(done)} from {done.Directory}: {Human.Count(done.Files, "file")}, {Human.Bytes(done.Bytes)}.");
                foreach (var kept in done.Replaced)
                {
                    console.Prose($"What was there before is in {kept}. Remove it when you no longer need it.");
                }
            });
            return ExitCodes.Done;
        }));
        return command.WithExamples("orchestrator restore /backup/node-1 --config node-1.conf", "orchestrator restore /backup/node-1 --config node-1.conf --only data --replace");
    }

    private static (Argument<string> Directory, Option<string> Config, Option<string?> Only) Common(string directory, string config)
    {
        var only = new Option<string?>("--only") { Description = "Only the data directory (data), or only the journal (journal).", HelpName = "PART" }
            .OneOf(BackupParts.Data, BackupParts.Journal);
        return (
            new Argument<string>("DIR") { Description = directory },
            new Option<string>("--config") { Description = config, HelpName = "FILE", Required = true },
            only);
    }

    private static BackupParts Parts(string config, string? only, CliOutput output)
    {
        var parts = BackupParts.Of(config, only, out var remark);
        if (remark.Length > 0)
        {
            output.Remark(remark);
        }

        return parts;
    }

    private static string Both(BackupResult result) => string.Join(" and ", result.Parts.Select(part => part == BackupParts.Data ? "the data directory" : "the journal"));
}
