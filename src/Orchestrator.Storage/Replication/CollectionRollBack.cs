using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// Rolls documents and indexes back to where a feed parts from its source's, and stores again what the dropped changes had replaced.
/// For the writer.
/// </summary>
/// <remarks>
/// The indexes first: after a crash they then lack entries, which they get from the feed, and have none of changes whose seqs are given again.
/// </remarks>
/// <param name="refuseCompaction">Ends a compaction, whose copy would have what is dropped here.</param>
internal sealed class CollectionRollBack(OpenDocuments documents, IndexSet indexes, StorageOptions options, Action<string> refuseCompaction)
{
    /// <summary>See <see cref="CollectionFeed.RollBack"/>.</summary>
    public RollBackResult To(long afterSeq)
    {
        var writer = documents.File;
        if (afterSeq >= writer.State.LastSeq)
        {
            return new RollBackResult(0, null, documents.Reader.PendingRefetchCount());
        }

        refuseCompaction($"{documents.Directory} was rolled back to change {afterSeq}; the compaction must start again.");
        var saved = RollBackFile.Save(writer.Session, documents.Directory, options.Files, writer.Position, afterSeq);
        options.Failpoint?.Invoke(Failpoints.RollBackSaved);
        var dropped = indexes.AheadOfDocuments(() =>
        {
            indexes.RollBack(afterSeq);
            options.Failpoint?.Invoke(Failpoints.RollBackIndexed);
            return writer.RollBack.To(afterSeq);
        });
        return new RollBackResult(dropped, saved, documents.Reader.PendingRefetchCount());
    }

    /// <summary>See <see cref="CollectionFeed.CompleteRefetch"/>.</summary>
    public void CompleteRefetch(string id, ChangeRecord? current)
    {
        var writer = documents.File;
        if (!writer.Refetch.IsPending(id))
        {
            return;
        }

        if (current is not null && current.Seq > writer.State.LastSeq)
        {
            writer.Refetch.LeaveToFeed(id, current.Seq);
            return;
        }

        var stored = writer.Refetch.Wants(id, current) ? current : null;
        indexes.AheadOfDocuments(() =>
        {
            if (stored is { Deleted: false })
            {
                indexes.Add(stored.Seq, stored.Body);
            }

            writer.Refetch.Complete(id, stored);
            return 0;
        });
    }
}
