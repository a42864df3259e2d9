using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Storage.Replication;

/// <summary>Whether a batch of replicated changes continues a feed.</summary>
internal static class FeedContinuity
{
    /// <summary>Checks a batch against a feed's end and terms.</summary>
    /// <returns>The terms after the batch: those that this feed has through its last seq, then the source's.</returns>
    /// <exception cref="FeedConflictException">It does not continue the feed.</exception>
    /// <exception cref="ResyncRequiredException">Tombstones in between are gone.</exception>
    public static IReadOnlyList<TermStart> Check(ChangeBatch batch, DocumentsState state, IReadOnlyList<TermStart> terms)
    {
        var last = state.LastSeq;
        if (batch.PurgedThrough > Math.Max(last, state.PurgedThrough) && last > 0)
        {
            throw new ResyncRequiredException(
                $"This feed ends at {last}, and the source has dropped tombstones up to {batch.PurgedThrough}.");
        }

        return CheckNext(batch, last, terms);
    }

    /// <summary>As <see cref="Check"/>, but for dropped tombstones.</summary>
    /// <param name="last">Last seq of the feed that the batch is to continue.</param>
    /// <param name="terms">That feed's terms.</param>
    /// <exception cref="FeedConflictException">It does not continue the feed.</exception>
    public static IReadOnlyList<TermStart> CheckNext(ChangeBatch batch, long last, IReadOnlyList<TermStart> terms)
    {
        if (batch.Since > last)
        {
            throw new FeedConflictException($"The batch begins after change {batch.Since}, this feed ends at {last}.");
        }

        if (Terms.At(terms, batch.Since) is var own && own != batch.SinceTerm)
        {
            throw new FeedConflictException($"Change {batch.Since} is of term {own} here, of term {batch.SinceTerm} at the source.");
        }

        var merged = Merge(batch, last, terms);
        CheckChanges(batch, merged);
        return merged;
    }

    /// <summary>
    /// A term that began here after the last change has left nothing in the feed; if the source does not know it, it
    /// never came to be and is forgotten.
    /// </summary>
    private static List<TermStart> Merge(ChangeBatch batch, long last, IReadOnlyList<TermStart> terms)
    {
        var here = terms.Where(start => start.FirstSeq > batch.Since && start.FirstSeq <= last);
        var there = batch.Terms.Where(start => start.FirstSeq <= Math.Min(last, batch.Through));
        if (!here.Where(start => start.FirstSeq <= batch.Through).SequenceEqual(there))
        {
            throw new FeedConflictException($"The terms between {batch.Since} and {last} are not the source's: the histories differ there.");
        }

        List<TermStart> merged = [.. terms.Where(start => start.FirstSeq <= last), .. batch.Terms.Where(start => start.FirstSeq > last)];
        for (var i = 1; i < merged.Count; i++)
        {
            if (merged[i].Term <= merged[i - 1].Term || merged[i].FirstSeq < merged[i - 1].FirstSeq)
            {
                throw new FeedConflictException($"Term {merged[i].Term} cannot come after term {merged[i - 1].Term}.");
            }
        }

        return merged;
    }

    private static void CheckChanges(ChangeBatch batch, List<TermStart> terms)
    {
        var previous = batch.Since;
        foreach (var change in batch.Changes)
        {
            if (change.Seq <= previous)
            {
                throw new FeedConflictException($"Change {change.Seq} comes after change {previous}.");
            }

            if (Terms.At(terms, change.Seq) is var term && term != change.Term)
            {
                throw new FeedConflictException($"Change {change.Seq} is of term {change.Term}, the feed has term {term} there.");
            }

            if (DocumentRules.WhyIdIsUnreadable(change.Id) is { } why)
            {
                throw new FeedConflictException($"Change {change.Seq}: {why}");
            }

            previous = change.Seq;
        }

        if (batch.Through < previous)
        {
            throw new FeedConflictException($"The batch goes through {batch.Through}, but has change {previous}.");
        }
    }
}
