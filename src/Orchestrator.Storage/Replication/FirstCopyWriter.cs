using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>Stores the first copy of a collection, piece by piece.</summary>
internal sealed class FirstCopyWriter(SqliteSession session, CommittedState committed, DocumentRows rows, FeedHistory history)
{
    /// <summary>Stores a piece; with the one that reaches the source's end the copy is whole.</summary>
    /// <param name="replaced">Gets what the indexes must know of each row that was written.</param>
    /// <exception cref="FeedConflictException">It does not continue what is copied. Nothing is stored.</exception>
    public ApplyResult Apply(ChangeBatch batch, List<RowReplacement> replaced)
    {
        var copy = committed.Current.FirstCopy ?? new FirstCopy(batch.Last.Seq, batch.Last);
        var merged = copy.Check(batch, committed.State.LastSeq, committed.Terms);
        var next = batch.AtEnd ? null : copy.With(batch);
        var points = FeedHistory.PointsThrough(batch.History, batch.Through);
        committed.Change(
            current =>
            {
                Terms.Write(session, merged);
                var state = current.State;
                foreach (var change in batch.Changes)
                {
                    state = rows.Replace(change, state, replaced);
                }

                if (next is null)
                {
                    FirstCopy.Remove(session);
                    history.Write(session, kept: false, points);
                }
                else
                {
                    next.Write(session);
                }

                state = state with
                {
                    LastSeq = batch.Through,
                    PurgedThrough = Math.Max(state.PurgedThrough, batch.PurgedThrough),
                    Incomplete = next is not null && state.Incomplete,
                };
                return current with { State = state, Terms = merged, FirstCopy = next };
            },
            () =>
            {
                if (next is null)
                {
                    history.Committed(kept: false, points);
                }
            });
        return new ApplyResult(batch.Changes.Count, 0, committed.Current.Position);
    }

    /// <summary>Drops all that was copied: the file is empty again.</summary>
    public void Drop() => committed.Change(
        current =>
        {
            session.Run("DELETE FROM documents");
            Terms.Write(session, []);
            FirstCopy.Remove(session);
            history.Write(session, kept: false, []);

            // A new generation, because seqs may be given again to other changes.
            var state = DocumentsState.New with { Generation = current.State.Generation + 1, Incomplete = current.State.Incomplete };
            return current with { State = state, Terms = [], FirstCopy = null };
        },
        () => history.Committed(kept: false, []));
}
