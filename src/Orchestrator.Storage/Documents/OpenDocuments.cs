using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>The documents of an open collection: their file, which a swap exchanges, its readers, and the settings that outlive it.</summary>
internal sealed class OpenDocuments : IDisposable
{
    private readonly StorageOptions _options;
    private volatile DocumentsFile _file;
    private int _mixtures;

    public OpenDocuments(CollectionDirectory directory, StorageOptions options, DocumentsFile file)
    {
        Directory = directory;
        _options = options;
        _file = file;
        Pool = new ReaderPool(() => SqliteSession.OpenExisting(directory.Documents, options, memoryMap: true), options.ReaderConnections);
        Reader = new DocumentsReader(Pool, directory.Documents);
    }

    public CollectionDirectory Directory { get; }

    /// <summary>The file as it is now: not to be kept over a swap. Its state is for any thread, all else for the writer.</summary>
    public DocumentsFile File => _file;

    /// <summary>For any thread.</summary>
    public DocumentsReader Reader { get; }

    /// <summary>The readers' sessions: a swap keeps them waiting.</summary>
    public ReaderPool Pool { get; }

    /// <summary>How bodies are stored from now on. Any thread.</summary>
    public CompressionSetting Compression { get; private set; } = CompressionSetting.None;

    /// <summary>Null = not capped. Any thread.</summary>
    public CapLimit? Cap { get; private set; }

    /// <summary>How often the rows began to be a mixture of states; for reads that began before. Any thread.</summary>
    public int Mixtures => Volatile.Read(ref _mixtures);

    /// <summary>The rows are about to be no state that the source had: what is read from now on must not be taken for one.</summary>
    public void BeginMixture() => Interlocked.Increment(ref _mixtures);

    public void ChangeSettings(CompressionSetting compression, CapLimit? cap)
    {
        Compression = compression;
        Cap = cap;
        UseSettings();
    }

    /// <summary>Opens the file that now has the name; the former one is closed.</summary>
    public void Reopen()
    {
        _file = DocumentsFile.Open(Directory.Documents, _options);
        UseSettings();
    }

    public void Dispose()
    {
        Pool.Dispose();
        _file.Dispose();
    }

    private void UseSettings()
    {
        _file.Rows.Compression = Compression;
        _file.Writes.Cap = Cap;
    }
}
