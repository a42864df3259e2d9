using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage.Documents;

/// <content>A large round of pieces, in transactions of bounded size.</content>
internal sealed partial class DocumentsFile
{
    // What a row takes beside its body and its id, about: so that many small ones count too.
    private const int RowBytes = 100;

    /// <summary>Null if none is under way. Any thread.</summary>
    public Publication? Publication => published.Publication;

    /// <summary>Bytes that a change counts for.</summary>
    public static long SizeOf(ChangeRecord change) => change.Body.Length + change.Id.Length + RowBytes;

    /// <summary>From here on the round is taken over to its end. It must be on disk.</summary>
    public void BeginPublication(ReceivedChanges round)
    {
        var publication = new Publication(Position, round.Through);
        session.InTransaction(write: true, () => publication.Write(session));
        published = published with { Publication = publication };
    }

    /// <summary>Nothing of the round was taken over, and nothing is to be.</summary>
    /// <exception cref="CorruptFileException">Something was: the rest is missing.</exception>
    public void GiveUpPublication(string roundPath)
    {
        if (Publication is { } begun && State.LastSeq > begun.From.Seq)
        {
            throw new CorruptFileException(roundPath, $"it does not have the changes through {begun.Through} that were being taken over from it");
        }

        session.InTransaction(write: true, () => Publication.Remove(session));
        published = published with { Publication = null };
    }

    /// <summary>Takes over the next changes, in one transaction.</summary>
    /// <param name="mostBytes">Ends the transaction; one change is taken over at least.</param>
    /// <param name="removed">Gets the seqs of the rows that were replaced.</param>
    /// <returns>Changes taken over; the publication is at its end when <see cref="Publication"/> is null.</returns>
    public int PublishPiece(ReceivedChanges round, long mostBytes, List<RowReplacement> removed)
    {
        var publication = Publication ?? throw new InvalidOperationException("No publication is under way.");
        var taken = 0;
        var points = PointsThrough(round.History, round.Through.Seq);
        var (state, isLast) = session.InTransaction(write: true, () =>
        {
            if (State.LastSeq == publication.From.Seq)
            {
                WriteTerms(round.Terms);
            }

            var next = State;
            var last = true;
            long bytes = 0;
            foreach (var change in round.ChangesAfter(State.LastSeq))
            {
                bytes += SizeOf(change);
                if (taken > 0 && bytes > mostBytes)
                {
                    last = false;
                    break;
                }

                next = Replace(change, next, removed) with { LastSeq = change.Seq };
                KeepRemovalOnly(removed);
                taken++;
            }

            if (last)
            {
                Publication.Remove(session);
                history.Write(session, kept: false, points);
                next = AtEndOf(next, round.Through.Seq, round.PurgedThrough, wasEmpty: publication.From.Seq == 0);
            }

            next.Write(session);
            return (next, last);
        });
        if (isLast)
        {
            history.Committed(kept: false, points);
        }

        published = published with { State = state, Terms = round.Terms, Publication = isLast ? null : publication };
        return taken;
    }
}
