using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage;

/// <content>Which indexes there are, and building them.</content>
public sealed partial class CollectionStore
{
    private volatile IReadOnlyList<IndexBuild> builds = [];

    /// <summary>The indexes that are being built. Any thread.</summary>
    public IReadOnlyList<IndexBuild> Builds => builds;

    /// <summary>
    /// Writer. Begins to build an index beside the writer; look-ups find it once it is done. Then, until it is done:
    /// <see cref="IndexBuild.RunOnline"/> on a background thread while writes go on, <see cref="FinishIndex"/> between two
    /// commits. Dispose of the build to stop; what is built is gone on with the next time, also after a crash. A compaction of
    /// the mode <c>exclusive</c> stops all builds.
    /// </summary>
    /// <returns>Null if the index is there already.</returns>
    /// <exception cref="ArgumentException">There is an index of that name with another path, or it is being built.</exception>
    public IndexBuild? StartIndex(IndexDefinition index)
    {
        Writer();
        if (IsThere(index))
        {
            return null;
        }

        if (BuildOf(index.Name) is not null)
        {
            throw new ArgumentException($"Index '{index.Name}' of {Directory} is being built.", nameof(index));
        }

        IndexBuild begun;
        try
        {
            begun = NewBuild(index);
        }
        catch (CorruptFileException)
        {
            // It holds nothing that the documents do not have.
            StartUp.Discard(options.Files, PathOf(index));
            begun = NewBuild(index);
        }

        try
        {
            Named(() => options.Files.SyncDirectory(Directory.Indexes));
        }
        catch
        {
            begun.Dispose();
            throw;
        }

        builds = [.. builds, begun];
        return begun;
    }

    /// <summary>Writer. After <see cref="IndexBuild.RunOnline"/>: the last changes; then the index is maintained and found by look-ups.</summary>
    /// <returns><see cref="FinishOutcome.Continue"/>: too much was written meanwhile; call <c>RunOnline</c> again.</returns>
    public FinishOutcome FinishIndex(IndexBuild build)
    {
        var writer = Writer();
        if (!builds.Contains(build))
        {
            throw new InvalidOperationException("This index is not being built any more.");
        }

        if (build.Finish(writer, options.FinalCatchUpChanges) is not { } index)
        {
            return FinishOutcome.Continue;
        }

        Publish(index);
        return FinishOutcome.Done;
    }

    /// <summary>
    /// Writer. Stops maintaining an index, or building it. Its file is kept until <see cref="CleanIndexes"/>, so that the same index can be
    /// added again at the cost of what was written meanwhile.
    /// </summary>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="CompactionRefusedException">The index is being compacted.</exception>
    public void RemoveIndex(string name)
    {
        Writer();
        if (BuildOf(name) is { } build)
        {
            build.Dispose();
            return;
        }

        var index = Find(name);
        if (job?.Covers(name) == true)
        {
            throw new CompactionRefusedException($"Index '{name}' of {Directory} is being compacted.");
        }

        indexes = new SortedList<string, IndexFile>(
            indexes.Where(pair => pair.Value != index).ToDictionary(), StringComparer.OrdinalIgnoreCase);
        index.Dispose();
        Named(() =>
        {
            StartUp.Discard(options.Files, index.CopyPath);
            options.Files.SyncDirectory(Directory.Indexes);
        });
    }

    /// <summary>Writer. Removes the index files whose definition is gone.</summary>
    /// <returns>The files, and how many bytes they occupied on disk.</returns>
    public RemovedFiles CleanIndexes()
    {
        Writer();
        return Named(RemoveOrphans);
    }

    private RemovedFiles RemoveOrphans()
    {
        var removed = Remove(OrphanedIndexFiles());
        options.Files.SyncDirectory(Directory.Indexes);
        return removed;
    }

    private RemovedFiles Remove(IEnumerable<string> files)
    {
        var removed = new List<string>();
        long bytes = 0;
        foreach (var file in files)
        {
            bytes += options.Files.PhysicalBytes(file) + options.Files.PhysicalBytes(file + "-wal");
            StartUp.Discard(options.Files, file);
            removed.Add(file);
        }

        return new RemovedFiles(removed, bytes);
    }

    private static void RequireDistinctNames(IReadOnlyList<IndexDefinition> definitions)
    {
        var repeated = definitions.GroupBy(index => index.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (repeated is not null)
        {
            throw new ArgumentException($"There are two indexes of the name '{repeated.Key}'.", nameof(definitions));
        }
    }

    private List<string> OrphanedIndexFiles()
    {
        var known = indexes.Values.Select(index => index.Path).Concat(builds.Select(build => build.Path)).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. options.Files.List(Directory.Indexes)
                .Where(file => file.EndsWith(".sqlite", StringComparison.Ordinal) && !known.Contains(file))
                .Order(StringComparer.Ordinal),
        ];
    }

    private bool IsThere(IndexDefinition index)
    {
        if (!indexes.TryGetValue(index.Name, out var existing))
        {
            return false;
        }

        return existing.Definition == index
            ? true
            : throw new ArgumentException(
                $"Collection {Directory} has an index '{index.Name}' on {existing.Definition.JsonPath} already.", nameof(index));
    }

    private IndexFile Find(string name)
    {
        if (indexes.TryGetValue(name, out var index))
        {
            return index;
        }

        throw BuildOf(name) is { } build
            ? new IndexBeingBuiltException(Directory.ToString(), build.Definition.Name, build.Fraction)
            : new UnknownIndexException(Directory.ToString(), name);
    }

    private IndexBuild? BuildOf(string name) =>
        builds.FirstOrDefault(build => string.Equals(build.Definition.Name, name, StringComparison.OrdinalIgnoreCase));

    private string PathOf(IndexDefinition index) => Path.Combine(Directory.Indexes, index.FileName);

    private IndexBuild NewBuild(IndexDefinition index) => new(
        index, PathOf(index), options, reader, () => documents.State.LastSeq, ended => builds = [.. builds.Where(each => each != ended)]);

    private void StopBuilds()
    {
        foreach (var build in builds)
        {
            build.Dispose();
        }
    }

    /// <summary>At opening; an index that lacks much is left to <see cref="StartIndex"/>.</summary>
    private void OpenIndex(IndexDefinition definition)
    {
        var path = PathOf(definition);
        var isNew = !options.Files.Exists(path);
        IndexFile? index;
        try
        {
            index = IndexFile.OpenUpToDate(definition, path, options, documents);
        }
        catch (CorruptFileException e)
        {
            // An index holds nothing that the documents do not have: it is built anew.
            Note($"{e.Message}; the index is built again.");
            StartUp.Discard(options.Files, path);
            index = IndexFile.OpenUpToDate(definition, path, options, documents);
        }

        if (isNew)
        {
            options.Files.SyncDirectory(Directory.Indexes);
        }

        if (index is null)
        {
            Note($"Index '{definition.Name}' lacks many documents; it is built while the collection serves.");
            return;
        }

        Publish(index);
    }

    private void Note(string note) => OpenReport = OpenReport with { Notes = [.. OpenReport.Notes, note] };

    /// <summary>Copied on each change: readers go on with the list that they have.</summary>
    private void Publish(IndexFile index) =>
        indexes = new SortedList<string, IndexFile>(indexes, StringComparer.OrdinalIgnoreCase) { [index.Definition.Name] = index };

    private void UpdateIndexes(List<RowReplacement> rows)
    {
        foreach (var index in indexes.Values)
        {
            index.Update(rows, documents);
        }

        foreach (var build in builds)
        {
            build.Removals.Add(rows);
        }
    }
}

/// <summary>What was removed because nothing uses it.</summary>
/// <param name="Files">Absolute paths.</param>
/// <param name="Bytes">Bytes given back to the file system.</param>
public sealed record RemovedFiles(IReadOnlyList<string> Files, long Bytes)
{
    public RemovedFiles And(RemovedFiles more) => new([.. Files, .. more.Files], Bytes + more.Bytes);
}
