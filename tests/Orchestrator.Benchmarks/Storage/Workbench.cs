using System.Text;
using Orchestrator.Storage;

namespace Orchestrator.Benchmarks.Storage;

/// <summary>A directory with a collection of which half the documents are deleted, to be copied for each measurement.</summary>
internal sealed class Workbench : IDisposable
{
    public const string Database = "bench";
    public const string Collection = "documents";
    private const int BatchDocuments = 1000;
    private const int SmallBytes = 1 << 10;
    private const int LargeBytes = 100 << 10;
    private const int LargeShare = 10;
    private readonly string root = Directory.CreateTempSubdirectory("orchestrator-figures-").FullName;
    private int copies;

    /// <param name="liveBytes">Bytes of the live documents: nine tenths of the documents' number in 1 kB, the rest of the bytes in 100 kB.</param>
    public Workbench(long liveBytes)
    {
        LiveBytes = liveBytes;
        Template = Path.Combine(root, "template");
    }

    public long LiveBytes { get; }

    public string Template { get; }

    /// <summary>Fills the template: twice the live bytes, of which every other document is then deleted.</summary>
    public void Fill()
    {
        var random = new Random(1);
        using var store = Open(Template);
        var ids = new List<string>();
        var batch = new List<WriteOperation>();
        long written = 0;
        for (var i = 0; written < 2 * LiveBytes; i++)
        {
            // Half of the bytes in small documents, half in large ones, in runs as loads bring them.
            var large = i % (LargeShare * LargeShare + 1) == 0;
            var write = Document(random, $"{random.Next():x8}{i:x6}", large ? LargeBytes : SmallBytes);
            written += large ? LargeBytes : SmallBytes;
            ids.Add(write.Id);
            batch.Add(write);
            if (batch.Count == BatchDocuments)
            {
                store.Commit(batch, 1);
                batch.Clear();
            }
        }

        store.Commit(batch, 1);
        DeleteHalf(store, ids);
        store.Checkpoint();
    }

    public static CollectionStore Open(string data, StorageOptions? options = null) => CollectionStore.Open(
        new CollectionDirectory(data, Database, Collection), CollectionSettings.Default, options ?? StorageOptions.Default, TimeProvider.System);

    public static WriteOperation Document(Random random, string id, int bytes)
    {
        var json = new StringBuilder(bytes).Append("{\"number\":").Append(random.Next(1_000_000)).Append(",\"text\":\"");
        while (json.Length < bytes - 2)
        {
            json.Append((char)('a' + random.Next(26)));
        }

        return new WriteOperation.Put(id, Encoding.ASCII.GetBytes(json.Append("\"}").ToString()));
    }

    /// <summary>A fresh copy of the template; its files are on disk and, as far as they fit, in the page cache.</summary>
    public string Copy()
    {
        var target = Path.Combine(root, $"copy-{++copies}");
        foreach (var file in Directory.GetFiles(Template, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(target, Path.GetRelativePath(Template, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
            Sync(to);
        }

        return target;
    }

    public static string Documents(string data) => Path.Combine(data, Database, Collection, "documents.sqlite");

    public static void Remove(string data) => Directory.Delete(data, recursive: true);

    public static void Sync(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
        file.Flush(flushToDisk: true);
    }

    public string NewPath(string name) => Path.Combine(root, $"{name}-{++copies}");

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>Half of it here and there, half of it in one piece, as a retention does.</summary>
    private static void DeleteHalf(CollectionStore store, List<string> ids)
    {
        var quarter = ids.Count / 3;
        var gone = ids.Where((_, i) => i < quarter || i % 4 == 0).Select(WriteOperation (id) => new WriteOperation.Delete(id)).ToList();
        foreach (var batch in gone.Chunk(BatchDocuments))
        {
            store.Commit(batch, 1);
        }
    }
}
