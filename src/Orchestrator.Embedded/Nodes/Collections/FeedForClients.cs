using Orchestrator.Core.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>The change feed as clients read it.</summary>
internal static class FeedForClients
{
    /// <param name="duty">That of the collection when it was asked.</param>
    /// <param name="held">What all members hold through.</param>
    public static DataReply Read(CollectionStore store, ReadChanges request, CollectionDuty duty, long held, TimeSpan retryAfter)
    {
        try
        {
            return new ChangesRead(store.ReadChanges(request.Since, request.Limit) with { History = [] }, duty.Term, held);
        }
        catch (FeedConflictException)
        {
            return Beyond(request.Since, store.Position.Seq, duty, retryAfter);
        }
    }

    /// <summary>For a position that the feed has not reached: another member may have; where the primary has not, nobody has.</summary>
    private static DataReply Beyond(long since, long end, CollectionDuty duty, TimeSpan retryAfter) => duty.Writes switch
    {
        WritePermission.Elsewhere elsewhere => new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress),
        WritePermission.Withheld withheld => new DataUnavailable(withheld.Reason, retryAfter),
        _ => new HistoryParted(end, duty.Term)
        {
            Difference = $"since is {since}, but the feed ends at {end}; it was dropped and created again, or it is another collection",
        },
    };
}
