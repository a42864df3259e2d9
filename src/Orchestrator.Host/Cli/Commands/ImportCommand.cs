using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Documents;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>import FILE</c>: stores the documents of a file.</summary>
internal static class ImportCommand
{
    public static Command Create(CommandRunner runner)
    {
        var file = new Argument<string>("FILE") { Description = "NDJSON or a JSON array of documents; - is standard input." };
        var (database, collection) = CollectionOptions.Create(runner);
        var command = DataCommand.Create(
            runner,
            "import",
            "Stores every document of a file under its _id or id, or else under an id made of its position and content. "
            + "A repeated import of the same file changes nothing.",
            async (parsed, client, output, cancellationToken) =>
            {
                var target = new CollectionName(parsed.GetValue(database)!, parsed.GetValue(collection)!);
                var done = await Import(client, target, DocumentReader.ReadFile(parsed.GetValue(file)!, cancellationToken), cancellationToken);
                output.Result(done, () => ImportJsonContext.Default.ImportResult, console => console.Prose(
                    $"{Human.Count(done.Documents, "document")} ({Human.Bytes(done.Bytes)}) imported into {target.Database}/{target.Collection}: "
                    + string.Create(CultureInfo.InvariantCulture, $"{done.Created:N0} created, {done.Replaced:N0} replaced, {done.Unchanged:N0} unchanged.")));
                return ExitCodes.Done;
            });
        command.Arguments.Add(file);
        command.Options.Add(database);
        command.Options.Add(collection);
        return command.WithExamples(
            "orchestrator import movies.json --database films --collection movies",
            "zcat events.ndjson.gz | orchestrator import - --database logs --collection events");
    }

    private static async Task<ImportResult> Import(
        OrchestratorClient client, CollectionName target, IAsyncEnumerable<InputDocument> documents, CancellationToken cancellationToken)
    {
        var done = new ImportResult(target.Database, target.Collection, 0, 0, 0, 0, 0);
        try
        {
            await foreach (var batch in BulkBatches.Of(documents, cancellationToken))
            {
                var written = await client.WriteBulk(target, batch.Body, cancellationToken);
                done = done with
                {
                    Documents = done.Documents + batch.Documents.Count,
                    Bytes = done.Bytes + batch.Body.Length,
                    Created = done.Created + written.Created,
                    Replaced = done.Replaced + written.Replaced,
                    Unchanged = done.Unchanged + written.Unchanged,
                };
            }
        }
        catch (InputException e)
        {
            throw new InputException($"{e.Message} {SoFar(done)}", e);
        }
        catch (ApiException e) when (done.Documents > 0)
        {
            throw new ApiException(e.Problem with { Detail = $"{e.Problem.Detail.TrimEnd('.')}. {SoFar(done)}" });
        }
        catch (ServerUnreachableException e) when (done.Documents > 0)
        {
            throw new ServerUnreachableException($"{e.Message} {SoFar(done)}", e);
        }

        return done;
    }

    /// <summary>What is stored when an import ends early, and how to go on.</summary>
    private static string SoFar(ImportResult done) => done.Documents == 0
        ? "Nothing is stored."
        : $"The first {Human.Count(done.Documents, "document")} of the input {(done.Documents == 1 ? "is" : "are")} stored, the others are not. "
            + "To continue, repeat the import: documents that are already stored stay as they are.";
}

/// <param name="Documents">Documents of the input.</param>
/// <param name="Bytes">Size of the documents as they were sent.</param>
/// <param name="Created">Of these, those that were not there.</param>
/// <param name="Replaced">Those that took the place of another body, also of one that stands earlier in the input.</param>
/// <param name="Unchanged">Those that were there already, byte for byte.</param>
internal sealed record ImportResult(
    string Database, string Collection, long Documents, long Bytes, long Created, long Replaced, long Unchanged);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class ImportJsonContext : JsonSerializerContext;
