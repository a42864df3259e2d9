using System.Text;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Host.Tests.Cli;

public sealed class ExportTests
{
    [Fact]
    public async Task What_is_exported_is_imported_under_the_same_ids()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "out.ndjson");
        StoredDocument[] documents =
        [
            Stored("a", "{ \"_id\" : \"a\",\n  \"t\":\"ü\\n\", \"n\":1.0 }"),
            Stored("b/c", "{\"n\":1}"),
            Stored("d", "{}"),
            Stored("order-5", "{\"id\":7,\"v\":1e400}"),
            Stored("5", "{\"id\":5}"),
            Stored("x", "{\"_id\":\"other\",\"v\":1}"),
        ];
        await using var api = await ApiHost.Start(node: request => request switch
        {
            ListDocuments { After: "" } => new DocumentsListed(documents[..2], More: true),
            ListDocuments { After: "b/c" } => new DocumentsListed(documents[2..], More: false),
            WriteBulk bulk => new BulkWritten(bulk.Writes.Count, 1, 1),
            _ => throw new InvalidOperationException(),
        });

        var (code, output, _) = await CliHarness.Run("export", file, "--database", "d", "--collection", "c", "--server", api.Address.ToString());

        Assert.Equal(0, code);
        Assert.Contains("6 documents", output, StringComparison.Ordinal);
        Assert.Equal(
            """
            { "_id" : "a",   "t":"ü\n", "n":1.0 }
            {"_id":"b/c","n":1}
            {"_id":"d"}
            {"_id":"order-5","id":7,"v":1e400}
            {"id":5}
            {"_id":"x","v":1}

            """.ReplaceLineEndings("\n"),
            await File.ReadAllTextAsync(file));

        Assert.Equal(0, (await CliHarness.Run("import", file, "--database", "d", "--collection", "c", "--server", api.Address.ToString())).Code);
        Assert.Equal(documents.Select(document => document.Id), Assert.IsType<WriteBulk>(api.NodeRequests[^1]).Writes.Select(write => write.Id));
    }

    [Fact]
    public async Task Standard_output_holds_the_documents_alone_and_a_document_that_is_none_is_named()
    {
        await using var api = await ApiHost.Start(node: _ => new DocumentsListed(
            [Stored("a", "{\"_id\":\"a\"}"), new StoredDocument("old", "1.6", 6, Encoding.Latin1.GetBytes("{\"t\":\"\u00FC\"}"))], More: false));

        var (code, output, error) = await CliHarness.Run("export", "--database", "d", "--collection", "c", "--server", api.Address.ToString());

        Assert.Equal((1, "{\"_id\":\"a\"}\n"), (code, output));
        Assert.Contains("Document 'old' is left out: it is not UTF-8", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_overwritten()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("out.ndjson", "precious");

        var (code, _, error) = await CliHarness.Run("export", file, "--database", "d", "--collection", "c");

        Assert.Equal((3, "precious"), (code, await File.ReadAllTextAsync(file)));
        Assert.Contains("already exists", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Databases_collections_and_documents_are_listed()
    {
        await using var api = await ApiHost.Start(node: request => request is ListCollections
            ? new CollectionsListed([new("shop", "items", []), new("shop", "orders", ["by-city", "by-day"])])
            : new DocumentsListed([Stored("a", "{\"n\":1}")], More: true));
        Task<(int Code, string Out, string Error)> Run(params string[] words) => CliHarness.Run([.. words, "--server", api.Address.ToString()]);

        var databases = await Run("databases");
        var collections = await Run("collections", "--database", "shop");
        var documents = await Run("documents", "--database", "shop", "--collection", "orders", "--limit", "1");

        Assert.Equal((0, 0, 0), (databases.Code, collections.Code, documents.Code));
        Assert.Matches("shop +2", databases.Out);
        Assert.Matches("orders +by-city, by-day", collections.Out);
        Assert.Matches("a +1.5 +7 B", documents.Out);
        Assert.Contains("There are more: --after 'a'.", documents.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_is_dropped_only_on_purpose()
    {
        await using var api = await ApiHost.Start(node: request => new CollectionDropped(request.Database, request.Collection));
        string[] words = ["drop", "--database", "shop", "--collection", "orders", "--server", api.Address.ToString()];

        var (code, _, error) = await CliHarness.Run(words);

        Assert.Equal(2, code);
        Assert.Contains("repeat it with --yes", error, StringComparison.Ordinal);
        Assert.Empty(api.NodeRequests);
        Assert.Equal(0, (await CliHarness.Run([.. words, "--yes"])).Code);
        Assert.Equal(new DropCollection("shop", "orders"), Assert.Single(api.NodeRequests));
    }

    private static StoredDocument Stored(string id, string body) => new(id, "1.5", 5, Encoding.UTF8.GetBytes(body));
}
