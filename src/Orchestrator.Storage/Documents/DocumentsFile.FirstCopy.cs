using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Documents;

/// <content>The first copy of a collection, piece by piece.</content>
internal sealed partial class DocumentsFile
{
    /// <summary>Null if none is under way. Any thread.</summary>
    public FirstCopy? FirstCopy => published.FirstCopy;

    /// <summary>Where the next piece begins. Any thread.</summary>
    public FeedPosition CopiedThrough => published is var current ? Terms.Position(current.Terms, current.State.LastSeq) : FeedPosition.Empty;

    /// <summary>Stores a piece; with the one that reaches the source's end the copy is whole.</summary>
    /// <param name="rows">Gets what the indexes must know of each row that was written.</param>
    /// <exception cref="FeedConflictException">It does not continue what is copied. Nothing is stored.</exception>
    public ApplyResult ApplyPiece(ChangeBatch batch, List<RowReplacement> rows)
    {
        var copy = FirstCopy ?? new FirstCopy(batch.Last.Seq, batch.Last);
        var merged = copy.Check(batch, State.LastSeq, TermHistory);
        var next = batch.AtEnd ? null : copy.With(batch);
        var state = State;
        var points = PointsThrough(batch.History, batch.Through);
        session.InTransaction(write: true, () =>
        {
            WriteTerms(merged);
            foreach (var change in batch.Changes)
            {
                state = Replace(change, state, rows);
            }

            state = state with
            {
                LastSeq = batch.Through,
                PurgedThrough = Math.Max(state.PurgedThrough, batch.PurgedThrough),
                Incomplete = next is not null && state.Incomplete,
            };
            state.Write(session);
            if (next is null)
            {
                FirstCopy.Remove(session);
                history.Write(session, kept: false, points);
            }
            else
            {
                next.Write(session);
            }
        });
        if (next is null)
        {
            history.Committed(kept: false, points);
        }

        published = published with { State = state, Terms = merged, FirstCopy = next };
        return new ApplyResult(batch.Changes.Count, 0, Position);
    }

    /// <summary>Drops all that was copied: the file is empty again.</summary>
    public void DropFirstCopy()
    {
        // Seqs may be given again to other changes.
        var state = DocumentsState.New with { Generation = State.Generation + 1, Incomplete = State.Incomplete };
        session.InTransaction(write: true, () =>
        {
            session.Run("DELETE FROM documents");
            WriteTerms([]);
            state.Write(session);
            FirstCopy.Remove(session);
            history.Write(session, kept: false, []);
        });
        history.Committed(kept: false, []);
        published = published with { State = state, Terms = [], FirstCopy = null };
    }
}
