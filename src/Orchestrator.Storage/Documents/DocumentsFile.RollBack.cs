using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sizes;

namespace Orchestrator.Storage.Documents;

/// <content>
/// Rolling back, and fetching again what the dropped changes had replaced: until all of it is back the file is incomplete.
/// </content>
internal sealed partial class DocumentsFile
{
    /// <summary>Drops what comes after a seq and remembers its ids for <see cref="CompleteRefetch"/>.</summary>
    /// <returns>Rows dropped.</returns>
    public long RollBack(long afterSeq)
    {
        long dropped = 0;
        Publish(session.InTransaction(write: true, () =>
        {
            RememberForRefetch(afterSeq);
            var next = State with { PurgedThrough = afterSeq == 0 ? 0 : State.PurgedThrough };
            using (var row = session.Query($"SELECT {RowHeader.Columns} FROM documents WHERE seq > ?1", afterSeq))
            {
                while (row.Read())
                {
                    next = next.Without(RowHeader.Read(row), tree);
                }
            }

            dropped = session.Run("DELETE FROM documents WHERE seq > ?1", afterSeq);
            var kept = TermHistory.Where(start => start.FirstSeq <= afterSeq).ToList();
            WriteTerms(kept);

            // A new generation, because seqs after this one will be given again to other changes.
            next = next with { LastSeq = Math.Min(next.LastSeq, afterSeq), Generation = next.Generation + 1, Incomplete = true };
            next.Write(session);
            FeedHistory.WriteRollBack(session, afterSeq);
            return (next, kept);
        }));
        history.RolledBack(afterSeq);
        return dropped;
    }

    /// <summary>The file lacks documents until a source's feed has been applied to its end.</summary>
    public void MarkIncomplete() =>
        Publish(session.InTransaction(write: true, () =>
        {
            var next = State with { Incomplete = true };
            next.Write(session);
            return (next, TermHistory);
        }));

    /// <summary>Whether the primary's version of an id is to be stored here, or is there already.</summary>
    /// <exception cref="FeedConflictException">Another document has its seq.</exception>
    public bool WantsRefetched(string id, ChangeRecord? current)
    {
        if (current is null || Find(id) is not null)
        {
            return false;
        }

        var other = session.Text("SELECT id FROM documents WHERE seq = ?1", current.Seq);
        return other.Length == 0
            ? true
            : throw new FeedConflictException($"Change {current.Seq} is of document '{other}' here, and of '{id}' on the primary.");
    }

    public bool IsPendingRefetch(string id) =>
        session.Scalar("SELECT count(*) FROM refetch WHERE id = ?1 AND left_to_feed = 0", id) > 0;

    /// <summary>The source's feed will bring a later version of an id; until it has, the id stays on the list.</summary>
    public void LeaveToFeed(string id, long seq) => session.Run("UPDATE refetch SET left_to_feed = ?2 WHERE id = ?1", id, seq);

    /// <summary>Another source's feed need not bring what was left to the former one's.</summary>
    public void AskAgain()
    {
        if (State.Incomplete)
        {
            session.Run("UPDATE refetch SET left_to_feed = 0 WHERE left_to_feed > 0");
        }
    }

    /// <summary>Stores the primary's version of an id, if there is one to store, and forgets that it was pending.</summary>
    public void CompleteRefetch(string id, ChangeRecord? stored) =>
        Publish(session.InTransaction(write: true, () =>
        {
            session.Run("DELETE FROM refetch WHERE id = ?1", id);
            var next = stored is null ? State : Replace(stored, State, []);
            next.Write(session);
            return (next, TermHistory);
        }));

    /// <summary>At the end of a source's feed: whether it has brought everything that was left to it, and nothing is to be asked for.</summary>
    private bool HasAllOfRefetch(long lastSeq)
    {
        if (session.Scalar("SELECT count(*) FROM refetch WHERE left_to_feed = 0 OR left_to_feed > ?1", lastSeq) > 0)
        {
            return false;
        }

        session.Run("DELETE FROM refetch");
        return true;
    }

    /// <summary>What was dropped had replaced versions up to the seq, except where there are none; the source's feed does not bring those.</summary>
    private void RememberForRefetch(long afterSeq)
    {
        if (afterSeq == 0)
        {
            session.Run("DELETE FROM refetch");
            return;
        }

        session.Run("UPDATE refetch SET left_to_feed = 0");
        session.Run("INSERT OR IGNORE INTO refetch (id) SELECT id FROM documents WHERE seq > ?1", afterSeq);
    }
}
