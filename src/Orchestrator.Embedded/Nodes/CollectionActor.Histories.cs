using Akka.Actor;
using Akka.Event;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <content>
/// Histories that differ although positions and terms say that they are the same, and changes that were confirmed and are gone: a disk
/// that had not kept what it said, a directory that was restored or copied. Who finds it in its own files copies them anew; the former ones are kept.
/// </content>
internal sealed partial class CollectionActor
{
    private string alarm;

    // The files have less than this member has confirmed. They stay until a primary is there to copy from.
    private bool lost;

    private void CompareWithConfirmed()
    {
        if (!store.IsComplete || store.Position.CompareTo(expected.Confirmed) >= 0)
        {
            return;
        }

        lost = true;
        alarm = $"has lost changes: it had confirmed everything through change {expected.Confirmed.Seq} of term {expected.Confirmed.Term}, and its files end at "
            + $"{store.Position.Seq} of term {store.Position.Term}";
        log.Error("{0} {1}; it takes no part until it has been copied again from a primary", name, alarm);
    }

    /// <summary>The source answers: there is something to copy from.</summary>
    private bool CopiesAnewIfLost()
    {
        if (lost && !resyncing)
        {
            CopyAnew(alarm);
        }

        return lost;
    }

    /// <summary>If a new copy differs again, a further one would not help: that is for an operator.</summary>
    private void OnDifference(string difference)
    {
        if (expected.AnewBecause.Length > 0)
        {
            StopPulling();
            Failed($"still has a different history than the primary after it was copied again: {difference}", new StorageException(difference));
        }
        else
        {
            CopyAnew($"has a different history than the primary: {difference}");
        }
    }

    private void CopyAnew(string because)
    {
        alarm = because;
        log.Error("{0} {1}", name, because);
        OrderResync(ActorRefs.Nobody, because);
    }

    /// <summary>Why a member must copy the collection anew before anything that it has counts; null if nothing says so.</summary>
    private HistoryParted? Difference(FeedReader.Member reader, long since)
    {
        var difference = reader.Checksum is { } checksum ? store.Feed.HistoryDifference(since, checksum) : "";
        if (difference.Length > 0)
        {
            difference = $"{difference} (here: {options.Node}, there: {reader.Node})";
        }
        else if (duty is CollectionDuty.Lead && confirmations is { } known && known.Term == reader.Term
            && reader.Confirmed > 0 && reader.Confirmed < known.ConfirmedBy(reader.Node))
        {
            difference = $"{reader.Node} had confirmed everything through change {known.ConfirmedBy(reader.Node)} of term {known.Term}, and now ends at {reader.Confirmed}";
        }

        if (difference.Length == 0)
        {
            return null;
        }

        log.Error("{0}: {1} must copy it again: {2}", name, reader.Node, difference);
        return new HistoryParted(0, duty.Term) { Difference = difference };
    }

    /// <summary>
    /// A member is ahead of the primary of its own term, and stays so: this primary has lost changes, and must not give their sequence numbers to
    /// others.
    /// </summary>
    private void OnReaderStaysAhead(FeedReader.Member reader, long since)
    {
        var cause = $"lacks changes of {name} that {reader.Node} has in the same term: they end at {store.Position.Seq} here and at {since} there";
        log.Error("{0} {1}", options.Node, cause);
        node.Tell(new PrimaryLacksChanges(name, duty.Term, cause));
    }
}
