using System.Security.Cryptography;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Formatting;
using Orchestrator.Storage;
using Orchestrator.Storage.Backups;

namespace Orchestrator.Host.Backups;

/// <summary>
/// Makes a backup, also of files that a server writes to. The order is what makes it one state that the member can start from: what it has confirmed
/// first, so that the collections have at least that; what it has promised and the epoch that it obeys after them, so that no collection has a later
/// term; the journal last, so that its epoch is not below the members'.
/// </summary>
internal sealed class BackupWriter(string directory, TimeProvider time, CancellationToken cancellationToken)
{
    private const int MostAttempts = 120;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly List<BackedUpFile> _files = [];

    /// <exception cref="RefusedException">The directory is not empty, or a collection cannot be copied now.</exception>
    /// <exception cref="FileException">A file cannot be read or written.</exception>
    public async Task<BackupResult> Write(BackupParts parts, string version)
    {
        try
        {
            if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            {
                throw new RefusedException($"{directory} is not empty. A backup needs a new or an empty directory.");
            }

            Directory.CreateDirectory(directory);
            var takenAt = time.GetUtcNow();
            if (parts.Node is not null)
            {
                await WriteData(parts.DataDirectory);
            }

            if (parts.JournalFile.Length > 0)
            {
                Require(parts.JournalFile, File.Exists(parts.JournalFile), "there is no such file");
                Database(parts.JournalFile, BackupManifest.Journal);
            }

            new BackupManifest(BackupManifest.NewestFormat, version, takenAt, parts.Node, parts.JournalFile.Length > 0, _files).Write(directory);
            return new BackupResult(directory, parts.Names, _files.Count, _files.Sum(file => file.Bytes), []);
        }
        catch (StorageException e)
        {
            throw new FileException($"The backup was not made: {e.Message.TrimEnd('.')}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileException($"The backup was not made in {directory}: {FileProblem.Of(e, "")}.", e);
        }
    }

    private async Task WriteData(string data)
    {
        Require(data, Directory.Exists(data), "there is no such directory");
        foreach (var name in (string[])[NodeFiles.Confirmed, NodeFiles.Compactions, NodeFiles.Orders])
        {
            PlainIfThere(data, Path.Combine(data, name));
        }

        var collections = (from database in Directory.GetDirectories(data)
                           from path in Directory.GetDirectories(database)
                           let collection = CollectionDirectory.Of(path)
                           where collection is not null
                           orderby collection.Database != FeedPosition.CatalogDatabase, path
                           select collection).ToList();
        foreach (var collection in collections)
        {
            await WriteCollection(data, collection);
        }

        PlainIfThere(data, Path.Combine(data, NodeFiles.Member));
    }

    /// <summary>Indexes are left out: they are built again from the documents.</summary>
    private async Task WriteCollection(string data, CollectionDirectory collection)
    {
        var documents = Path.Combine(collection.Path, CollectionDirectory.DocumentsFile);
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!File.Exists(documents))
            {
                Require(collection.Path, Directory.Exists(collection.Path), "the collection was dropped during the backup. Make it again");
                return;
            }

            if (Database(documents, Target(data, documents)))
            {
                break;
            }

            if (attempt == MostAttempts)
            {
                throw new RefusedException($"Collection {collection} is taking over many changes from its primary. Make the backup again when that is done, or make it on another member.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        if (Directory.Exists(collection.RollBacks))
        {
            foreach (var kept in Directory.GetFiles(collection.RollBacks, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                PlainIfThere(data, kept);
            }
        }
    }

    /// <returns>False if it is to be tried again.</returns>
    private bool Database(string source, string target)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = Prepare(target);
        File.Delete(path);
        var copy = DatabaseFileCopy.Take(source, path);
        if (copy.IsBetweenStates)
        {
            return false;
        }

        Add(target, target == BackupManifest.Journal ? 0 : copy.Version);
        return true;
    }

    private void PlainIfThere(string data, string source)
    {
        if (!File.Exists(source))
        {
            return;
        }

        var target = Target(data, source);
        using (var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (var to = new FileStream(Prepare(target), FileMode.Create, FileAccess.Write))
        {
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }

        Add(target, 0);
    }

    private void Add(string target, long version)
    {
        using var written = File.OpenRead(Path.Combine(directory, target));
        _files.Add(new BackedUpFile(target, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)), version));
    }

    private string Prepare(string target)
    {
        var path = Path.Combine(directory, target);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    private static string Target(string data, string file) => $"{BackupManifest.Data}/{Path.GetRelativePath(data, file).Replace('\\', '/')}";

    private static void Require(string path, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FileException($"The backup was not made: {path}: {otherwise}.");
        }
    }
}
