using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Replication;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>The terms of a feed, ascending, with first seqs that do not descend.</summary>
internal static class Terms
{
    public static IReadOnlyList<TermStart> Read(SqliteSession session, string schema = "main")
    {
        var terms = new List<TermStart>();
        using var rows = session.Query($"SELECT term, first_seq FROM {schema}.terms ORDER BY term");
        while (rows.Read())
        {
            terms.Add(new TermStart(rows.GetInt64(0), rows.GetInt64(1)));
        }

        return terms;
    }

    /// <summary>Puts these in the place of those that the file has; in a transaction.</summary>
    public static void Write(SqliteSession session, IReadOnlyList<TermStart> all)
    {
        session.Run("DELETE FROM terms");
        foreach (var start in all)
        {
            Add(session, start);
        }
    }

    /// <summary>Adds one that follows on all others; in a transaction.</summary>
    public static void Add(SqliteSession session, TermStart start) =>
        session.Run("INSERT INTO terms (term, first_seq) VALUES (?1, ?2)", start.Term, start.FirstSeq);

    /// <summary>Term in which the change with a seq was written; 0 before the first.</summary>
    public static long At(IReadOnlyList<TermStart> terms, long seq)
    {
        for (var i = terms.Count - 1; i >= 0; i--)
        {
            if (terms[i].FirstSeq <= seq)
            {
                return terms[i].Term;
            }
        }

        return 0;
    }

    public static FeedPosition Position(IReadOnlyList<TermStart> terms, long lastSeq) =>
        lastSeq == 0 ? FeedPosition.Empty : new FeedPosition(At(terms, lastSeq), lastSeq);

    /// <summary>See <see cref="CollectionFeed.EndOfTerm"/>.</summary>
    public static FeedPosition EndOf(IReadOnlyList<TermStart> terms, long term, long lastSeq)
    {
        for (var i = terms.Count - 1; i >= 0; i--)
        {
            if (terms[i].Term <= term)
            {
                return new FeedPosition(terms[i].Term, i + 1 < terms.Count ? terms[i + 1].FirstSeq - 1 : lastSeq);
            }
        }

        return FeedPosition.Empty;
    }
}
