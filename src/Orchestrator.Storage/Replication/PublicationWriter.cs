using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>Takes over a large round of pieces, in transactions of bounded size: see <see cref="Publication"/>.</summary>
internal sealed class PublicationWriter(SqliteSession session, CommittedState committed, DocumentRows rows, FeedHistory history, RefetchList refetch)
{
    /// <summary>From here on the round is taken over to its end. It must be on disk.</summary>
    public void Begin(ReceivedChanges round) => committed.Change(current =>
    {
        var publication = new Publication(current.Position, round.Through);
        publication.Write(session);
        return current with { Publication = publication };
    });

    /// <summary>Nothing of the round was taken over, and nothing is to be.</summary>
    /// <exception cref="CorruptFileException">Something was: the rest is missing.</exception>
    public void GiveUp(string roundPath)
    {
        if (committed.Current.Publication is { } begun && committed.State.LastSeq > begun.From.Seq)
        {
            throw new CorruptFileException(roundPath, $"it does not have the changes through {begun.Through} that were being taken over from it");
        }

        committed.Change(current =>
        {
            Publication.Remove(session);
            return current with { Publication = null };
        });
    }

    /// <summary>Takes over the next changes, in one transaction; the publication is at its end when there is none any more.</summary>
    /// <param name="mostBytes">Ends the transaction; one change is taken over at least.</param>
    /// <param name="removed">Gets the seqs of the rows that were replaced.</param>
    /// <returns>Changes taken over.</returns>
    public int PublishPiece(ReceivedChanges round, long mostBytes, List<RowReplacement> removed)
    {
        var publication = committed.Current.Publication ?? throw new InvalidOperationException("No publication is under way.");
        var taken = 0;
        var isLast = true;
        var points = FeedHistory.PointsThrough(round.History, round.Through.Seq);
        committed.Change(
            current =>
            {
                var state = current.State;
                if (state.LastSeq == publication.From.Seq)
                {
                    Terms.Write(session, round.Terms);
                }

                long bytes = 0;
                foreach (var change in round.ChangesAfter(state.LastSeq))
                {
                    bytes += ReceivedChanges.BytesOf(change);
                    if (taken > 0 && bytes > mostBytes)
                    {
                        isLast = false;
                        break;
                    }

                    state = rows.Replace(change, state, removed) with { LastSeq = change.Seq };
                    RowReplacement.KeepRemovalOnly(removed);
                    taken++;
                }

                if (isLast)
                {
                    Publication.Remove(session);
                    history.Write(session, kept: false, points);
                    state = refetch.AtEndOfFeed(state, round.Through.Seq, round.PurgedThrough, wasEmpty: publication.From.Seq == 0);
                }

                return current with { State = state, Terms = round.Terms, Publication = isLast ? null : publication };
            },
            () =>
            {
                if (isLast)
                {
                    history.Committed(kept: false, points);
                }
            });
        return taken;
    }
}
