using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Replication;

/// <summary>The first copy of a collection that is too large to be taken over at once: see <see cref="FirstCopy"/>. For the writer.</summary>
/// <param name="refuseCompaction">Ends a compaction, whose copy would know nothing of the new rows.</param>
internal sealed class FirstCopyReceiver(OpenDocuments documents, IndexSet indexes, StorageOptions options, Action<string> refuseCompaction)
{
    private bool IsUnderWay => documents.File.Current.FirstCopy is not null;

    /// <summary>Whether a batch is a piece of a first copy, of the one under way or of one that begins with it.</summary>
    /// <param name="isAlone">Whether no round has begun.</param>
    public bool Takes(ChangeBatch batch, bool isAlone)
    {
        var last = documents.File.State.LastSeq;
        if (IsUnderWay && batch.Since != last)
        {
            Drop();
            last = documents.File.State.LastSeq;
        }

        if (IsUnderWay)
        {
            return true;
        }

        if (!isAlone || last > 0)
        {
            return false;
        }

        // What is left after this piece, if its documents are like those of the piece.
        var left = batch.Last.Seq - batch.Through;
        var bytes = left * batch.Changes.Sum(change => (double)change.Body.Length) / Math.Max(1, batch.Changes.Count);
        return left > options.FirstCopyChanges || bytes > options.FirstCopyBytes;
    }

    /// <summary>Stores a piece as it comes.</summary>
    public ApplyResult Apply(ChangeBatch batch)
    {
        if (!IsUnderWay)
        {
            documents.BeginMixture();
            refuseCompaction($"{documents.Directory} is being copied from another member; the compaction must start again.");
        }

        var rows = new List<RowReplacement>();
        ApplyResult result;
        try
        {
            result = documents.File.FirstCopy.Apply(batch, rows);
        }
        catch (FeedConflictException)
        {
            Drop();
            throw;
        }

        options.Failpoint?.Invoke(Failpoints.Committed);
        indexes.Update(rows);
        options.Failpoint?.Invoke(Failpoints.PieceApplied);
        return result;
    }

    /// <summary>Nothing of a first copy that has not come to its end: it is as if it had not begun.</summary>
    public void Drop()
    {
        if (!IsUnderWay)
        {
            return;
        }

        // The indexes first, as in a roll-back.
        indexes.Empty();
        documents.File.FirstCopy.Drop();
    }
}
