using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Documents.Replication;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage;

/// <content>Taking over another member's feed.</content>
public sealed partial class CollectionStore
{
    private volatile ReceivedChanges? received;

    /// <summary>
    /// After this the next batch for <see cref="Apply"/> must begin: <see cref="Position"/>, or beyond it while batches are
    /// kept that have not reached the end of the source's feed. Only <see cref="Position"/> may be confirmed or promised.
    /// </summary>
    public FeedPosition ReceivedThrough => received?.Through ?? documents.Current.CopiedThrough;

    /// <summary>
    /// True while the collection is copied for the first time and is too large for that to be done at once: it cannot be read, its
    /// <see cref="Position"/> is that of an empty one, and <see cref="Apply"/> stores each piece as it comes. Also while a later round
    /// is taken over that is too large for one transaction: its <see cref="Position"/> is the one before that round. Any thread.
    /// </summary>
    public bool IsBeingCopied => IsFirstCopy || documents.Current.Publication is not null;

    /// <summary>True if all is here that the position says. Any thread.</summary>
    public bool IsWhole => IsComplete && !IsBeingCopied;

    /// <summary>
    /// Writer. Takes a piece of the source's feed, with its own seqs, terms and revs. Pieces that do not reach the end of
    /// the feed are kept apart, since such a piece lacks versions that were replaced after its end; with the one that
    /// reaches it all are applied at once, and are on disk when this returns. So the position only ever names a state that
    /// the source had. Changes that are there already are skipped. The pieces of a large first copy are stored one by one instead,
    /// see <see cref="IsBeingCopied"/>.
    /// </summary>
    /// <remarks>
    /// A round of pieces must be of one source; at a change of it call <see cref="ForgetSource"/>. After an error, and with a
    /// batch that begins elsewhere than at <see cref="ReceivedThrough"/>, what was kept is dropped. It does not survive a
    /// restart, unless it is whole and too large to be taken over at once. A first copy does, and may go on with a source that has all that the former one had; it is dropped when a batch does
    /// not continue it.
    /// </remarks>
    /// <exception cref="FeedConflictException">The batch does not continue this feed. Nothing is applied.</exception>
    /// <exception cref="ResyncRequiredException">Tombstones between this feed and the batch are gone. Nothing is applied.</exception>
    /// <exception cref="DifferentHistoryException">The source's history is another one, although its terms are the same. Nothing is applied.</exception>
    public ApplyResult Apply(ChangeBatch batch) => Named(() => Receive(batch));

    private ApplyResult Receive(ChangeBatch batch)
    {
        var writer = Writer();
        if (received is { } begun && begun.Through.Seq != batch.Since)
        {
            DropReceived();
        }

        var rows = new List<RowReplacement>();
        if (IsPieceOfFirstCopy(batch, writer))
        {
            return ApplyPiece(batch, writer, rows);
        }

        if (received is null && batch.AtEnd)
        {
            var result = writer.Followed.Apply(batch, rows);
            options.Failpoint?.Invoke(Failpoints.Committed);
            UpdateIndexes(rows);
            return result;
        }

        try
        {
            Keep(batch, writer);
            if (!batch.AtEnd)
            {
                return new ApplyResult(0, 0, Position);
            }

            if (received!.Bytes > options.PublishedBytes)
            {
                return new ApplyResult(Publish(received, writer), 0, Position);
            }

            var applied = writer.Followed.Apply(received, rows);
            options.Failpoint?.Invoke(Failpoints.Committed);
            UpdateIndexesFromFeed(rows, writer);
            DropReceived();
            return new ApplyResult(applied, 0, Position);
        }
        catch
        {
            DropReceived();
            throw;
        }
    }

    private bool IsFirstCopy => documents.Current.FirstCopy is not null;

    private bool IsPieceOfFirstCopy(ChangeBatch batch, DocumentsFile writer)
    {
        if (IsFirstCopy && batch.Since != writer.State.LastSeq)
        {
            DropFirstCopy();
        }

        if (IsFirstCopy)
        {
            return true;
        }

        if (received is not null || writer.State.LastSeq > 0)
        {
            return false;
        }

        // What is left after this piece, if its documents are like those of the piece.
        var left = batch.Last.Seq - batch.Through;
        var bytes = left * batch.Changes.Sum(change => (double)change.Body.Length) / Math.Max(1, batch.Changes.Count);
        return left > options.FirstCopyChanges || bytes > options.FirstCopyBytes;
    }

    private ApplyResult ApplyPiece(ChangeBatch batch, DocumentsFile writer, List<RowReplacement> rows)
    {
        if (!IsFirstCopy)
        {
            Interlocked.Increment(ref mixtures);

            // Its copy would know nothing of this.
            job?.Refuse($"{Directory} is being copied from another member; the compaction must start again.");
        }

        ApplyResult result;
        try
        {
            result = writer.FirstCopy.Apply(batch, rows);
        }
        catch (FeedConflictException)
        {
            DropFirstCopy();
            throw;
        }

        options.Failpoint?.Invoke(Failpoints.Committed);
        UpdateIndexes(rows);
        options.Failpoint?.Invoke(Failpoints.PieceApplied);
        return result;
    }

    /// <summary>Nothing of a first copy that has not come to its end: it is as if it had not begun.</summary>
    private void DropFirstCopy()
    {
        if (!IsFirstCopy)
        {
            return;
        }

        // The indexes first, as in a roll-back.
        foreach (var index in indexes.Values)
        {
            index.EmptyDurably();
        }

        CleanIndexes();
        foreach (var build in builds)
        {
            build.Invalidate();
        }

        documents.FirstCopy.Drop();
    }

    /// <summary>Writer. The source's history parts from what was received: that is dropped, and the next batch begins at <see cref="Position"/>.</summary>
    public void DropReceivedChanges()
    {
        Writer();
        DropReceived();
        DropFirstCopy();
    }

    /// <summary>
    /// Writer. Forgets the batches that have not reached the end of a feed, but for a first copy, and asks again for the documents that were left
    /// to it: before anything of another source comes.
    /// </summary>
    public void ForgetSource()
    {
        DropReceived();
        Writer().Refetch.AskAgain();
    }

    private void DropReceived()
    {
        var dropped = received;
        received = null;
        if (documents.Current.Publication is null)
        {
            dropped?.Dispose();
        }
        else
        {
            dropped?.Close();
        }
    }

    /// <summary>Writer. Records that from the next seq on the feed is written in this term. Nothing if it is recorded already.</summary>
    /// <exception cref="ArgumentException">The term is lower than the feed's.</exception>
    public TermStart StartTerm(long term)
    {
        var writer = Writer();
        DropReceived();
        DropFirstCopy();
        return writer.Writes.StartTerm(term);
    }

    /// <summary>
    /// Where the given term ends in this feed: the highest term up to <paramref name="term"/> that the feed has, and its
    /// last seq. A returning member whose last change has this term keeps its changes through the smaller of that seq and
    /// its own last one, and rolls back the rest; (0, 0) if the feed has no such term. Any thread.
    /// </summary>
    public FeedPosition EndOfTerm(long term)
    {
        var current = documents.Current;
        return Terms.EndOf(current.Terms, term, current.State.LastSeq);
    }

    /// <summary>
    /// The checksum of this feed's history at <see cref="Position"/>, or null if it is not known, or not all is here that the position
    /// says. Any thread.
    /// </summary>
    public UInt128? HistoryChecksum
    {
        get
        {
            var current = documents.Current;
            return IsWhole && current.State.LastSeq > 0 ? documents.History.At(current.State.LastSeq) : null;
        }
    }

    /// <summary>
    /// Why a member that stands at a seq of this feed's terms, with the given checksum of its history, has another history than this one; empty if nothing
    /// says so. Only the last commits are known, at least 500 of them. Any thread.
    /// </summary>
    public string HistoryDifference(long seq, UInt128 checksum) => documents.History.Difference(seq, checksum);

    /// <summary>
    /// Writer. Drops all changes after a seq. They are first saved as NDJSON under <c>rollback/</c>; the ids are
    /// remembered for <see cref="CompleteRefetch"/>, because what those changes replaced is gone here; until all of it is
    /// back, <see cref="IsComplete"/> is false. After a roll-back to 0 the feed alone brings everything. A running
    /// compaction of the documents fails, and starts from the beginning the next time.
    /// </summary>
    public RollBackResult RollBack(long afterSeq)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterSeq);
        return Named(() => Drop(afterSeq));
    }

    private RollBackResult Drop(long afterSeq)
    {
        var writer = Writer();
        DropReceived();
        DropFirstCopy();
        if (afterSeq >= writer.State.LastSeq)
        {
            return new RollBackResult(0, null, PendingRefetchCount);
        }

        job?.Refuse($"{Directory} was rolled back to change {afterSeq}; the compaction must start again.");
        var saved = RollBackFile.Save(writer.Session, Directory, options.Files, writer.Position, afterSeq);
        options.Failpoint?.Invoke(Failpoints.RollBackSaved);

        // The indexes first: after a crash they then lack entries, which they get from the feed, and have none of
        // changes whose seqs are given again.
        var dropped = AsOneWithIndexes(() => RollBack(writer, afterSeq));
        return new RollBackResult(dropped, saved, PendingRefetchCount);
    }

    private long RollBack(DocumentsFile writer, long afterSeq)
    {
        foreach (var index in indexes.Values)
        {
            index.RollBack(afterSeq);
        }

        // An index that comes back later would take the seqs that are given again for those that it has.
        CleanIndexes();
        foreach (var build in builds)
        {
            build.Invalidate();
        }

        options.Failpoint?.Invoke(Failpoints.RollBackIndexed);
        return writer.RollBack.RollBack(afterSeq);
    }

    /// <summary>For a change of the indexes that comes before that of the documents: if the one does not follow, they are to be mended.</summary>
    private T AsOneWithIndexes<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch
        {
            foreach (var index in indexes.Values)
            {
                index.CatchUpLater();
            }

            throw;
        }
    }

    /// <summary>Some of the ids whose current version must be fetched from the primary. Any thread.</summary>
    /// <param name="limit">1 to 10 000.</param>
    public IReadOnlyList<string> PendingRefetch(int limit) => reader.PendingRefetch(limit);

    /// <summary>Writer. Stores what the primary has for an id of <see cref="PendingRefetch"/>, at its own place in the feed.</summary>
    /// <param name="current">The primary's current version or tombstone, or null if it has neither.</param>
    /// <remarks>
    /// A version that this feed has not reached yet is left to the feed: the id stays remembered until it has reached it.
    /// </remarks>
    /// <exception cref="FeedConflictException">Another document has that seq here.</exception>
    public void CompleteRefetch(string id, ChangeRecord? current)
    {
        var writer = Writer();
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
        AsOneWithIndexes(() =>
        {
            Refetched(writer, id, stored);
            return 0;
        });
    }

    private void Refetched(DocumentsFile writer, string id, ChangeRecord? stored)
    {
        if (stored is { Deleted: false })
        {
            foreach (var index in indexes.Values)
            {
                index.AddDurably(stored.Seq, stored.Body);
            }

            foreach (var build in builds)
            {
                build.Invalidate();
            }
        }

        writer.Refetch.Complete(id, stored);
    }

    private void Keep(ChangeBatch batch, DocumentsFile writer)
    {
        if (received is null)
        {
            FeedContinuity.Check(batch, writer.State, writer.TermHistory);
            received = ReceivedChanges.Begin(Directory.Received, options, writer.Position, writer.TermHistory, batch);
        }

        received.Add(batch);
    }
}
