using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.MongoDb;

/// <summary>What a member can do, and what its compaction costs.</summary>
public static class MongoDbCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Compact = "compact";

    /// <summary>Option: files with less free space, in MiB, are left alone.</summary>
    public const string FreeSpaceTarget = "freeSpaceTargetMB";

    private const string NoPadding = "WiredTiger pads no records";

    /// <summary>Those of the versions that serve while they compact.</summary>
    public static EngineCapabilities Instance { get; } = Of(MongoDbVersion.Newest, hasPrimary: true);

    /// <summary>
    /// Blocks move inside the files, so no second copy is written; killOp ends it, and what was moved by then stays moved
    /// (WiredTiger, block_compact.c).
    /// </summary>
    internal static EngineCapabilities Of(MongoDbVersion version, bool hasPrimary) => new(
        CompactionScopeKind.Collection,
        version.StaysSecondary ? CompactionAvailability.Serving : CompactionAvailability.Recovering,
        TemporarySpaceRule.None,
        EstimatesWithoutCompacting: true,
        ReportsProgress: version.ExpectsPages,
        CanCancel: true,
        CanPause: false,
        HasPrimary: hasPrimary,
        [Compact])
    {
        Options =
        [
            new(FreeSpaceTarget, EngineOptionKind.Size, "Leave files alone of which compaction would free less.")
            {
                Least = 1,
                Most = 1024 * 1024,
                Default = "20",
                Unit = "MIB",
                Since = "7.3 and later",
                Refusal = version.HasFreeSpaceTarget ? "" : $"MongoDB {version} does not have it; 7.3 and later do",
            },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a compaction cannot be slowed down" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "its own command validate blocks writes, so that it is left to administrators" },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "members without a vote are compacted like all others" },
            new("discardPartial", EngineOptionKind.Flag, "") { Refusal = "blocks move inside the files, so there is no partial copy" },
            new("compactHistory", EngineOptionKind.Integer, "") { Refusal = "it keeps no history of revisions that could be shortened" },
            new("disarmNoSpace", EngineOptionKind.Flag, "") { Refusal = "it has no out-of-space alarm that could be cleared" },
            new("paddingFactor", EngineOptionKind.Number, "Space of a record as a multiple of its size.") { Least = 1, Most = 4, Unit = "FACTOR", Refusal = NoPadding },
            new("paddingBytes", EngineOptionKind.Size, "Bytes added to each record's space.") { Most = 1 << 20, Unit = "BYTES", Refusal = NoPadding },
        ],
    };
}
