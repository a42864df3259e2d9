using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.Etcd;

/// <summary>What an etcd member can do, and what its defragmentation costs.</summary>
public static class EtcdCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Defragment = "defragment";

    /// <summary>Option: how many of the latest revisions are kept; 0 leaves the history alone.</summary>
    public const string CompactHistory = "compactHistory";

    /// <summary>Option: whether NOSPACE alarms are cleared afterwards.</summary>
    public const string DisarmNoSpace = "disarmNoSpace";

    private const string NoPadding = "it does not update records in place, so padding would only take space";

    /// <summary>
    /// A member that defragments answers neither reads nor writes, writes a second copy of its file, tells no progress and
    /// cannot be stopped (etcd documentation, "Maintenance"; rpc.proto, <c>Maintenance.Defragment</c>).
    /// </summary>
    public static EngineCapabilities Instance { get; } = new(
        CompactionScopeKind.Node,
        CompactionAvailability.Offline,
        TemporarySpaceRule.WholeFile,
        EstimatesWithoutCompacting: true,
        ReportsProgress: false,
        CanCancel: false,
        CanPause: false,
        HasPrimary: true,
        [Defragment])
    {
        Options =
        [
            new(CompactHistory, EngineOptionKind.Integer, "Keep only so many of the latest revisions, dropped on each member just before its defragmentation.")
            {
                Default = "0, which leaves the history alone",
                Unit = "REVISIONS",
                HidesGain = true,
            },
            new(DisarmNoSpace, EngineOptionKind.Flag, "Clear NOSPACE alarms with the last member.") { Default = "off", ForLastMember = true },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "Defragment learners too.") { Default = "off", Since = "after 3.6, which refuses it" },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a defragmentation cannot be slowed down" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "it has no verification" },
            new("freeSpaceTargetMB", EngineOptionKind.Size, "") { Refusal = "a defragmentation gives all free space back" },
            new("discardPartial", EngineOptionKind.Flag, "") { Refusal = "a defragmentation leaves no partial copy" },
            new("paddingFactor", EngineOptionKind.Number, "Space of a record as a multiple of its size.") { Least = 1, Most = 4, Unit = "FACTOR", Refusal = NoPadding },
            new("paddingBytes", EngineOptionKind.Size, "Bytes added to each record's space.") { Most = 1 << 20, Unit = EngineOption.Bytes, Refusal = NoPadding },
        ],
    };
}
