using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Documents;

namespace Orchestrator.Host.Demo;

/// <summary>Loads the demo's collection: documents in, two indexes, about 60 % out again.</summary>
internal sealed class DemoData(DemoCluster cluster, AcknowledgedWrites writes, DemoMode mode)
{
    /// <summary>Of ten documents, how many are deleted.</summary>
    private const int DeletedOfTen = 6;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly List<string> loaded = [];

    /// <summary>The collection that the demo fills.</summary>
    public static CollectionName Collection { get; } = new("demo", "documents");

    /// <summary>Stores all documents; returns their total size in bytes.</summary>
    public async Task<long> Load(IAsyncEnumerable<InputDocument> documents, IndexChooser indexes, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        await foreach (var batch in BulkBatches.Of(documents, cancellationToken))
        {
            await Retry(client => client.WriteBulk(Collection, batch.Body, cancellationToken), cancellationToken);
            foreach (var document in batch.Documents)
            {
                writes.Stored(document.Id, document.Body.Span);
                loaded.Add(document.Id);
                indexes.Look(document);
                bytes += document.Body.Length;
            }
        }

        return bytes;
    }

    public async Task BuildIndexes(IReadOnlyList<(string Name, string Path)> indexes, CancellationToken cancellationToken)
    {
        foreach (var (name, path) in indexes)
        {
            await Retry(client => client.PutIndex(Collection, name, path, cancellationToken), cancellationToken);
        }
    }

    /// <summary>Deletes about 60 %, spread evenly or the oldest, as the mode of compaction needs it; returns how many.</summary>
    public async Task<int> DeleteMost(CancellationToken cancellationToken)
    {
        var ids = loaded.Distinct(StringComparer.Ordinal).ToList();
        var victims = mode.WorksInPlace
            ? ids.Take((int)((long)ids.Count * DeletedOfTen / 10)).ToList()
            : [.. ids.Order(StringComparer.Ordinal).Where((_, position) => position * 7 % 10 < DeletedOfTen)];
        foreach (var chunk in victims.Chunk(1000))
        {
            using var body = new MemoryStream();
            foreach (var id in chunk)
            {
                var text = JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
                body.Write("{\"_id\":\""u8);
                body.Write(text.EncodedUtf8Bytes);
                body.Write("\"}\n"u8);
            }

            var lines = body.ToArray();
            await Retry(client => client.DeleteBulk(Collection, lines, cancellationToken), cancellationToken);
            foreach (var id in chunk)
            {
                writes.Deleted(id);
            }
        }

        return victims.Count;
    }

    /// <summary>Writing the same again is harmless, so passing failures are tried again.</summary>
    private Task Retry<T>(Func<OrchestratorClient, Task<T>> work, CancellationToken cancellationToken)
        where T : class => cluster.WaitFor<T>(
            "a write to be acknowledged", Timeout, async _ => (await cluster.Ask(work), ""), cancellationToken);
}
