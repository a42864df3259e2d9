using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>Classifies the files that a crash has left and puts them in order.</summary>
internal sealed class StartUp(CollectionDirectory directory, StorageOptions options)
{
    private readonly List<string> notes = [];
    private readonly FileLayer files = options.Files;
    private bool swapFinished;

    /// <summary>Before the documents are opened: finishes a swap that was begun.</summary>
    /// <returns>True if there is no documents file yet.</returns>
    public bool FinishSwap()
    {
        if (SwapIntent.Read(files, directory) is { } intent)
        {
            if (!files.Exists(directory.DocumentsCopy))
            {
                swapFinished = true;
                notes.Add("A compaction's swap was done; its record is removed.");
            }
            else if (IsSealed(intent.Generation))
            {
                SwapIntent.Rename(files, directory, static _ => { });
                swapFinished = true;
                notes.Add("A compaction's swap had begun; it is now finished.");
            }
            else
            {
                notes.Add("The record of an earlier compaction's swap was left; it is removed.");
            }

            SwapIntent.Remove(files, directory);
        }

        if (files.Exists(directory.Documents))
        {
            return false;
        }

        return !files.Exists(directory.DocumentsCopy)
            ? true
            : throw new CorruptFileException(directory.Documents, $"it is missing, while there is {directory.DocumentsCopy}");
    }

    /// <summary>With the documents open: what of a partial copy can be used. Removes what cannot.</summary>
    public OpenReport Classify(bool created, DocumentsState documents, CollectionSettings settings)
    {
        var (state, copiedThrough) = swapFinished ? (StartUpState.SwapFinished, 0L) : ClassifyCopy(documents, settings.Compression);
        var orphans = ClassifyIndexes(settings.Indexes);
        foreach (var partial in files.List(directory.Path).Concat(files.List(directory.Indexes))
            .Where(file => file.EndsWith(VacuumInto.Suffix, StringComparison.Ordinal)))
        {
            Discard(files, partial);
            notes.Add($"{Path.GetFileName(partial)} was not copied completely; it is removed.");
        }

        foreach (var temporary in files.List(directory.Path).Where(file => file.EndsWith(".tmp", StringComparison.Ordinal)))
        {
            files.Delete(temporary);
            notes.Add($"{Path.GetFileName(temporary)} was not written completely; it is removed.");
        }

        return new OpenReport(state, created, copiedThrough, orphans, notes);
    }

    /// <summary>The checkpoint of a partial copy that belongs to a documents file, or null if there is none.</summary>
    public static Checkpoint? ReadUsable(
        CollectionDirectory directory, StorageOptions options, long generation, CompressionSetting compression)
    {
        if (!options.Files.Exists(directory.DocumentsCopy))
        {
            return null;
        }

        try
        {
            using var session = SqliteSession.OpenExisting(directory.DocumentsCopy, options, memoryMap: false);
            if (DocumentsSchema.IsEmpty(session))
            {
                return null;
            }

            DocumentsSchema.Require(session);
            return Checkpoint.Read(session) is { } checkpoint && checkpoint.SourceGeneration == generation
                && DocumentsState.Read(session).Encoding == compression.ToString()
                && (checkpoint.Boot.Length == 0 || checkpoint.Boot == options.Files.BootId)
                ? checkpoint
                : null;
        }
        catch (Exception e) when (e is StorageException or InvalidOperationException or InvalidCastException or FormatException)
        {
            // A copy is only ever a copy: one that cannot be read, or has values that cannot be, is made anew. It is written without
            // syncs, so a loss of power can leave any part of it, also one that SQLite itself does not recognise as damaged.
            return null;
        }
    }

    /// <summary>Removes a partial copy with its journals.</summary>
    public static void Discard(FileLayer files, string copy)
    {
        foreach (var suffix in (string[])["", "-journal", "-wal", "-shm"])
        {
            files.Delete(copy + suffix);
        }
    }

    /// <summary>Removes files of SQLite with their journals.</summary>
    /// <returns>The files, and how many bytes they occupied on disk.</returns>
    public static RemovedFiles Remove(FileLayer files, IEnumerable<string> all)
    {
        var removed = new List<string>();
        long bytes = 0;
        foreach (var file in all)
        {
            bytes += files.PhysicalBytes(file) + files.PhysicalBytes(file + "-wal");
            Discard(files, file);
            removed.Add(file);
        }

        return new RemovedFiles(removed, bytes);
    }

    /// <summary>Reads nothing but the generation, which a copy of every version has.</summary>
    private bool IsSealed(long generation)
    {
        using var session = SqliteSession.OpenExisting(directory.DocumentsCopy, options, memoryMap: false);
        return !DocumentsSchema.IsEmpty(session) && session.Scalar("SELECT generation FROM main.state") == generation;
    }

    private (StartUpState State, long CopiedThrough) ClassifyCopy(DocumentsState documents, CompressionSetting compression)
    {
        if (!files.Exists(directory.DocumentsCopy))
        {
            Discard(files, directory.DocumentsCopy);
            return (StartUpState.Fresh, 0);
        }

        if (ReadUsable(directory, options, documents.Generation, compression) is { } checkpoint)
        {
            notes.Add($"A compaction was interrupted; it can continue after change {checkpoint.CopiedThrough}.");
            return (StartUpState.Resumable, checkpoint.CopiedThrough);
        }

        Discard(files, directory.DocumentsCopy);
        notes.Add("The partial copy of an interrupted compaction was not usable; it is removed.");
        return (StartUpState.Discarded, 0);
    }

    private List<string> ClassifyIndexes(IReadOnlyList<IndexDefinition> indexes)
    {
        var known = indexes.Select(index => index.FileName).ToHashSet(StringComparer.Ordinal);
        var orphans = new List<string>();
        foreach (var file in files.List(directory.Indexes).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (name.EndsWith(".sqlite", StringComparison.Ordinal) && !known.Contains(name))
            {
                orphans.Add(file);
                notes.Add($"{name} belongs to no index; it is kept.");
            }
            else if (name.EndsWith(".sqlite" + CopyFile.Suffix, StringComparison.Ordinal) && !known.Contains(name[..^CopyFile.Suffix.Length]))
            {
                Discard(files, file);
                notes.Add($"{name} belongs to no index; it is removed.");
            }
        }

        return orphans;
    }
}
