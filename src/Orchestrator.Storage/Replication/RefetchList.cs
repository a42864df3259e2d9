using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// The ids whose version must be fetched again after a roll-back, because what was dropped had replaced it: until all of them are back the
/// file is incomplete.
/// </summary>
internal sealed class RefetchList(SqliteSession session, CommittedState committed, DocumentRows rows)
{
    /// <summary>
    /// What is about to be dropped had replaced versions up to the seq, except where there are none; the source's feed does not bring those.
    /// In the caller's transaction.
    /// </summary>
    public void Remember(long afterSeq)
    {
        if (afterSeq == 0)
        {
            session.Run("DELETE FROM refetch");
            return;
        }

        session.Run("UPDATE refetch SET left_to_feed = 0");
        session.Run("INSERT OR IGNORE INTO refetch (id) SELECT id FROM documents WHERE seq > ?1", afterSeq);
    }

    public bool IsPending(string id) =>
        session.Scalar("SELECT count(*) FROM refetch WHERE id = ?1 AND left_to_feed = 0", id) > 0;

    /// <summary>Whether the primary's version of an id is to be stored here, or is there already.</summary>
    /// <exception cref="FeedConflictException">Another document has its seq.</exception>
    public bool Wants(string id, ChangeRecord? current)
    {
        if (current is null || rows.Find(id) is not null)
        {
            return false;
        }

        var other = session.Text("SELECT id FROM documents WHERE seq = ?1", current.Seq);
        return other.Length == 0
            ? true
            : throw new FeedConflictException($"Change {current.Seq} is of document '{other}' here, and of '{id}' on the primary.");
    }

    /// <summary>The source's feed will bring a later version of an id; until it has, the id stays on the list.</summary>
    public void LeaveToFeed(string id, long seq) => session.Run("UPDATE refetch SET left_to_feed = ?2 WHERE id = ?1", id, seq);

    /// <summary>Another source's feed need not bring what was left to the former one's.</summary>
    public void AskAgain()
    {
        if (committed.State.Incomplete)
        {
            session.Run("UPDATE refetch SET left_to_feed = 0 WHERE left_to_feed > 0");
        }
    }

    /// <summary>Stores the primary's version of an id, if there is one to store, and forgets that it was pending.</summary>
    public void Complete(string id, ChangeRecord? stored) => committed.Change(current =>
    {
        session.Run("DELETE FROM refetch WHERE id = ?1", id);
        return stored is null ? current : current with { State = rows.Replace(stored, current.State, []) };
    });

    /// <summary>The state where the end of a source's feed is reached, in the caller's transaction: with it a file with nothing left to ask for is complete.</summary>
    public DocumentsState AtEndOfFeed(DocumentsState state, long through, long purgedThrough, bool wasEmpty)
    {
        var lastSeq = Math.Max(state.LastSeq, through);
        return state with
        {
            LastSeq = lastSeq,
            Incomplete = state.Incomplete && !HasAllThrough(lastSeq),

            // An empty feed missed nothing by what the source has dropped, but can no more tell others of it.
            PurgedThrough = wasEmpty ? purgedThrough : state.PurgedThrough,
        };
    }

    /// <summary>Whether the feed has brought everything that was left to it, and nothing is to be asked for.</summary>
    private bool HasAllThrough(long lastSeq)
    {
        if (session.Scalar("SELECT count(*) FROM refetch WHERE left_to_feed = 0 OR left_to_feed > ?1", lastSeq) > 0)
        {
            return false;
        }

        session.Run("DELETE FROM refetch");
        return true;
    }
}
