using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Replication;

/// <summary>Drops the end of a feed whose history parts there from its source's.</summary>
internal sealed class FeedRollBack(SqliteSession session, CommittedState committed, DocumentRows rows, FeedHistory history, RefetchList refetch)
{
    /// <summary>Drops what comes after a seq and remembers its ids to be fetched again.</summary>
    /// <returns>Rows dropped.</returns>
    public long To(long afterSeq)
    {
        long dropped = 0;
        committed.Change(current =>
        {
            refetch.Remember(afterSeq);
            (var next, dropped) = rows.DropAfter(afterSeq, current.State with { PurgedThrough = afterSeq == 0 ? 0 : current.State.PurgedThrough });
            var kept = current.Terms.Where(start => start.FirstSeq <= afterSeq).ToList();
            Terms.Write(session, kept);
            FeedHistory.WriteRollBack(session, afterSeq);

            // A new generation, because seqs after this one will be given again to other changes.
            next = next with { LastSeq = Math.Min(next.LastSeq, afterSeq), Generation = next.Generation + 1, Incomplete = true };
            return current with { State = next, Terms = kept };
        });
        history.RolledBack(afterSeq);
        return dropped;
    }

    /// <summary>The file lacks documents until a source's feed has been applied to its end.</summary>
    public void MarkIncomplete() => committed.Change(current => current with { State = current.State with { Incomplete = true } });
}
