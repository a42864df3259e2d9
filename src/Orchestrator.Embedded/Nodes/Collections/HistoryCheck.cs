using Akka.Actor;
using Akka.Event;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Whether a member that reads this feed has the same history: by its terms, its checksum, and what it has confirmed.</summary>
internal sealed class HistoryCheck(ICollection collection, ReignConfirmations confirmations)
{
    /// <summary>
    /// Histories agree exactly as far as the terms in which they were written do: what the reader has beyond the end of
    /// its last term here was written by a primary that this member's history does not know.
    /// </summary>
    public HistoryParted? Parting(FeedReader.Member reader, long since)
    {
        if (since == 0)
        {
            return null;
        }

        var duty = collection.Duty;
        var end = collection.Store.Feed.EndOfTerm(reader.LastTerm);
        if (duty is CollectionDuty.Lead && end.Term == duty.Term && end.Term == reader.LastTerm)
        {
            // Nobody but this member writes in this term: the reader has a commit that is being completed here.
            return null;
        }

        return end.Term == reader.LastTerm && since <= end.Seq
            ? null
            : new HistoryParted(Math.Min(since, end.Seq), duty.Term);
    }

    /// <summary>Why a member must copy the collection anew before anything that it has counts; null if nothing says so.</summary>
    public HistoryParted? Difference(FeedReader.Member reader, long since)
    {
        var difference = reader.Checksum is { } checksum ? collection.Store.Feed.HistoryDifference(since, checksum) : "";
        if (difference.Length > 0)
        {
            difference = $"{difference} (here: {collection.Options.Node}, there: {reader.Node})";
        }
        else if (confirmations.Known is { } known && known.Term == reader.Term && reader.Confirmed > 0 && reader.Confirmed < known.ConfirmedBy(reader.Node))
        {
            difference = $"{reader.Node} had confirmed everything through change {known.ConfirmedBy(reader.Node)} of term {known.Term}, and now ends at {reader.Confirmed}";
        }

        if (difference.Length == 0)
        {
            return null;
        }

        collection.Log.Error("{0}: {1} must copy it again: {2}", collection.Name, reader.Node, difference);
        return new HistoryParted(0, collection.Duty.Term) { Difference = difference };
    }

    /// <summary>
    /// A member is ahead of the primary of its own term, and stays so: this primary has lost changes, and must not give their sequence numbers to
    /// others.
    /// </summary>
    public void OnReaderStaysAhead(FeedReader.Member reader, long since)
    {
        var cause = $"lacks changes of {collection.Name} that {reader.Node} has in the same term: they end at {collection.Store.Position.Seq} here and at {since} there";
        collection.Log.Error("{0} {1}", collection.Options.Node, cause);
        collection.Node.Tell(new PrimaryLacksChanges(collection.Name, collection.Duty.Term, cause));
    }
}
