using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Embedded;

/// <summary>What a node of the embedded engine can do, and what its modes cost.</summary>
public static class EmbeddedCapabilities
{
    /// <summary>Option: free space that may stay in a file (mode <c>incremental</c>), in MiB.</summary>
    public const string FreeSpaceTarget = "freeSpaceTargetMB";

    /// <summary>The greatest value of <see cref="FreeSpaceTarget"/>.</summary>
    public const int MaxFreeSpaceTarget = 1024 * 1024;

    /// <summary>Option: whether a partial copy goes when the disk is full.</summary>
    public const string DiscardPartial = "discardPartial";

    private const string NoPadding = "it does not update records in place, so padding would only take space";

    /// <summary>MongoDB's default for the same option.</summary>
    private const int DefaultFreeSpaceTarget = 20;

    public static EngineCapabilities Instance { get; } = new(
        CompactionScopeKind.Index,
        CompactionAvailability.Serving,
        TemporarySpaceRule.LiveData,
        EstimatesWithoutCompacting: true,
        ReportsProgress: true,
        CanCancel: true,
        CanPause: true,
        HasPrimary: true,
        ["rewrite", "exclusive", "incremental", "release"])
    {
        ModeCosts =
        [
            new("exclusive", CompactionAvailability.Offline, TemporarySpaceRule.LiveData, CanCancel: true, CanPause: false),
            new("incremental", CompactionAvailability.Serving, TemporarySpaceRule.None, CanCancel: true, CanPause: true),
            new("release", CompactionAvailability.Serving, TemporarySpaceRule.None, CanCancel: true, CanPause: true),
        ],
        CanThrottle = true,
        KnowsTickets = true,
        Options =
        [
            new(FreeSpaceTarget, EngineOptionKind.Size, "Free space that may stay in a file.")
            {
                Default = $"{DefaultFreeSpaceTarget}",
                Unit = "MIB",
                Most = MaxFreeSpaceTarget,
                Modes = ["incremental"],
            },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "Limit of the copying rate of each node.")
            {
                Default = "0, which is unlimited",
                Unit = EngineOption.Bytes,
            },
            new(DiscardPartial, EngineOptionKind.Flag, "On a full disk remove the partial copy instead of keeping it to resume.") { Default = "off" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "Check each member's files after its compaction and compare it with the other members, before the next one starts.")
            {
                Default = "off",
            },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "its replica sets have no learners" },
            new("compactHistory", EngineOptionKind.Integer, "") { Refusal = "it keeps no history of revisions that could be shortened" },
            new("disarmNoSpace", EngineOptionKind.Flag, "") { Refusal = "it has no out-of-space alarm that could be cleared" },
            new("paddingFactor", EngineOptionKind.Number, "Space of a record as a multiple of its size.") { Least = 1, Most = 4, Unit = "FACTOR", Refusal = NoPadding },
            new("paddingBytes", EngineOptionKind.Size, "Bytes added to each record's space.") { Most = 1 << 20, Unit = EngineOption.Bytes, Refusal = NoPadding },
        ],
    };

    public static long FreeSpaceTargetBytes(OptionValues options) => options.Whole(FreeSpaceTarget, DefaultFreeSpaceTarget) << 20;
}
