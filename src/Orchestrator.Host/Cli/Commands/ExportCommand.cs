using System.CommandLine;
using System.Text.Json.Serialization;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Documents;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>export</c>: the documents of a collection, as <c>import</c> reads them.</summary>
internal static class ExportCommand
{
    private const int PageSize = 1000;

    public static Command Create(CommandRunner runner)
    {
        var file = new Argument<string>("FILE") { Description = "A new file for the NDJSON; - is standard output.", DefaultValueFactory = _ => "-" };
        var (database, collection) = CollectionOptions.Create(runner);
        var command = DataCommand.Create(
            runner,
            "export",
            "Writes the documents of a collection as NDJSON, one on each line, with its id in _id or id: import reads them back. "
            + "Documents that are written meanwhile are exported as they were before or after.",
            async (parsed, client, output, cancellationToken) =>
            {
                var source = new CollectionName(parsed.GetValue(database)!, parsed.GetValue(collection)!);
                var name = parsed.GetValue(file)!;
                ExportResult done;
                if (name == "-")
                {
                    done = await Export(client, source, output, ToOutput, cancellationToken);
                }
                else
                {
                    await using (var target = Open(name))
                    {
                        done = await Export(client, source, output, line => target.WriteAsync(line, cancellationToken), cancellationToken);
                        await target.FlushAsync(cancellationToken);
                    }

                    output.Result(done, () => ExportJsonContext.Default.ExportResult, console => console.Prose(
                        $"{Human.Count(done.Documents, "document")} ({Human.Bytes(done.Bytes)}) of {source.Database}/{source.Collection} exported to {name}."));
                }

                return done.LeftOut == 0 ? ExitCodes.Done : ExitCodes.Failed;

                ValueTask ToOutput(ReadOnlyMemory<byte> line)
                {
                    output.Data(line);
                    return ValueTask.CompletedTask;
                }
            });
        command.Arguments.Add(file);
        command.Options.Add(database);
        command.Options.Add(collection);
        return command.WithExamples(
            "orchestrator export movies.ndjson --database films --collection movies",
            "orchestrator export --database logs --collection events | gzip > events.ndjson.gz");
    }

    private static FileStream Open(string name)
    {
        try
        {
            return new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16, useAsync: true);
        }
        catch (IOException) when (File.Exists(name))
        {
            throw new RefusedException($"{name} already exists; export writes only new files.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new FileException($"{name} cannot be written: {FileProblem.Of(e, name)}.", e);
        }
    }

    private static async Task<ExportResult> Export(
        OrchestratorClient client, CollectionName source, CliOutput output, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellationToken)
    {
        var done = new ExportResult(source.Database, source.Collection, 0, 0, 0);
        for (var after = ""; after is not null;)
        {
            var page = await client.ListDocuments(source, after, PageSize, cancellationToken);
            foreach (var document in page.Documents)
            {
                if (document.Body is not { } body)
                {
                    output.Remark($"Document '{document.Id}' is left out: it {document.Problem}. Write or delete it to fix that.");
                    done = done with { LeftOut = done.LeftOut + 1 };
                    continue;
                }

                byte[] line = [.. DocumentLine.Of(body, document.Id), (byte)'\n'];
                await write(line);
                done = done with { Documents = done.Documents + 1, Bytes = done.Bytes + line.Length };
            }

            after = page.Next;
        }

        return done;
    }
}

/// <param name="Bytes">Size of the NDJSON.</param>
/// <param name="LeftOut">Documents that are none by today's rules.</param>
internal sealed record ExportResult(string Database, string Collection, long Documents, long Bytes, long LeftOut);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExportResult))]
internal sealed partial class ExportJsonContext : JsonSerializerContext;
