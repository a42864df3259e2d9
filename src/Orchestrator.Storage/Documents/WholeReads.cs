namespace Orchestrator.Storage.Documents;

/// <summary>Reads of an open collection, refused while its rows are no state that the source had. Any thread.</summary>
internal sealed class WholeReads(OpenDocuments documents, CollectionGate gate)
{
    /// <exception cref="CollectionOfflineException"/>
    /// <exception cref="CollectionBeingCopiedException"/>
    public DocumentsReader Reader()
    {
        gate.RequireOpen();
        return documents.File.Current.IsBeingCopied ? throw Refused() : documents.Reader;
    }

    /// <summary>A read that is refused if, when it is done, it may have seen a part of a round or of a first copy.</summary>
    /// <exception cref="CollectionOfflineException"/>
    /// <exception cref="CollectionBeingCopiedException"/>
    public T Read<T>(Func<DocumentsReader, T> read)
    {
        var before = documents.Mixtures;
        var result = read(Reader());
        return documents.Mixtures == before ? result : throw Refused();
    }

    private CollectionBeingCopiedException Refused() => new(documents.Directory.ToString());
}
