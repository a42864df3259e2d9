using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>
/// A round of pieces that is too large for one transaction is being taken from its own file, <see cref="ReceivedChanges"/>, into the
/// documents, in transactions of bounded size. In the documents file itself, from before the first of them to the last one.
/// </summary>
/// <remarks>
/// In between the documents are no state that the source ever had. But all of the round is here, on disk before this record: so the member
/// comes to the round's end by itself, whatever happens to it and to the source, and until it has, it vouches for where it stood before:
/// of that nothing is gone that the round does not bring a later version of.
/// </remarks>
/// <param name="From">Where the member stood before.</param>
/// <param name="Through">Where it stands at the end; tells the file with the round from another one.</param>
internal sealed record Publication(FeedPosition From, FeedPosition Through)
{
    /// <summary>Null if none is under way.</summary>
    public static Publication? Read(SqliteSession session)
    {
        if (!session.Has("publication"))
        {
            return null;
        }

        using var row = session.Query("SELECT from_term, from_seq, through_term, through_seq FROM main.publication");
        return row.Read()
            ? new Publication(new FeedPosition(row.GetInt64(0), row.GetInt64(1)), new FeedPosition(row.GetInt64(2), row.GetInt64(3)))
            : null;
    }

    public void Write(SqliteSession session)
    {
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS main.publication (
                one INTEGER PRIMARY KEY CHECK (one = 1),
                from_term INTEGER NOT NULL,
                from_seq INTEGER NOT NULL,
                through_term INTEGER NOT NULL,
                through_seq INTEGER NOT NULL)
            """);
        session.Run(
            "INSERT OR REPLACE INTO main.publication (one, from_term, from_seq, through_term, through_seq) VALUES (1, ?1, ?2, ?3, ?4)",
            From.Term, From.Seq, Through.Term, Through.Seq);
    }

    /// <summary>There is none any more; in a transaction.</summary>
    public static void Remove(SqliteSession session) => session.Execute("DROP TABLE IF EXISTS main.publication");
}
