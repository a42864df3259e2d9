using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Members;

/// <summary>What an engine lacks if its members do not know a command.</summary>
internal static class MissingCommand
{
    public static string Of(INodeCommand command) => command switch
    {
        VerifyCollections or CancelFileCheck or DigestRanges or ListVersions => "no verification",
        CleanUpIndexes => "no index cleanup",
        ResyncCollection => "no copying anew (resync): its members do that by themselves",
        PauseCompaction => "no pause of a compaction",
        ThrottleCompaction => "no limit of the copying rate",
        _ => "no appointment of primaries: it elects them itself",
    };
}
