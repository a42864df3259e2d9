using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Documents.Replication;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage;

/// <content>Taking over a round of a source's feed that is too large for one transaction.</content>
public sealed partial class CollectionStore
{
    // How often the documents began to be a mixture of states; for reads that began before.
    private int mixtures;

    private int Publish(ReceivedChanges round, DocumentsFile writer)
    {
        round.Seal();
        Interlocked.Increment(ref mixtures);
        writer.Publication.Begin(round);
        return FinishPublication();
    }

    private void UpdateIndexesFromFeed(List<RowReplacement> removed, DocumentsFile writer)
    {
        foreach (var index in indexes.Values)
        {
            index.UpdateFromFeed(removed, writer);
        }

        foreach (var build in builds)
        {
            build.Removals.Add(removed);
        }
    }

    /// <summary>Goes on with the publication that is under way, to its end. After an error it can be called again.</summary>
    /// <returns>Changes taken over.</returns>
    private int FinishPublication()
    {
        if (documents.Current.Publication is null)
        {
            return 0;
        }

        var applied = 0;
        while (documents.Current.Publication is { } publication)
        {
            received ??= ReceivedChanges.OpenSealed(Directory.Received, options, publication);
            if (received is null)
            {
                // A crash at the commit that was to begin it, which had failed: the round was dropped then.
                documents.Publication.GiveUp(Directory.Received);
                break;
            }

            var removed = new List<RowReplacement>();
            applied += documents.Publication.PublishPiece(received, options.PublishedBytes, removed);
            options.Failpoint?.Invoke(Failpoints.Committed);
            UpdateIndexesFromFeed(removed, documents);
            options.Failpoint?.Invoke(Failpoints.PiecePublished);
        }

        DropReceived();
        return applied;
    }

    /// <summary>At opening. If the disk does not let it, the collection is open all the same, and goes on with it before it writes.</summary>
    private void GoOnWithPublication()
    {
        if (documents.Current.Publication is not { } publication)
        {
            return;
        }

        try
        {
            FinishPublication();
            Note($"The changes through {publication.Through} that had been received from another member were applied.");
        }
        catch (StorageException e) when (e is not CorruptFileException)
        {
            Note($"The changes through {publication.Through} that had been received from another member are still to be applied: {e.Message}");
        }
    }

    /// <summary>A read that is refused if, when it is done, it may have seen a part of a round or of a first copy.</summary>
    /// <exception cref="CollectionBeingCopiedException"/>
    private T ReadWhole<T>(Func<DocumentsReader, T> read)
    {
        var before = Volatile.Read(ref mixtures);
        var result = read(Reader());
        return Volatile.Read(ref mixtures) == before ? result : throw new CollectionBeingCopiedException(Directory.ToString());
    }
}
