using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Backups;

/// <summary>
/// Puts a backup in the place of the configured files. Everything is checked before anything is changed; then the files are copied beside their
/// places, checked again as they are, and renamed. What was there before is kept.
/// </summary>
internal sealed class Restore(string backup, BackupParts parts, bool replace, TimeProvider time, CancellationToken cancellationToken)
{
    private const string Staging = ".restore";
    private readonly string _time = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
    private readonly List<string> _replaced = [];

    /// <exception cref="RefusedException">The files are in use, are not to be replaced, or belong to another member; or the backup is of a later build.</exception>
    /// <exception cref="FileException">The backup is damaged, or a file cannot be read or written.</exception>
    public BackupResult Run()
    {
        try
        {
            var manifest = BackupManifest.Read(backup);
            RequireParts(manifest);
            var files = manifest.Files.Where(file => file.Path == BackupManifest.Journal ? parts.JournalFile.Length > 0 : parts.Node is not null).ToList();
            foreach (var file in files)
            {
                Check(file);
            }

            using var journal = parts.JournalFile.Length > 0 ? JournalLock.Take(new JournalSettings("", parts.JournalFile, ""), "", alone: true, "Stop it, then restore.") : null;
            RequirePlace();
            if (parts.Node is not null)
            {
                RestoreData(files);
            }

            if (parts.JournalFile.Length > 0)
            {
                RestoreJournal(files.Single(file => file.Path == BackupManifest.Journal));
            }

            return new BackupResult(backup, parts.Names, files.Count, files.Sum(file => file.Bytes), _replaced);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileException($"The backup was not restored: {FileProblem.Of(e, "")}.", e);
        }
    }

    private void RequireParts(BackupManifest manifest)
    {
        if (parts.JournalFile.Length > 0 && !manifest.HasJournal)
        {
            throw new RefusedException($"{backup} holds no journal. Use --only data to restore the data directory alone.");
        }

        if (parts.Node is not { } node)
        {
            return;
        }

        if (manifest.Node is not { } saved)
        {
            throw new RefusedException($"{backup} holds no data directory. Use --only journal to restore the journal alone.");
        }

        if (saved != node)
        {
            throw new RefusedException($"{backup} is of member {saved.Name} of {saved.Cluster}/{saved.ReplicaSet}; the configuration is of member {node.Name} of {node.Cluster}/{node.ReplicaSet}. Restore each member from its own backup.");
        }
    }

    private void Check(BackedUpFile file)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = Path.Combine(backup, file.Path);
        if (!File.Exists(path))
        {
            throw new FileException($"The backup is damaged: {path} is missing. Nothing was changed; use another backup.");
        }

        using var content = File.OpenRead(path);
        if (content.Length != file.Bytes || Convert.ToHexStringLower(SHA256.HashData(content)) != file.Sha256)
        {
            throw new FileException($"The backup is damaged: {path} is not the file that was written. Nothing was changed; use another backup.");
        }
    }

    private void RequirePlace()
    {
        if (parts.Node is not null && DataDirectory.IsInUse(parts.DataDirectory))
        {
            throw new RefusedException($"Another process uses {parts.DataDirectory}. Stop the server first.");
        }

        var there = new[] { (parts.Node is not null && DataEntries().Any(), parts.DataDirectory), (File.Exists(parts.JournalFile), parts.JournalFile) };
        if (!replace && there.FirstOrDefault(place => place.Item1) is { Item2: { } path })
        {
            throw new RefusedException($"{path} {(path == parts.JournalFile ? "exists" : "is not empty")}. With --replace it is moved aside, and the backup takes its place.");
        }
    }

    /// <summary>All but what an earlier restore has moved aside or left.</summary>
    private IEnumerable<string> DataEntries() => Directory.Exists(parts.DataDirectory)
        ? Directory.EnumerateFileSystemEntries(parts.DataDirectory).Where(entry => !Path.GetFileName(entry).StartsWith('.'))
        : [];

    /// <summary>Within the data directory, which may be a disk of its own. No database's name begins with a dot.</summary>
    private void RestoreData(IReadOnlyList<BackedUpFile> files)
    {
        var staging = Path.Combine(parts.DataDirectory, Staging);
        if (Directory.Exists(staging))
        {
            Directory.Delete(staging, recursive: true);
        }

        Directory.CreateDirectory(staging);
        foreach (var file in files.Where(file => file.Path != BackupManifest.Journal))
        {
            Copy(file, Path.Combine(staging, file.Path[(BackupManifest.Data.Length + 1)..]));
        }

        var former = DataEntries().ToList();
        if (former.Count > 0)
        {
            var aside = Path.Combine(parts.DataDirectory, $".replaced-{_time}");
            Directory.CreateDirectory(aside);
            foreach (var entry in former)
            {
                Directory.Move(entry, Path.Combine(aside, Path.GetFileName(entry)));
            }

            _replaced.Add(aside);
        }

        // Without the record of its promises a member takes itself for a new one: the record comes first.
        foreach (var entry in Directory.EnumerateFileSystemEntries(staging).OrderBy(entry => Path.GetFileName(entry) != NodeFiles.Member))
        {
            Directory.Move(entry, Path.Combine(parts.DataDirectory, Path.GetFileName(entry)));
        }

        Directory.Delete(staging);
    }

    private void RestoreJournal(BackedUpFile file)
    {
        var staged = parts.JournalFile + Staging;
        Copy(file, staged);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(parts.JournalFile + suffix))
            {
                var aside = $"{parts.JournalFile}.replaced-{_time}{suffix}";
                File.Move(parts.JournalFile + suffix, aside);
                if (suffix.Length == 0)
                {
                    _replaced.Add(aside);
                }
            }
        }

        File.Move(staged, parts.JournalFile);
    }

    private void Copy(BackedUpFile file, string target)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var from = File.OpenRead(Path.Combine(backup, file.Path));
        using var to = new FileStream(target, FileMode.Create, FileAccess.Write);
        from.CopyTo(to);
        to.Flush(flushToDisk: true);
    }
}
