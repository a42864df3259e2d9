using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>Takes over changes of a source's feed, with their own seqs, terms and revs, up to the feed's end in one transaction.</summary>
internal sealed class FollowedFeed(SqliteSession session, CommittedState committed, DocumentRows rows, FeedHistory history, RefetchList refetch)
{
    /// <summary>Applies a batch that reaches the end of its source's feed. See <see cref="CollectionFeed.Apply"/>.</summary>
    /// <param name="replaced">Gets what the indexes must know of each row that was written.</param>
    public ApplyResult Apply(ChangeBatch batch, List<RowReplacement> replaced)
    {
        var merged = FeedContinuity.Check(batch, committed.State, committed.Terms);
        RequireSameHistory(batch);
        var applied = Apply(batch.Changes, merged, batch.Through, batch.PurgedThrough, batch.History, replaced, keepBodies: true);
        return new ApplyResult(applied, batch.Changes.Count - applied, committed.Current.Position);
    }

    /// <summary>Applies all pieces of a round, of which the last one reached the end of the source's feed.</summary>
    /// <param name="removed">Gets the seqs of the rows that were replaced, and nothing else: the pieces can be large.</param>
    /// <returns>Changes written.</returns>
    public int Apply(ReceivedChanges received, List<RowReplacement> removed) =>
        Apply(received.ChangesAfter(0), received.Terms, received.Through.Seq, received.PurgedThrough, received.History, removed, keepBodies: false);

    /// <returns>Changes written; those that are there already are skipped.</returns>
    private int Apply(
        IEnumerable<ChangeRecord> changes,
        IReadOnlyList<TermStart> merged,
        long through,
        long purgedThrough,
        IReadOnlyList<HistoryPoint> source,
        List<RowReplacement> replaced,
        bool keepBodies)
    {
        var applied = 0;
        var last = committed.State.LastSeq;
        var moves = through > last;
        var points = FeedHistory.PointsThrough(source, through);
        var kept = points.Count > 0 && history.At(last) is not null && points[0].Seq == last;
        points = kept && last > 0 ? points.GetRange(1, points.Count - 1) : points;
        committed.Change(
            current =>
            {
                if (!merged.SequenceEqual(current.Terms))
                {
                    Terms.Write(session, merged);
                }

                var next = current.State;
                foreach (var change in changes)
                {
                    if (change.Seq > last)
                    {
                        next = rows.Replace(change, next, replaced);
                        applied++;
                        if (!keepBodies)
                        {
                            RowReplacement.KeepRemovalOnly(replaced);
                        }
                    }
                }

                if (moves)
                {
                    history.Write(session, kept, points);
                }

                return current with { State = refetch.AtEndOfFeed(next, through, purgedThrough, wasEmpty: last == 0), Terms = merged };
            },
            () =>
            {
                if (moves)
                {
                    history.Committed(kept, points);
                }
            });
        return applied;
    }

    /// <summary>
    /// Where both know their checksum at the place where the batch begins, it must be the same; and where none of its changes has been
    /// replaced yet, they must lead to the source's checksum at its end.
    /// </summary>
    private void RequireSameHistory(ChangeBatch batch)
    {
        if (batch.Since != committed.State.LastSeq || batch.Since == 0 || batch.History.Count == 0 || history.At(batch.Since) is not { } own
            || batch.History[0].Seq > batch.Since)
        {
            return;
        }

        if (batch.History[0] != new HistoryPoint(batch.Since, own))
        {
            throw new DifferentHistoryException(
                $"The checksum of all changes through {batch.Since} is {own:x32} here; the source has {batch.History[0].Checksum:x32} at {batch.History[0].Seq}.");
        }

        if (batch.Changes.Count != batch.Through - batch.Since || batch.History[^1].Seq != batch.Through)
        {
            return;
        }

        var reached = batch.Changes.Aggregate(own, history.Next);
        if (reached != batch.History[^1].Checksum)
        {
            throw new DifferentHistoryException(
                $"The changes after {batch.Since} lead to the checksum {reached:x32} at {batch.Through}; the source has {batch.History[^1].Checksum:x32}.");
        }
    }
}
