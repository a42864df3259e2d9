using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>What a client is told whose position a feed has not reached.</summary>
internal static class FeedEnd
{
    /// <summary>Another member may have reached it; where the primary has not, nobody has.</summary>
    public static DataReply Beyond(long since, long end, CollectionDuty duty, TimeSpan retryAfter) => duty.Writes switch
    {
        WritePermission.Elsewhere elsewhere => new NotPrimary(elsewhere.Primary, elsewhere.PrimaryAddress),
        WritePermission.Withheld withheld => new DataUnavailable(withheld.Reason, retryAfter),
        _ => new HistoryParted(end, duty.Term)
        {
            Difference = $"since is {since}, but the feed ends at {end}; it was dropped and created again, or it is another collection",
        },
    };
}
