using Orchestrator.Core.Engines;

namespace Orchestrator.Embedded;

/// <summary>What a node of the embedded engine can do, and what its modes cost.</summary>
public static class EmbeddedCapabilities
{
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
        Options = ["freeSpaceTargetMB", "maxBytesPerSecond", "discardPartial", "verify"],
    };
}
