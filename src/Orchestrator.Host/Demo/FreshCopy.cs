using Orchestrator.Storage;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Host.Demo;

/// <summary>
/// Writes the live documents that a node shows into new files, with the same indexes: what a node would have that was
/// loaded with nothing but these. The size of compacted files is measured against it.
/// </summary>
internal sealed class FreshCopy : IDisposable
{
    private const int BatchDocuments = 1000;
    private const long Term = 1;

    private readonly CollectionStore store;
    private readonly List<WriteOperation> batch = [];

    public FreshCopy(string directory, IReadOnlyList<(string Name, string Path)> indexes, TimeProvider time)
    {
        var settings = new CollectionSettings([.. indexes.Select(index => new IndexDefinition(index.Name, index.Path))]);
        store = CollectionStore.Open(
            new CollectionDirectory(directory, DemoData.Collection.Database, DemoData.Collection.Collection),
            settings,
            StorageOptions.Default,
            time);
    }

    public void Add(string id, ReadOnlyMemory<byte> body)
    {
        batch.Add(new WriteOperation.Put(id, body));
        if (batch.Count == BatchDocuments)
        {
            Flush();
        }
    }

    /// <summary>Writes what is left and closes the files.</summary>
    public void Dispose()
    {
        Flush();
        store.Dispose();
    }

    /// <summary>Bytes of all database files of the demo's collection below a data directory: their lengths, or what they occupy on disk.</summary>
    public static long Measure(string dataDirectory, DemoMode mode)
    {
        var collection = new DirectoryInfo(Path.Combine(dataDirectory, DemoData.Collection.Database, DemoData.Collection.Collection));
        return collection.Exists
            ? collection.EnumerateFiles("*.sqlite*", SearchOption.AllDirectories).Sum(file => mode.KeepsLength ? DiskUsage.OfFile(file.FullName) : file.Length)
            : 0;
    }

    private void Flush()
    {
        if (batch.Count > 0)
        {
            store.Commit(batch, Term);
            batch.Clear();
        }
    }
}
