using Orchestrator.Storage.Compaction;

namespace Orchestrator.Storage.Documents;

/// <summary>Drops tombstones in place.</summary>
internal sealed class TombstoneDrop(CommittedState committed, DocumentRows rows)
{
    /// <summary>Drops tombstones, and remembers that a member which has not seen them must resynchronise.</summary>
    /// <remarks>
    /// A new generation, because a partial copy can have the document that a tombstone is about to delete there: it could not be
    /// gone on with.
    /// </remarks>
    /// <param name="purge">What it keeps stays: the seqs were found before, and others may stand there now.</param>
    /// <param name="seqs">Their seqs; those that are gone meanwhile are passed over.</param>
    /// <returns>Tombstones dropped.</returns>
    public int Drop(TombstonePurge purge, IReadOnlyList<long> seqs)
    {
        var dropped = 0;
        committed.Change(current =>
        {
            var next = current.State;
            foreach (var seq in seqs)
            {
                if (rows.DropTombstone(purge, seq, next) is { } without)
                {
                    next = without with { PurgedThrough = Math.Max(next.PurgedThrough, seq) };
                    dropped++;
                }
            }

            return current with { State = dropped == 0 ? next : next with { Generation = next.Generation + 1 } };
        });
        return dropped;
    }
}
