using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// The feed of a collection as a member of a replica set: where it stands, what it takes over from another member, and what it rolls
/// back. <b>Writer</b> members are for one thread at a time, as those of <see cref="CollectionStore"/>.
/// </summary>
public sealed class CollectionFeed
{
    private readonly OpenDocuments _documents;
    private readonly WriterTurn _turn;
    private readonly ReceivedRound _round;
    private readonly FeedReceiver _receiver;
    private readonly CollectionRollBack _rollBack;

    internal CollectionFeed(OpenDocuments documents, WriterTurn turn, ReceivedRound round, FeedReceiver receiver, CollectionRollBack rollBack)
    {
        _documents = documents;
        _turn = turn;
        _round = round;
        _receiver = receiver;
        _rollBack = rollBack;
    }

    /// <summary>
    /// After this the next batch for <see cref="Apply"/> must begin: <see cref="CollectionStore.Position"/>, or beyond it while batches are
    /// kept that have not reached the end of the source's feed. Only <see cref="CollectionStore.Position"/> may be confirmed or promised.
    /// </summary>
    public FeedPosition ReceivedThrough => _receiver.Through;

    /// <summary>The terms of this feed, ascending. Any thread.</summary>
    public IReadOnlyList<TermStart> TermHistory => _documents.File.TermHistory;

    /// <summary>
    /// The checksum of this feed's history at <see cref="CollectionStore.Position"/>, or null if it is not known, or not all is here that the position
    /// says. Any thread.
    /// </summary>
    public UInt128? HistoryChecksum
    {
        get
        {
            var file = _documents.File;
            var current = file.Current;
            var isWhole = !current.State.Incomplete && !current.IsBeingCopied;
            return isWhole && current.State.LastSeq > 0 ? file.History.At(current.State.LastSeq) : null;
        }
    }

    /// <summary>Ids whose current version must be fetched from the primary after a roll-back. Any thread.</summary>
    public long PendingRefetchCount => _documents.Reader.PendingRefetchCount();

    /// <summary>Writer. Records that from the next seq on the feed is written in this term. Nothing if it is recorded already.</summary>
    /// <exception cref="ArgumentException">The term is lower than the feed's.</exception>
    public TermStart StartTerm(long term) => _turn.BeginOwnFeed().Writes.StartTerm(term);

    /// <summary>
    /// Writer. Takes a piece of the source's feed, with its own seqs, terms and revs. Pieces that do not reach the end of
    /// the feed are kept apart, since such a piece lacks versions that were replaced after its end; with the one that
    /// reaches it all are applied at once, and are on disk when this returns. So the position only ever names a state that
    /// the source had. Changes that are there already are skipped. The pieces of a large first copy are stored one by one instead,
    /// see <see cref="CollectionStore.IsBeingCopied"/>.
    /// </summary>
    /// <remarks>
    /// A round of pieces must be of one source; at a change of it call <see cref="ForgetSource"/>. After an error, and with a
    /// batch that begins elsewhere than at <see cref="ReceivedThrough"/>, what was kept is dropped. It does not survive a
    /// restart, unless it is whole and too large to be taken over at once. A first copy does, and may go on with a source that has all that
    /// the former one had; it is dropped when a batch does not continue it.
    /// </remarks>
    /// <exception cref="FeedConflictException">The batch does not continue this feed. Nothing is applied.</exception>
    /// <exception cref="ResyncRequiredException">Tombstones between this feed and the batch are gone. Nothing is applied.</exception>
    /// <exception cref="DifferentHistoryException">The source's history is another one, although its terms are the same. Nothing is applied.</exception>
    public ApplyResult Apply(ChangeBatch batch) => FileErrors.Named(_documents.Directory, () =>
    {
        _turn.Begin();
        return _receiver.Receive(batch);
    });

    /// <summary>Writer. The source's history parts from what was received: that is dropped, and the next batch begins at <see cref="CollectionStore.Position"/>.</summary>
    public void DropReceivedChanges() => _turn.BeginOwnFeed();

    /// <summary>
    /// Writer. Forgets the batches that have not reached the end of a feed, but for a first copy, and asks again for the documents that were left
    /// to it: before anything of another source comes.
    /// </summary>
    public void ForgetSource()
    {
        _round.Drop();
        _turn.Begin().Refetch.AskAgain();
    }

    /// <summary>
    /// Where the given term ends in this feed: the highest term up to <paramref name="term"/> that the feed has, and its
    /// last seq. A returning member whose last change has this term keeps its changes through the smaller of that seq and
    /// its own last one, and rolls back the rest; (0, 0) if the feed has no such term. Any thread.
    /// </summary>
    public FeedPosition EndOfTerm(long term)
    {
        var current = _documents.File.Current;
        return Terms.EndOf(current.Terms, term, current.State.LastSeq);
    }

    /// <summary>
    /// Why a member that stands at a seq of this feed's terms, with the given checksum of its history, has another history than this one; empty if nothing
    /// says so. Only the last commits are known, at least 500 of them. Any thread.
    /// </summary>
    public string HistoryDifference(long seq, UInt128 checksum) => _documents.File.History.Difference(seq, checksum);

    /// <summary>
    /// Writer. Drops all changes after a seq. They are first saved as NDJSON under <c>rollback/</c>; the ids are
    /// remembered for <see cref="CompleteRefetch"/>, because what those changes replaced is gone here; until all of it is
    /// back, <see cref="CollectionStore.IsComplete"/> is false. After a roll-back to 0 the feed alone brings everything. A running
    /// compaction of the documents fails, and starts from the beginning the next time.
    /// </summary>
    public RollBackResult RollBack(long afterSeq)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterSeq);
        return FileErrors.Named(_documents.Directory, () =>
        {
            _turn.BeginOwnFeed();
            return _rollBack.To(afterSeq);
        });
    }

    /// <summary>Some of the ids whose current version must be fetched from the primary. Any thread.</summary>
    /// <param name="limit">1 to 10 000.</param>
    public IReadOnlyList<string> PendingRefetch(int limit) => _documents.Reader.PendingRefetch(limit);

    /// <summary>Writer. Stores what the primary has for an id of <see cref="PendingRefetch"/>, at its own place in the feed.</summary>
    /// <param name="current">The primary's current version or tombstone, or null if it has neither.</param>
    /// <remarks>
    /// A version that this feed has not reached yet is left to the feed: the id stays remembered until it has reached it.
    /// </remarks>
    /// <exception cref="FeedConflictException">Another document has that seq here.</exception>
    public void CompleteRefetch(string id, ChangeRecord? current)
    {
        _turn.Begin();
        _rollBack.CompleteRefetch(id, current);
    }
}
