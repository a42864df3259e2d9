using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// Takes over another member's feed, piece by piece: a first copy as its pieces come, a later round when its last piece is there. For the writer.
/// </summary>
internal sealed class FeedReceiver(
    OpenDocuments documents, IndexSet indexes, StorageOptions options, FirstCopyReceiver firstCopy, ReceivedRound round)
{
    /// <summary>After this the next batch must begin. Any thread.</summary>
    public FeedPosition Through => round.Through ?? documents.File.Current.CopiedThrough;

    /// <summary>See <see cref="CollectionFeed.Apply"/>.</summary>
    public ApplyResult Receive(ChangeBatch batch)
    {
        if (round.Through is { } through && through.Seq != batch.Since)
        {
            round.Drop();
        }

        if (firstCopy.Takes(batch, isAlone: round.Through is null))
        {
            return firstCopy.Apply(batch);
        }

        if (round.Through is null && batch.AtEnd)
        {
            var rows = new List<RowReplacement>();
            var result = documents.File.Followed.Apply(batch, rows);
            options.Failpoint?.Invoke(Failpoints.Committed);
            indexes.Update(rows);
            return result;
        }

        try
        {
            round.Add(batch);
            var applied = batch.AtEnd ? round.TakeOver() : 0;
            return new ApplyResult(applied, 0, documents.File.Position);
        }
        catch
        {
            round.Drop();
            throw;
        }
    }
}
