using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engines.Etcd;

/// <summary>What an etcd member can do, and what its defragmentation costs.</summary>
public static class EtcdCapabilities
{
    /// <summary>The only mode.</summary>
    public const string Defragment = "defragment";

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
        Options = [EngineOptions.CompactHistory, EngineOptions.DisarmNoSpace, EngineOptions.IncludeLearners, "giveBackPrimary"],
    };
}
