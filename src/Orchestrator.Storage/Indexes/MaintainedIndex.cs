using Orchestrator.Storage.Documents;

namespace Orchestrator.Storage.Indexes;

/// <summary>
/// An index that is kept in step with the documents: it takes in what each commit wrote; after an error, and at opening, it catches up.
/// </summary>
internal sealed class MaintainedIndex(IndexFile file) : IDisposable
{
    private bool _mayHaveGarbage;

    // After an error: the index does not have the last changes, and catches up at the next ones.
    private bool _isBehind;

    public IndexFile File => file;

    /// <summary>Opens or creates the file and brings it up to date with the documents, if that does not take long.</summary>
    /// <returns>Null if more rows are missing than are taken in at opening: it is to be built while the collection serves.</returns>
    public static MaintainedIndex? OpenUpToDate(IndexDefinition definition, string path, StorageOptions options, DocumentsFile documents)
    {
        var index = new MaintainedIndex(IndexFile.Open(definition, path, options));
        try
        {
            if (index.IsLongToBuild(documents.State, options.IndexedAtOpening))
            {
                index.Dispose();
                return null;
            }

            index.CatchUp(documents);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Takes in what a commit wrote. An error leaves the index behind; it does not undo the commit.</summary>
    public void Update(IReadOnlyList<RowReplacement> rows, DocumentsFile documents) =>
        TakeIn(documents, () => file.Store(rows, documents.State.LastSeq));

    /// <summary>
    /// As <see cref="Update"/>, for more rows than fit into memory: the new ones are read from the documents, piece by piece.
    /// </summary>
    /// <param name="removed">The rows that are gone.</param>
    public void UpdateFromFeed(IReadOnlyList<RowReplacement> removed, DocumentsFile documents) => TakeIn(documents, () =>
    {
        file.Store(removed, file.State.IndexedThrough);
        IndexRepair.AddMissing(file, documents.Session, documents.State.LastSeq);
    });

    /// <summary>
    /// After an error in what was to go with a change of this index: before it takes in the next one, it gets what the documents
    /// have and it has not, and loses what they have not.
    /// </summary>
    public void CatchUpLater()
    {
        _mayHaveGarbage = true;
        _isBehind = true;
    }

    public void Dispose() => file.Dispose();

    private void TakeIn(DocumentsFile documents, Action change)
    {
        if (!_isBehind)
        {
            try
            {
                change();
                return;
            }
            catch (StorageException e)
            {
                Fail(e);
            }
        }

        TryCatchUp(documents);
    }

    private bool IsLongToBuild(DocumentsState documents, long mostRows)
    {
        // More rows than there are cannot be missing, however many changes there were.
        var missing = file.State.IndexedThrough > documents.LastSeq ? documents.LastSeq : documents.LastSeq - file.State.IndexedThrough;
        return Math.Min(missing, documents.Rows) > mostRows
            || (file.State.Entries > mostRows && !file.Writer.Has(IndexSchema.KeyIndex));
    }

    private void TryCatchUp(DocumentsFile documents)
    {
        try
        {
            // A swap may have closed it and could not open it again.
            file.OpenWriterIfClosed();
            CatchUp(documents);
            _isBehind = false;
        }
        catch (StorageException e)
        {
            Fail(e);
        }
    }

    private void Fail(StorageException e)
    {
        _isBehind = true;

        // What was removed is not known any more; a compaction of this file cannot go on.
        file.Removals?.Invalidate($"the index could not take in a change ({e.Message})");
    }

    private void CatchUp(DocumentsFile documents)
    {
        var last = documents.State.LastSeq;
        if (file.State.IndexedThrough > last)
        {
            // Not from this feed, e.g. a documents file put back from a backup.
            file.Clear();
        }

        _mayHaveGarbage |= file.State.Entries > 0 && (file.State.IndexedThrough < last || documents.State.Incomplete);
        if (file.State.IndexedThrough < last)
        {
            IndexRepair.AddMissing(file, documents.Session, last);
        }

        if (_mayHaveGarbage)
        {
            IndexRepair.RemoveGarbage(file, documents.Session, static () => false);
            _mayHaveGarbage = false;
        }

        file.Writer.Execute(IndexSchema.CreateKeyIndex);
    }
}
