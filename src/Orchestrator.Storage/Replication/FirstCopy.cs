using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// How far the first copy of a collection is: pieces of a source's feed that are stored as they come, because there is nothing
/// here that the member could vouch for or be read from meanwhile. In the file itself, written in the transaction of each piece.
/// </summary>
/// <remarks>
/// Why the contents are the source's when its end is reached: see <see cref="ReceivedChanges"/>. What is stored there for one
/// round survives a restart here, and so the two things that a round relies on are remembered: where the source's feed
/// ended when the first piece was read, and the furthest position that any piece was read at.
/// </remarks>
/// <param name="BegunAt">Tombstones that the source dropped up to here were of documents that the first piece did not have any more.</param>
/// <param name="Seen">A row that was replaced up to here may be missing: who has not all of this cannot bring it.</param>
internal sealed record FirstCopy(long BegunAt, FeedPosition Seen)
{
    /// <summary>Null if none is under way.</summary>
    public static FirstCopy? Read(SqliteSession session)
    {
        if (!session.Has("first_copy"))
        {
            return null;
        }

        using var row = session.Query("SELECT begun_at, seen_term, seen_seq FROM main.first_copy");
        return row.Read() ? new FirstCopy(row.GetInt64(0), new FeedPosition(row.GetInt64(1), row.GetInt64(2))) : null;
    }

    /// <summary>The state after a piece that does not reach the end; in a transaction.</summary>
    public FirstCopy With(ChangeBatch batch) => this with { Seen = batch.Last.CompareTo(Seen) > 0 ? batch.Last : Seen };

    public void Write(SqliteSession session)
    {
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS main.first_copy (
                one INTEGER PRIMARY KEY CHECK (one = 1),
                begun_at INTEGER NOT NULL,
                seen_term INTEGER NOT NULL,
                seen_seq INTEGER NOT NULL)
            """);
        session.Run(
            "INSERT OR REPLACE INTO main.first_copy (one, begun_at, seen_term, seen_seq) VALUES (1, ?1, ?2, ?3)", BegunAt, Seen.Term, Seen.Seq);
    }

    /// <summary>There is none any more; in a transaction.</summary>
    public static void Remove(SqliteSession session) => session.Execute("DROP TABLE IF EXISTS main.first_copy");

    /// <summary>Whether a piece continues the copy.</summary>
    /// <returns>The terms with those of the piece.</returns>
    /// <exception cref="FeedConflictException">It does not: the copy must begin anew.</exception>
    public IReadOnlyList<TermStart> Check(ChangeBatch batch, long last, IReadOnlyList<TermStart> terms)
    {
        if (batch.PurgedThrough > BegunAt && batch.PurgedThrough > last && last > 0)
        {
            throw new FeedConflictException(
                $"The source has dropped tombstones up to {batch.PurgedThrough} since the copy began, when its feed ended at {BegunAt}.");
        }

        var merged = FeedContinuity.CheckNext(batch, last, terms);
        var shared = Terms.EndOf(merged, Seen.Term, batch.Last.Seq);
        if (shared.Term != Seen.Term || shared.Seq < Seen.Seq)
        {
            throw new FeedConflictException($"What was copied is of a feed that went to {Seen}; this source's history differs from it after {shared}.");
        }

        return merged;
    }
}
