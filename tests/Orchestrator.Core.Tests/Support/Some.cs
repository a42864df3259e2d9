using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Support;

/// <summary>Values for tests that do not matter in themselves.</summary>
internal static class Some
{
    public const string Cluster = "c1";

    public const string Set = "rs1";

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly ReplicaSetDefinition ThreeMembers = new(Set, ["node-1", "node-2", "node-3"]);

    /// <summary>An engine that serves while it compacts, with modes of every kind.</summary>
    public static readonly EngineCapabilities Capabilities = new(
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
            new("freeSpaceTargetMB", EngineOptionKind.Size, "") { Modes = ["incremental"] },
            new(OptionCheck.MaxBytesPerSecond, EngineOptionKind.Rate, ""),
            new("discardPartial", EngineOptionKind.Flag, ""),
            new(OptionCheck.Verify, EngineOptionKind.Flag, ""),
            new("last", EngineOptionKind.Flag, "") { ForLastMember = true },
            new("hides", EngineOptionKind.Integer, "") { HidesGain = true },
            new("compactHistory", EngineOptionKind.Integer, "") { Refusal = "it keeps no history of revisions that could be shortened" },
        ],
    };

    public static DateTimeOffset At(double seconds) => Noon + TimeSpan.FromSeconds(seconds);

    public static NodeObservation Observation(
        string node,
        MemberRole role = MemberRole.Secondary,
        NodeState state = NodeState.Online,
        long term = 1,
        string replicaSet = Set,
        long promised = -1,
        string primary = "",
        long lag = 0) => new(
        Cluster, replicaSet, node, Address(node), state, "", role, term, promised < 0 ? term : promised, primary,
        new ReplicationLag(lag, 0), new DiskSpace(100_000_000_000, 200_000_000_000), [], [], Noon)
        {
            BackupRunning = false,
        };

    public static string Address(string node) => $"http://{node}:8000";

    public static UnitEstimate Documents(string database, string collection, long file, long free) =>
        Estimate(new DocumentsUnit(database, collection), file, free);

    public static UnitEstimate Index(string database, string collection, string name, long file, long free) =>
        Estimate(new IndexUnit(database, collection, name), file, free);

    public static ClusterSnapshot Snapshot(ReplicaSetDefinition set, IEnumerable<MemberSnapshot> members, DateTimeOffset at) => new(
        new ClusterDefinition(Cluster, "embedded", [set]), Capabilities, members.ToList(), at);

    public static CompactionRequest Request(CompactionOptions? options = null) =>
        new(Cluster, CompactionScope.Everything, options ?? CompactionOptions.Default);

    public static UnitEstimate Estimate(StorageUnit unit, long file, long free) =>
        new(new UnitSize(unit, file, file - free, file), free, file - free, TimeSpan.FromSeconds(file / 1e8));
}
