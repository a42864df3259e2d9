using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary>Orders to one node: <c>verify</c>, <c>index-cleanup</c>, <c>resync</c>.</summary>
internal static class UpkeepCommands
{
    public static IEnumerable<Command> Create(CommandRunner runner, TimeProvider time) => [Verify(runner, time), IndexCleanup(runner), Resync(runner)];

    private static Command Verify(CommandRunner runner, TimeProvider time)
    {
        var target = new Target();
        var timeout = RunWait.TimeoutOption("Wait no longer than this, then stop the verification (exit code 4). Without it: until progress stops.");
        var command = target.AddTo(ClientCommand.Create(
            runner,
            "verify",
            "Checks a node's files (SQLite's own check, every index entry against its document, the feed), and compares its replica set's members "
            + "while they serve reads and writes. Continues when the supervisor moves. Exit code 1 if anything is wrong. Ctrl-C stops it.",
            async (parsed, client, output, cancellationToken) =>
            {
                var cluster = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var begun = await client.Verify(cluster, target.Node(parsed), target.Scope(parsed), cancellationToken);
                var ended = await new VerificationWait(client, output, time).Wait(begun, parsed.GetValue(timeout), cancellationToken);
                output.Result(ended, () => ApiJson.Context.VerificationStatusDto, console => VerificationText.Write(console, ended));
                return ended.Result is { Sound: true } ? ExitCodes.Done : ExitCodes.Failed;
            }), runner);
        command.Options.Add(timeout);
        return command.WithExamples(
            "orchestrator verify --node node-2", "orchestrator verify --node node-2 --database shop --collection orders --timeout 2h --output json");
    }

    private static Command IndexCleanup(CommandRunner runner)
    {
        var target = new Target();
        var partial = new Option<bool>("--partial-copies")
        {
            Description = "Also removes the partial copies of interrupted compactions, for example when the disk is full; the next compactions start over.",
        };
        var command = target.AddTo(ClientCommand.Create(
            runner,
            "index-cleanup",
            "Removes index files whose definition is gone. The files of a dropped index are kept until then, so that the index can be restored quickly.",
            async (parsed, client, output, cancellationToken) =>
            {
                var cluster = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var scope = target.Scope(parsed);
                var cleaned = await client.CleanUpIndexes(
                    cluster, target.Node(parsed), new IndexCleanupBody(scope.Database, scope.Collection, parsed.GetValue(partial)), cancellationToken);
                output.Result(cleaned, () => ApiJson.Context.IndexCleanupDto, console => console.Prose(
                    $"{cleaned.Node}: removed {Human.Count(cleaned.Files.Count, "file")}, {Human.Bytes(cleaned.BytesFreed)}."));
                return ExitCodes.Done;
            }), runner);
        command.Options.Add(partial);
        return command.WithExamples("orchestrator index-cleanup --node node-2", "orchestrator index-cleanup --node node-2 --partial-copies");
    }

    private static Command Resync(CommandRunner runner)
    {
        var target = new Target();
        var reason = new Option<string?>("--reason") { Description = "Why; kept in the audit trail.", HelpName = "TEXT" };
        var all = new Option<bool>("--all") { Description = "All collections of the node; also rebuilds a node whose own file (member.json) is damaged." };
        var command = target.AddTo(ClientCommand.Create(
            runner,
            "resync",
            "Moves a node's copy of a collection aside and copies it again from the primary: for a damaged file. "
            + "Until the copy is complete, the node does not serve reads of it and cannot become primary.",
            async (parsed, client, output, cancellationToken) =>
            {
                var cluster = await runner.Common.ClusterName(parsed, client, cancellationToken);
                var scope = target.Scope(parsed);
                var wantsAll = parsed.GetValue(all);
                if (wantsAll ? scope.Database is not null || scope.Collection is not null : scope.Database is null || scope.Collection is null)
                {
                    throw new UsageException("Name the collection with --database and --collection, or give --all alone.");
                }

                var begun = await client.Resync(
                    cluster, target.Node(parsed), new ResyncBody(scope.Database, scope.Collection, parsed.GetValue(reason), wantsAll ? true : null), cancellationToken);
                output.Result(begun, () => ApiJson.Context.ResyncDto, console => console.Prose(
                    $"{begun.Node} copies {(wantsAll ? "all collections" : $"{begun.Database}/{begun.Collection}")} anew; its former files are in {begun.KeptIn}.\n"
                    + "'orchestrator nodes' shows when it has caught up."));
                return ExitCodes.Done;
            }), runner);
        command.Options.Add(reason);
        command.Options.Add(all);
        return command.WithExamples("orchestrator resync --node node-2 --database shop --collection orders --reason 'bad sector'");
    }

    /// <summary>Options that name a node and collections of it.</summary>
    private sealed class Target
    {
        private readonly Option<string> node = new("--node") { Description = "The node.", HelpName = "NAME", Required = true };

        private readonly Option<string?> database = new("--database") { Description = "Only this database.", HelpName = "NAME" };

        private readonly Option<string?> collection = new("--collection") { Description = "Only this collection of the database.", HelpName = "NAME" };

        public Command AddTo(Command command, CommandRunner runner)
        {
            node.Offering(runner.Common, Completions.Nodes);
            database.Offering(runner.Common, Completions.Databases);
            collection.Offering(runner.Common, question => Completions.Collections(question, question.Line.GetValue(database)));
            command.Options.Add(runner.Common.Cluster);
            command.Options.Add(node);
            command.Options.Add(database);
            command.Options.Add(collection);
            return command;
        }

        public string Node(ParseResult parsed) => parsed.GetValue(node)!;

        public CollectionScopeBody Scope(ParseResult parsed) => new(parsed.GetValue(database), parsed.GetValue(collection));
    }
}
