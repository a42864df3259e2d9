using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.CouchDb;

/// <summary>What a node can do, and what its compaction costs.</summary>
public static class CouchDbCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Compact = "compact";

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
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, "") { Refusal = "a compaction cannot be slowed down" },
            new(OptionCheck.Verify, EngineOptionKind.Flag, "") { Refusal = "it has no verification" },
            new(OptionCheck.IncludeLearners, EngineOptionKind.Flag, "") { Refusal = "all copies of a shard are equal" },
        ],
    };
}
