using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>What a member can do, and what its compaction costs.</summary>
public static class MongoDbCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Compact = "compact";

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
        Options = version.HasFreeSpaceTarget ? ["freeSpaceTargetMB", "giveBackPrimary"] : ["giveBackPrimary"],
    };
}
