using Akka.Actor;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>Who is refused what now, and why: by the duty, and while the files are closed.</summary>
internal sealed class CollectionAccess(ICollection collection)
{
    /// <summary>When it is worth while to ask again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan OfflineRetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>The files are closed while they are compacted with the mode exclusive: nobody reads or writes them.</summary>
    public bool IsOffline { get; set; }

    public DataUnavailable OfflineRefusal() =>
        new($"{collection.Name} is offline: it is being compacted with the mode exclusive", OfflineRetryAfter);

    public DataReply? ReadRefusal(bool anyMember)
    {
        if (IsOffline)
        {
            return OfflineRefusal();
        }

        if (anyMember)
        {
            return collection.LastReport is { Condition: CollectionCondition.Recovering, Reason: var reason }
                ? new DataUnavailable($"{collection.Name} {reason}", RetryAfter)
                : null;
        }

        return collection.Duty.ServesReads ? null : collection.Duty.Writes switch
        {
            WritePermission.Elsewhere elsewhere => new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress),
            WritePermission.Withheld withheld => new DataUnavailable(withheld.Reason, RetryAfter),
            _ => null,
        };
    }

    /// <summary>
    /// A member is served by the primary of its term, and the primary of that term itself, while it catches up, by
    /// those who follow it. Nobody else may answer: whoever does not know that it is primary could be behind the reader
    /// and make it drop what a majority has acknowledged.
    /// </summary>
    public DataReply? MemberRefusal(FeedReader.Member reader)
    {
        var node = collection.Options.Node;
        if (reader.Incarnation != collection.Incarnation)
        {
            return new DataUnavailable($"{node} and {reader.Node} have different collections of the name {collection.Name}: one of them is dropped", RetryAfter);
        }

        if (IsOffline)
        {
            return OfflineRefusal();
        }

        var duty = collection.Duty;
        if (reader.Term > duty.PromisedTerm)
        {
            collection.Node.Tell(new MemberContacted(reader.Node, reader.Term));
            return new DataUnavailable($"{node} does not know term {reader.Term} yet", RetryAfter);
        }

        if (reader.Term < duty.PromisedTerm)
        {
            return new TermStale(duty.PromisedTerm);
        }

        switch (duty)
        {
            case CollectionDuty.Lead:
                return null;
            case CollectionDuty.Follow follow when follow.Appointment.Primary == reader.Node:
                return null;
            case CollectionDuty.Follow follow:
                return new NotPrimary(follow.Appointment.Primary, follow.Appointment.PrimaryAddress);
            case CollectionDuty.CatchUp:
                collection.Node.Tell(new MemberContacted(reader.Node, reader.Term));
                return new DataUnavailable($"{node} catches up before it serves as primary", RetryAfter);
            default:
                return new DataUnavailable($"{node} does not know yet who is primary of term {reader.Term}", RetryAfter);
        }
    }
}
