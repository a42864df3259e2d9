using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// The round of a source's feed that is being received, or taken over: kept apart until its last piece is there, then taken over at once,
/// or, if it is too large for one transaction, by a <see cref="Publication"/>. For the writer.
/// </summary>
internal sealed class ReceivedRound(OpenDocuments documents, IndexSet indexes, StorageOptions options)
{
    private readonly CollectionDirectory _directory = documents.Directory;
    private volatile ReceivedChanges? _received;

    /// <summary>Where the next piece begins; null if no round has begun. Any thread.</summary>
    public FeedPosition? Through => _received?.Through;

    /// <summary>Keeps a piece, the first one or the next.</summary>
    /// <exception cref="FeedConflictException">It does not continue the feed, or the pieces so far.</exception>
    /// <exception cref="ResyncRequiredException"/>
    public void Add(ChangeBatch batch)
    {
        if (_received is null)
        {
            var writer = documents.File;
            FeedContinuity.Check(batch, writer.State, writer.TermHistory);
            _received = ReceivedChanges.Begin(_directory.Received, options, writer.Position, writer.TermHistory, batch);
        }

        _received.Add(batch);
    }

    /// <summary>Takes over all pieces, of which the last one reached the end of the source's feed.</summary>
    /// <returns>Changes written.</returns>
    public int TakeOver()
    {
        var received = _received ?? throw new InvalidOperationException("No round is under way.");
        if (received.Bytes > options.PublishedBytes)
        {
            received.Seal();
            documents.BeginMixture();
            documents.File.Publication.Begin(received);
            return FinishPublication();
        }

        var removed = new List<RowReplacement>();
        var applied = documents.File.Followed.Apply(received, removed);
        options.Failpoint?.Invoke(Failpoints.Committed);
        indexes.UpdateFromFeed(removed);
        Drop();
        return applied;
    }

    /// <summary>Goes on with the publication that is under way, to its end. After an error it can be called again.</summary>
    /// <returns>Changes taken over.</returns>
    public int FinishPublication()
    {
        if (documents.File.Current.Publication is null)
        {
            return 0;
        }

        var applied = 0;
        while (documents.File.Current.Publication is { } publication)
        {
            _received ??= ReceivedChanges.OpenSealed(_directory.Received, options, publication);
            if (_received is null)
            {
                // A crash at the commit that was to begin it, which had failed: the round was dropped then.
                documents.File.Publication.GiveUp(_directory.Received);
                break;
            }

            var removed = new List<RowReplacement>();
            applied += documents.File.Publication.PublishPiece(_received, options.PublishedBytes, removed);
            options.Failpoint?.Invoke(Failpoints.Committed);
            indexes.UpdateFromFeed(removed);
            options.Failpoint?.Invoke(Failpoints.PiecePublished);
        }

        Drop();
        return applied;
    }

    /// <summary>At opening. If the disk does not let it, the collection is open all the same, and goes on with it before it writes.</summary>
    /// <param name="note">Gets what came of it.</param>
    public void GoOnWithPublication(Action<string> note)
    {
        if (documents.File.Current.Publication is not { } publication)
        {
            return;
        }

        try
        {
            FinishPublication();
            note($"The changes through {publication.Through} that had been received from another member were applied.");
        }
        catch (StorageException e) when (e is not CorruptFileException)
        {
            note($"The changes through {publication.Through} that had been received from another member are still to be applied: {e.Message}");
        }
    }

    /// <summary>Drops the pieces; of a publication that is under way only what is in memory, since its file is still needed.</summary>
    public void Drop()
    {
        var dropped = _received;
        _received = null;
        if (documents.File.Current.Publication is null)
        {
            dropped?.Dispose();
        }
        else
        {
            dropped?.Close();
        }
    }
}
