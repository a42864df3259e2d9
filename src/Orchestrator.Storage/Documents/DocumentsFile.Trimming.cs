using System.Text;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;

namespace Orchestrator.Storage.Documents;

/// <content>What is dropped in place: the oldest documents of a capped collection, and tombstones.</content>
internal sealed partial class DocumentsFile
{
    // No live document is before it; not kept on disk, since it only saves a look at what is there.
    private long oldestLive;

    /// <summary>Drops tombstones, and remembers that a member which has not seen them must resynchronise.</summary>
    /// <remarks>
    /// A new generation, because a partial copy can have the document that a tombstone is about to delete there: it could not be
    /// gone on with.
    /// </remarks>
    /// <param name="seqs">Their seqs; those that are gone meanwhile are passed over.</param>
    /// <returns>Tombstones dropped.</returns>
    public int DropTombstones(IReadOnlyList<long> seqs)
    {
        var dropped = 0;
        Publish(session.InTransaction(write: true, () =>
        {
            var next = State;
            foreach (var seq in seqs)
            {
                RowHeader header;
                using (var row = session.Query($"SELECT {RowHeader.Columns} FROM documents WHERE seq = ?1 AND deleted > 0", seq))
                {
                    if (!row.Read())
                    {
                        continue;
                    }

                    header = RowHeader.Read(row);
                }

                session.Run("DELETE FROM documents WHERE seq = ?1", seq);
                next = next.Without(header, tree) with { PurgedThrough = Math.Max(next.PurgedThrough, seq) };
                dropped++;
            }

            next = dropped == 0 ? next : next with { Generation = next.Generation + 1 };
            next.Write(session);
            return (next, TermHistory);
        }));
        return dropped;
    }

    /// <summary>
    /// Deletes the documents whose last change is longest ago until the rest is within the cap; the last one stays in any
    /// case. As ordinary deletes: the other members do what the feed says, and need not know the cap.
    /// </summary>
    private DocumentsState KeepCap(long term, DateTimeOffset now, DocumentsState current, List<RowReplacement> rows)
    {
        while (Cap is { } cap && current.Documents > 1 && (current.Documents > cap.MaxDocuments || current.BodyBytes > cap.MaxBytes))
        {
            var id = session.Text("SELECT id FROM documents WHERE seq >= ?1 AND deleted = 0 ORDER BY seq LIMIT 1", oldestLive);
            if (Find(id) is not { } oldest)
            {
                oldestLive = oldestLive == 0 ? throw new StorageException($"{session.File} counts {current.Documents} documents, but has none.") : 0;
                continue;
            }

            oldestLive = oldest.Seq;
            var seq = current.LastSeq + 1;
            var tombstone = new ChangeRecord(seq, id, $"{term}.{seq}", term, now, ReadOnlyMemory<byte>.Empty);
            running = history.Next(running, tombstone);
            current = Replace(tombstone, current, rows, oldest) with { LastSeq = seq };
        }

        return current;
    }
}
