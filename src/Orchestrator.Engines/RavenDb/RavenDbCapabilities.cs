using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.RavenDb;

/// <summary>What a node can do, and what its compaction costs.</summary>
public static class RavenDbCapabilities
{
    /// <summary>The default mode: indexes, then documents.</summary>
    public const string Compact = "compact";

    /// <summary>The mode that leaves the documents alone, so that the database goes on serving.</summary>
    public const string Indexes = "indexes";

    /// <summary>Option: whether indexes are not optimised before they are compacted.</summary>
    public const string SkipOptimizeIndexes = "skipOptimizeIndexes";

    private const string NoPadding = "its storage pads no records";

    /// <summary>
    /// The documents are copied to a new file while the database is unloaded and locked on the node, whose other databases serve on
    /// (ravendb/ravendb, <c>CompactDatabaseTask</c>). Each node with a copy serves by itself.
    /// </summary>
    public static EngineCapabilities Instance { get; } = new(
        CompactionScopeKind.Database,
        CompactionAvailability.Offline,
        TemporarySpaceRule.LiveData,
        EstimatesWithoutCompacting: true,
        ReportsProgress: true,
        CanCancel: true,
        CanPause: false,
        HasPrimary: true,
        [Compact, Indexes])
    {
        ModeCosts = [new ModeCosts(Indexes, CompactionAvailability.Serving, TemporarySpaceRule.LiveData, CanCancel: true, CanPause: false)],
        MustStay = StayingMembers.One,
        Reach = CompactionReach.ReplicaSet,
        Options =
        [
            new(SkipOptimizeIndexes, EngineOptionKind.Flag, "Compact indexes without optimising (merging) them before.") { Default = "off" },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a compaction cannot be slowed down" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "it has no verification" },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "it has no members without a vote" },
            new("freeSpaceTargetMB", EngineOptionKind.Size, "") { Refusal = "a compaction gives all free space back" },
            new("discardPartial", EngineOptionKind.Flag, "") { Refusal = "the server itself removes what an unfinished compaction leaves" },
            new("compactHistory", EngineOptionKind.Integer, "") { Refusal = "it keeps no history of revisions that could be shortened like this" },
            new("disarmNoSpace", EngineOptionKind.Flag, "") { Refusal = "it has no out-of-space alarm that could be cleared" },
            new("paddingFactor", EngineOptionKind.Number, "Space of a record as a multiple of its size.") { Least = 1, Most = 4, Unit = "FACTOR", Refusal = NoPadding },
            new("paddingBytes", EngineOptionKind.Size, "Bytes added to each record's space.") { Most = 1 << 20, Unit = EngineOption.Bytes, Refusal = NoPadding },
        ],
    };
}
