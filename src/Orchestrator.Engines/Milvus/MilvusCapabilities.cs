using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.Milvus;

/// <summary>What a Milvus cluster can do, and what its compaction costs.</summary>
public static class MilvusCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Compact = "compact";

    /// <summary>Option: whether rows are arranged by the clustering key.</summary>
    public const string Clustering = "clustering";

    /// <summary>Option: whether growing segments are flushed before.</summary>
    public const string Flush = "flush";

    private const string NoPadding = "it pads no records";

    /// <summary>
    /// The data nodes write new segments while the old ones serve; a compaction cannot be stopped (milvus-io/milvus, <c>datacoord</c>).
    /// </summary>
    public static EngineCapabilities Instance { get; } = new(
        CompactionScopeKind.Collection,
        CompactionAvailability.Serving,
        TemporarySpaceRule.LiveData,
        EstimatesWithoutCompacting: false,
        ReportsProgress: true,
        CanCancel: false,
        CanPause: false,
        HasPrimary: false,
        [Compact])
    {
        MustStay = StayingMembers.One,
        Options =
        [
            new(Clustering, EngineOptionKind.Flag, "Arrange rows by the clustering key, of collections that have one.") { Default = "off", Since = "2.5" },
            new(Flush, EngineOptionKind.Flag, "Flush growing segments before; without it they are not compacted.") { Default = "off" },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a compaction cannot be slowed down; Milvus limits its tasks by settings of its own" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "it has no verification" },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "it has no members without a vote" },
            new("freeSpaceTargetMB", EngineOptionKind.Size, "") { Refusal = "which segments are compacted Milvus decides" },
            new("discardPartial", EngineOptionKind.Flag, "") { Refusal = "its own garbage collection removes what an unfinished compaction leaves" },
            new("compactHistory", EngineOptionKind.Integer, "") { Refusal = "it keeps no history of revisions that could be shortened" },
            new("disarmNoSpace", EngineOptionKind.Flag, "") { Refusal = "it has no out-of-space alarm that could be cleared" },
            new("paddingFactor", EngineOptionKind.Number, "Space of a record as a multiple of its size.") { Least = 1, Most = 4, Unit = "FACTOR", Refusal = NoPadding },
            new("paddingBytes", EngineOptionKind.Size, "Bytes added to each record's space.") { Most = 1 << 20, Unit = EngineOption.Bytes, Refusal = NoPadding },
        ],
    };
}
