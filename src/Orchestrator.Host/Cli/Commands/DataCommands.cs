using System.CommandLine;
using System.Globalization;
using System.Text;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>databases</c>, <c>collections</c> and <c>documents</c>: what the node that is asked has; and <c>drop</c>.</summary>
internal static class DataCommands
{
    public static IEnumerable<Command> Create(CommandRunner runner) => [Databases(runner), Collections(runner), Documents(runner), Drop(runner)];

    private static Command Databases(CommandRunner runner) => DataCommand.Create(
        runner,
        "databases",
        "Lists the databases of the node that is asked.",
        async (_, client, output, cancellationToken) =>
        {
            var list = await client.Databases(cancellationToken);
            output.Result(list, () => ApiJson.Context.DatabaseListDto, console =>
            {
                var table = Tables.Create("Database", ">Collections");
                foreach (var one in list.Databases)
                {
                    table.Row(one.Name, one.Collections.ToString(CultureInfo.InvariantCulture));
                }

                console.Write(table);
            });
            return ExitCodes.Done;
        }).WithExamples("orchestrator databases", "orchestrator databases --output json | jq -r '.databases[].name'");

    private static Command Collections(CommandRunner runner)
    {
        var database = CollectionOptions.Database(runner);
        var command = DataCommand.Create(
            runner,
            "collections",
            "Lists the collections of a database with their indexes.",
            async (parsed, client, output, cancellationToken) =>
            {
                var list = await client.Collections(parsed.GetValue(database)!, cancellationToken);
                output.Result(list, () => ApiJson.Context.CollectionListDto, console =>
                {
                    var table = Tables.Create("Collection", "Indexes");
                    foreach (var one in list.Collections)
                    {
                        table.Row(one.Name, string.Join(", ", one.Indexes));
                    }

                    console.Write(table);
                });
                return ExitCodes.Done;
            });
        command.Options.Add(database);
        return command.WithExamples("orchestrator collections --database films");
    }

    private static Command Documents(CommandRunner runner)
    {
        var (database, collection) = CollectionOptions.Create(runner);
        var after = new Option<string>("--after") { Description = "Only ids after this one.", HelpName = "ID" };
        var limit = new Option<int>("--limit") { Description = "Documents at most, 1 to 1000.", HelpName = "N", DefaultValueFactory = _ => 100 };
        var command = DataCommand.Create(
            runner,
            "documents",
            "Lists documents of a collection in the order of their ids; export writes all of them.",
            async (parsed, client, output, cancellationToken) =>
            {
                var source = new CollectionName(parsed.GetValue(database)!, parsed.GetValue(collection)!);
                var page = await client.ListDocuments(source, parsed.GetValue(after) ?? "", parsed.GetValue(limit), cancellationToken);
                output.Result(page, () => ApiJson.Context.DocumentListDto, console =>
                {
                    var table = Tables.Create("Id", "Revision", ">Size");
                    foreach (var one in page.Documents)
                    {
                        table.Row(one.Id, one.Rev, one.Body is { } body ? Human.Bytes(Encoding.UTF8.GetByteCount(body.GetRawText())) : one.Problem ?? "");
                    }

                    console.Write(table);
                });
                if (page.Next is not null)
                {
                    output.Remark($"There are more: --after '{page.Next}'.");
                }

                return ExitCodes.Done;
            });
        command.Options.Add(database);
        command.Options.Add(collection);
        command.Options.Add(after);
        command.Options.Add(limit);
        return command.WithExamples(
            "orchestrator documents --database films --collection movies --limit 20",
            "orchestrator documents --database films --collection movies --after tt0110912 --output json");
    }

    private static Command Drop(CommandRunner runner)
    {
        var (database, collection) = CollectionOptions.Create(runner);
        var yes = new Option<bool>("--yes") { Description = "Do it: nothing brings the documents back." };
        var command = DataCommand.Create(
            runner,
            "drop",
            "Removes a collection with its documents, indexes and files, on every member and for good.",
            async (parsed, client, output, cancellationToken) =>
            {
                var name = new CollectionName(parsed.GetValue(database)!, parsed.GetValue(collection)!);
                if (!parsed.GetValue(yes))
                {
                    throw new UsageException($"drop removes all documents of {name.Database}/{name.Collection} for good; repeat it with --yes (export keeps a copy).");
                }

                var dropped = await client.DropCollection(name, cancellationToken);
                output.Result(dropped, () => ApiJson.Context.CollectionDroppedDto, console => console.Prose($"{dropped.Database}/{dropped.Collection} is dropped."));
                return ExitCodes.Done;
            });
        command.Options.Add(database);
        command.Options.Add(collection);
        command.Options.Add(yes);
        return command.WithExamples("orchestrator drop --database films --collection movies --yes");
    }
}
