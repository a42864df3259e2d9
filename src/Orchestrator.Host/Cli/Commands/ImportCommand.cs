using System.CommandLine;
using System.Text.Json.Serialization;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Documents;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>import FILE</c>: stores the documents of a file.</summary>
internal static class ImportCommand
{
    public static Command Create(CommandRunner runner)
    {
        var file = new Argument<string>("FILE") { Description = "NDJSON or a JSON array of documents; - is standard input." };
        var database = new Option<string>("--database") { Description = "Where to.", HelpName = "NAME", Required = true }
            .Offering(runner.Common, Completions.Databases);
        var collection = new Option<string>("--collection") { Description = "Where to.", HelpName = "NAME", Required = true };
        collection.Offering(runner.Common, question => Completions.Collections(question, question.Line.GetValue(database)));
        var command = ClientCommand.Create(
            runner,
            "import",
            "Stores every document of a file under its _id or id, or else under an id made of its position and content; "
            + "a repeated import of the same file changes nothing but revisions.",
            async (parsed, client, output, cancellationToken) =>
            {
                var target = new CollectionName(parsed.GetValue(database)!, parsed.GetValue(collection)!);
                using var primary = parsed.GetValue(runner.Common.Config) is null ? null : await Primary(runner.Common, parsed, client, cancellationToken);
                var done = await Import(primary ?? client, target, DocumentReader.ReadFile(parsed.GetValue(file)!, cancellationToken), cancellationToken);
                output.Result(done, ImportJsonContext.Default.ImportResult, console => console.Prose(
                    $"{Human.Count(done.Documents, "document")} ({Human.Bytes(done.Bytes)}) stored in {target.Database}/{target.Collection}."));
                return ExitCodes.Done;
            });
        command.Arguments.Add(file);
        command.Options.Add(database);
        command.Options.Add(collection);
        command.Options.Add(runner.Common.Cluster);
        return command.WithExamples(
            "orchestrator import movies.json --database films --collection movies",
            "zcat events.ndjson.gz | orchestrator import - --database logs --collection events");
    }

    /// <summary>A client of the node that takes writes: with <c>--config</c> this process hosts none.</summary>
    /// <exception cref="UsageException">The cluster has no nodes of ours.</exception>
    /// <exception cref="ServerUnreachableException">There is no primary now.</exception>
    private static async Task<OrchestratorClient> Primary(
        CommonOptions common, ParseResult parsed, OrchestratorClient client, CancellationToken cancellationToken)
    {
        // Of the whole list, since a cluster that does not answer is told of there too.
        var name = await common.ClusterName(parsed, client, cancellationToken);
        var cluster = (await client.Clusters(cancellationToken)).Clusters.FirstOrDefault(one => one.Name == name)
            ?? throw ApiException.NotFound($"There is no cluster '{name}'.");
        var builtIn = EngineProviders.All.BuiltIn.Description.Name;
        if (cluster.Engine != builtIn)
        {
            throw new UsageException($"Cluster {cluster.Name} has the engine {cluster.Engine}; import writes documents of the {builtIn} engine only.");
        }

        var primary = cluster.ReplicaSets.SelectMany(set => set.Members.Where(member => member.Node == set.Primary)).FirstOrDefault();
        return Uri.TryCreate(primary?.Address, UriKind.Absolute, out var address)
            ? new OrchestratorClient(address, OrchestratorClient.DefaultTimeout, followRedirects: true, common.Identity(parsed))
            : throw new ServerUnreachableException($"Cluster {cluster.Name} has no primary that could take the documents now; try again.");
    }

    private static async Task<ImportResult> Import(
        OrchestratorClient client, CollectionName target, IAsyncEnumerable<InputDocument> documents, CancellationToken cancellationToken)
    {
        long count = 0, bytes = 0;
        await foreach (var batch in BulkBatches.Of(documents, cancellationToken))
        {
            await client.WriteBulk(target, batch.Body, cancellationToken);
            count += batch.Documents.Count;
            bytes += batch.Body.Length;
        }

        return new ImportResult(target.Database, target.Collection, count, bytes);
    }
}

/// <param name="Bytes">Size of the documents as they were sent.</param>
internal sealed record ImportResult(string Database, string Collection, long Documents, long Bytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class ImportJsonContext : JsonSerializerContext;
