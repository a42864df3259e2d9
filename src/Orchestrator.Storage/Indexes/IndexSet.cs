using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Indexes;

/// <summary>The indexes of a collection: those that are maintained and found by look-ups, and those that are being built.</summary>
/// <remarks>
/// For the writer, but for what says otherwise. Both lists are replaced as a whole: readers go on with the one that they have.
/// </remarks>
internal sealed class IndexSet(OpenDocuments documents, StorageOptions options) : IDisposable
{
    private readonly CollectionDirectory _directory = documents.Directory;
    private volatile SortedList<string, MaintainedIndex> _maintained = new(StringComparer.OrdinalIgnoreCase);
    private volatile IReadOnlyList<IndexBuild> _builds = [];

    /// <summary>The files of the maintained indexes, by name. Any thread.</summary>
    public IReadOnlyList<IndexFile> Files => [.. _maintained.Values.Select(index => index.File)];

    /// <summary>The indexes that are being built. Any thread.</summary>
    public IReadOnlyList<IndexBuild> Builds => _builds;

    /// <summary>At opening; an index that lacks much is left to be built.</summary>
    /// <param name="note">Gets what was found.</param>
    public void Open(IndexDefinition definition, Action<string> note)
    {
        var path = PathOf(definition);
        var isNew = !options.Files.Exists(path);
        MaintainedIndex? index;
        try
        {
            index = MaintainedIndex.OpenUpToDate(definition, path, options, documents.File);
        }
        catch (CorruptFileException e)
        {
            // An index holds nothing that the documents do not have: it is built anew.
            note($"{e.Message}; the index is built again.");
            StartUp.Discard(options.Files, path);
            index = MaintainedIndex.OpenUpToDate(definition, path, options, documents.File);
        }

        if (isNew)
        {
            options.Files.SyncDirectory(_directory.Indexes);
        }

        if (index is null)
        {
            note($"Index '{definition.Name}' lacks many documents; it is built while the collection serves.");
            return;
        }

        Maintain(index);
    }

    /// <summary>See <see cref="CollectionStore.StartIndex"/>.</summary>
    public IndexBuild? Start(IndexDefinition index)
    {
        if (IsThere(index))
        {
            return null;
        }

        if (BuildOf(index.Name) is not null)
        {
            throw new ArgumentException($"Index '{index.Name}' of {_directory} is being built.", nameof(index));
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
            FileErrors.Named(_directory, () => options.Files.SyncDirectory(_directory.Indexes));
        }
        catch
        {
            begun.Dispose();
            throw;
        }

        _builds = [.. _builds, begun];
        return begun;
    }

    /// <summary>See <see cref="CollectionStore.FinishIndex"/>.</summary>
    public FinishOutcome Finish(IndexBuild build)
    {
        if (!_builds.Contains(build))
        {
            throw new InvalidOperationException("This index is not being built any more.");
        }

        if (build.Finish(documents.File, options.FinalCatchUpChanges) is not { } index)
        {
            return FinishOutcome.Continue;
        }

        Maintain(new MaintainedIndex(index));
        return FinishOutcome.Done;
    }

    /// <summary>Stops building an index.</summary>
    /// <returns>False if it is not being built.</returns>
    public bool StopBuild(string name)
    {
        var build = BuildOf(name);
        build?.Dispose();
        return build is not null;
    }

    public void StopBuilds()
    {
        foreach (var build in _builds)
        {
            build.Dispose();
        }
    }

    /// <summary>Stops maintaining an index; its file stays.</summary>
    /// <exception cref="UnknownIndexException"/>
    public void Remove(string name) => Remove(Find(name), index => index.CopyPath);

    /// <summary>See <see cref="CollectionStore.DiscardIndex"/>.</summary>
    /// <param name="check">Is told the index's name before anything is done.</param>
    public bool Discard(string file, Action<string> check)
    {
        if (_maintained.Values.FirstOrDefault(index => index.File.Path == file) is not { File: var damaged })
        {
            return false;
        }

        check(damaged.Definition.Name);
        Remove(damaged, index => index.Path);
        return true;
    }

    private void Remove(IndexFile index, Func<IndexFile, string> unwanted)
    {
        _maintained = new SortedList<string, MaintainedIndex>(
            _maintained.Where(pair => pair.Value.File != index).ToDictionary(), StringComparer.OrdinalIgnoreCase);
        index.Dispose();
        FileErrors.Named(_directory, () =>
        {
            StartUp.Discard(options.Files, unwanted(index));
            options.Files.SyncDirectory(_directory.Indexes);
        });
    }

    /// <summary>Removes the index files whose definition is gone.</summary>
    public RemovedFiles RemoveOrphans() => FileErrors.Named(_directory, () =>
    {
        var removed = StartUp.Remove(options.Files, OrphanedFiles());
        options.Files.SyncDirectory(_directory.Indexes);
        return removed;
    });

    /// <summary>The file of a maintained index. Any thread.</summary>
    /// <exception cref="UnknownIndexException"/>
    /// <exception cref="IndexBeingBuiltException"/>
    public IndexFile Find(string name)
    {
        if (_maintained.TryGetValue(name, out var index))
        {
            return index.File;
        }

        throw BuildOf(name) is { } build
            ? new IndexBeingBuiltException(_directory.ToString(), build.Definition.Name, build.Fraction)
            : new UnknownIndexException(_directory.ToString(), name);
    }

    /// <summary>Takes in what a commit wrote.</summary>
    public void Update(List<RowReplacement> rows)
    {
        foreach (var index in _maintained.Values)
        {
            index.Update(rows, documents.File);
        }

        LogForBuilds(rows);
    }

    /// <summary>Takes in a change that is too large for memory: the new rows are read from the documents.</summary>
    public void UpdateFromFeed(List<RowReplacement> removed)
    {
        foreach (var index in _maintained.Values)
        {
            index.UpdateFromFeed(removed, documents.File);
        }

        LogForBuilds(removed);
    }

    /// <summary>Removes the entries after a seq, on disk, before the documents are rolled back.</summary>
    public void RollBack(long afterSeq)
    {
        foreach (var index in _maintained.Values)
        {
            index.File.RollBack(afterSeq);
        }

        ForgetWhatIsNotMaintained();
    }

    /// <summary>Removes all entries, on disk, before the documents are dropped.</summary>
    public void Empty()
    {
        foreach (var index in _maintained.Values)
        {
            index.File.EmptyDurably();
        }

        ForgetWhatIsNotMaintained();
    }

    /// <summary>Adds the entries of a document that is about to be stored in the middle of the feed, on disk.</summary>
    public void Add(long seq, ReadOnlyMemory<byte> body)
    {
        foreach (var index in _maintained.Values)
        {
            index.File.AddDurably(seq, body);
        }

        InvalidateBuilds();
    }

    /// <summary>For a change of the indexes that comes before that of the documents: if the one does not follow, they are to be mended.</summary>
    public T AheadOfDocuments<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch
        {
            foreach (var index in _maintained.Values)
            {
                index.CatchUpLater();
            }

            throw;
        }
    }

    public void Checkpoint()
    {
        foreach (var index in _maintained.Values)
        {
            index.File.Checkpoint();
        }
    }

    public void Dispose()
    {
        foreach (var index in _maintained.Values)
        {
            index.Dispose();
        }
    }

    /// <summary>An index that comes back later would take the seqs that are given again for those that it has.</summary>
    private void ForgetWhatIsNotMaintained()
    {
        RemoveOrphans();
        InvalidateBuilds();
    }

    private void InvalidateBuilds()
    {
        foreach (var build in _builds)
        {
            build.Invalidate();
        }
    }

    private void LogForBuilds(List<RowReplacement> rows)
    {
        foreach (var build in _builds)
        {
            build.Removals.Add(rows);
        }
    }

    private List<string> OrphanedFiles()
    {
        var known = Files.Select(index => index.Path).Concat(_builds.Select(build => build.Path)).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. options.Files.List(_directory.Indexes)
                .Where(file => file.EndsWith(".sqlite", StringComparison.Ordinal) && !known.Contains(file))
                .Order(StringComparer.Ordinal),
        ];
    }

    private bool IsThere(IndexDefinition index)
    {
        if (!_maintained.TryGetValue(index.Name, out var existing))
        {
            return false;
        }

        return existing.File.Definition == index
            ? true
            : throw new ArgumentException(
                $"Collection {_directory} has an index '{index.Name}' on {existing.File.Definition.JsonPath} already.", nameof(index));
    }

    private IndexBuild? BuildOf(string name) =>
        _builds.FirstOrDefault(build => string.Equals(build.Definition.Name, name, StringComparison.OrdinalIgnoreCase));

    private IndexBuild NewBuild(IndexDefinition index) => new(
        index, PathOf(index), options, documents.Reader, () => documents.File.State.LastSeq, ended => _builds = [.. _builds.Where(each => each != ended)]);

    private string PathOf(IndexDefinition index) => Path.Combine(_directory.Indexes, index.FileName);

    private void Maintain(MaintainedIndex index) =>
        _maintained = new SortedList<string, MaintainedIndex>(_maintained, StringComparer.OrdinalIgnoreCase) { [index.File.Definition.Name] = index };
}
