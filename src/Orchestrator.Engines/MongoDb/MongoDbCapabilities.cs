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

    /// <summary>Options of MMAPv1.</summary>
    public const string PaddingFactor = "paddingFactor";

    /// <inheritdoc cref="PaddingFactor"/>
    public const string PaddingBytes = "paddingBytes";

    /// <inheritdoc cref="PaddingFactor"/>
    public const string PreservePadding = "preservePadding";

    /// <inheritdoc cref="PaddingFactor"/>
    public const string Validate = "validate";

    private const string NoMmap = "only MMAPv1 has it: WiredTiger pads no records and checks them by itself";
    private const string Mmap = "2.6 to 4.0 with MMAPv1";

    /// <summary>Those of the versions that serve while they compact, with the options of all.</summary>
    public static EngineCapabilities Instance { get; } = Of(MongoDbVersion.Newest, hasPrimary: true, isAny: true);

    /// <summary>
    /// WiredTiger moves blocks inside the files, so no second copy is written; killOp ends it, and what was moved by then stays moved
    /// (block_compact.c). MMAPv1 needs up to 2 GB beside them.
    /// </summary>
    /// <param name="isAny">Whether options count that only other versions have.</param>
    internal static EngineCapabilities Of(MongoDbVersion version, bool hasPrimary, bool isAny = false) => new(
        CompactionScopeKind.Collection,
        version.StaysSecondary ? CompactionAvailability.Serving : CompactionAvailability.Recovering,
        version.IsMmap ? TemporarySpaceRule.Fixed : TemporarySpaceRule.None,
        EstimatesWithoutCompacting: true,
        ReportsProgress: version.ExpectsPages || version.ShowsProgress,
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
                Refusal = Unless(version.HasFreeSpaceTarget, $"MongoDB {version} does not have it; 7.3 and later do"),
            },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a compaction cannot be slowed down" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "its own command validate blocks writes, so that it is left to administrators" },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "members without a vote are compacted like all others" },
            new("discardPartial", EngineOptionKind.Flag, "") { Refusal = "blocks move inside the files, so there is no partial copy" },
            new("compactHistory", EngineOptionKind.Integer, "") { Refusal = "it keeps no history of revisions that could be shortened" },
            new("disarmNoSpace", EngineOptionKind.Flag, "") { Refusal = "it has no out-of-space alarm that could be cleared" },
            new(PaddingFactor, EngineOptionKind.Number, "Space of a record as a multiple of its size.")
            {
                Least = 1,
                Most = 4,
                Unit = "FACTOR",
                Since = Mmap,
                Refusal = Unless(version.IsMmap || isAny, NoMmap),
            },
            new(PaddingBytes, EngineOptionKind.Size, "Bytes added to each record's space.") { Most = 1 << 20, Unit = EngineOption.Bytes, Since = Mmap, Refusal = Unless(version.IsMmap || isAny, NoMmap) },
            new(PreservePadding, EngineOptionKind.Flag, "Leave each record the space that it has.") { Since = Mmap, Refusal = Unless(version.IsMmap || isAny, NoMmap) },
            new(Validate, EngineOptionKind.Flag, "Check each document while it is copied.") { Since = Mmap, Refusal = Unless(version.IsMmap || isAny, NoMmap) },
        ],
    };

    private static string Unless(bool has, string reason) => has ? "" : reason;
}
