using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.CouchDb;

/// <summary>What a node can do, and what its compaction costs.</summary>
public static class CouchDbCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Compact = "compact";

    /// <summary>Option: whether index files of which no design document knows are removed from each copy before it is compacted.</summary>
    public const string Cleanup = "cleanup";

    /// <summary>Option: whether views are compacted on all nodes at once where CouchDB has no other way.</summary>
    public const string ViewsEverywhere = "viewsEverywhere";

    // Every compaction reads and writes the node's whole disk; more side by side would only be in each other's way.
    private const int MostJobs = 16;

    /// <summary>Option: which ranges come first, by one of <see cref="Slack"/> and <see cref="Ratio"/>.</summary>
    public const string Priority = "priority";

    /// <summary>By the bytes that are not live, as smoosh's slack channels.</summary>
    public const string Slack = "slack";

    /// <summary>By the file's length as a multiple of what of it is live, as smoosh's ratio channels.</summary>
    public const string Ratio = "ratio";

    /// <summary>
    /// A copy of a shard is written anew beside the old file while it goes on serving; there is no call that stops or slows the work. Each
    /// copy serves by itself, and only the copy at work is busy, not its node.
    /// </summary>
    public static EngineCapabilities Instance { get; } = new(
        CompactionScopeKind.Index,
        CompactionAvailability.Serving,
        TemporarySpaceRule.LiveData,
        EstimatesWithoutCompacting: true,
        ReportsProgress: true,
        CanCancel: false,
        CanPause: false,
        HasPrimary: false,
        [Compact])
    {
        MustStay = StayingMembers.One,
        Reach = CompactionReach.ReplicaSet,
        Options =
        [
            new(Cleanup, EngineOptionKind.Flag, "Remove index files that no design document uses any more from each copy before it is compacted.") { Default = "off" },
            new(
                ViewsEverywhere,
                EngineOptionKind.Flag,
                "Compact the views of databases with several shards on all nodes at once: CouchDB has no call for one node.") { Default = "off, which leaves them out" },
            new(OptionCheck.MaxJobsPerMember, EngineOptionKind.Integer, "How many copies of different ranges are at work on one node at the same time.")
            {
                Least = 1,
                Most = MostJobs,
                Default = "1",
                Unit = "COUNT",
            },
            new(Priority, EngineOptionKind.Choice, "Which ranges come first: slack for the most dead bytes, ratio for the largest share of them.")
            {
                Choices = [Slack, Ratio],
                Default = Slack,
                Unit = "WORD",
            },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a compaction cannot be slowed down" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "it has no verification" },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "all copies of a shard are equal" },
        ],
    };
}
