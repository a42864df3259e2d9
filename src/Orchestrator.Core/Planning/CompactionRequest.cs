using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>What an operator asks for: the body of a plan or run.</summary>
public sealed record CompactionRequest(string Cluster, CompactionScope Scope, CompactionOptions Options);

/// <summary>Which units. An empty list means all of that kind.</summary>
/// <param name="Databases">Names of databases, or patterns of them (<see cref="Schedules.NamePattern"/>); system databases only by their names.</param>
/// <param name="Collections">Names of collections or shard ranges, plain or as <c>database/collection</c> and <c>database@range</c>.</param>
/// <param name="Documents">Whether documents are compacted.</param>
/// <param name="Indexes">Which indexes and views are compacted.</param>
/// <param name="Nodes">Names of nodes.</param>
/// <param name="ReplicaSets">Names of replica sets.</param>
public sealed record CompactionScope(
    IReadOnlyList<string> Databases,
    IReadOnlyList<string> Collections,
    bool Documents,
    IndexSelection Indexes,
    IReadOnlyList<string> Nodes,
    IReadOnlyList<string> ReplicaSets)
{
    /// <summary>The first of the node's own databases or collections that is named; empty if none is.</summary>
    public string NamedSystemCollection =>
        Databases.FirstOrDefault(Topology.SystemDatabases.Contains) ?? Collections.FirstOrDefault(Topology.SystemDatabases.ContainsCollection) ?? "";

    /// <summary>Whether the scope names the node's own database of a unit, instead of merely covering it.</summary>
    public bool NamesSystem(Topology.StorageUnit unit) =>
        Databases.Contains(unit.Database)
        || Collections.Any(name => Topology.SystemDatabases.ContainsCollection(name)
            && (name.StartsWith(unit.Database + "/", StringComparison.Ordinal) || name.StartsWith(unit.Database + "@", StringComparison.Ordinal)));

    public static CompactionScope Everything { get; } = new([], [], true, IndexSelection.All, [], []);
}

/// <summary>How, and when it is worth it.</summary>
/// <param name="Mode">Compaction mode; empty takes the engine's default.</param>
/// <param name="Force">Compact a primary in place instead of stepping it down, and a set that is too small to stay available.</param>
/// <param name="MaxBytesPerSecond">Limit of the copying rate; 0 is unlimited. Engines whose compactions can be throttled.</param>
/// <param name="GiveBackPrimary">Return the role of primary to its former holder at the end.</param>
/// <param name="MinReclaimableBytes">Units that would free less are left out. With 0 here and in <paramref name="MinFragmentation"/> the policy decides.</param>
/// <param name="MinFragmentation">Units less fragmented are left out; 0 to 1.</param>
/// <param name="Comment">Free text that appears in logs, events and reports.</param>
public sealed partial record CompactionOptions(
    string Mode,
    bool Force,
    long MaxBytesPerSecond,
    bool GiveBackPrimary,
    long MinReclaimableBytes,
    double MinFragmentation,
    string Comment)
{
    /// <summary>The mode that lets the planner choose for each member: the default mode, or one without temporary space where space is short.</summary>
    public const string AutoMode = "auto";

    /// <summary>Options that only the engine's driver understands, as its <see cref="EngineCapabilities.Options"/> declare them.</summary>
    public OptionValues EngineOptions { get; init; } = OptionValues.None;

    /// <summary>Compact learners too. Only engines that have them.</summary>
    public bool IncludeLearners { get; init; }

    /// <summary>Verify each member after its compaction, and compare it with the others, before the next one starts.</summary>
    public bool Verify { get; init; }

    /// <summary>What happens when a step has failed after all its retries.</summary>
    public FailurePolicy OnFailure { get; init; } = FailurePolicy.Stop;

    /// <summary>Replica sets at work at the same time; at least 1. Members of one set never are.</summary>
    public int MaxParallelReplicaSets { get; init; } = 1;

    /// <summary>Whether the request says itself what is worth it; then the policy's limits are not looked at.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool SaysWhatIsWorthIt => MinReclaimableBytes > 0 || MinFragmentation > 0;

    /// <summary>What a member is told.</summary>
    /// <param name="mode">The mode that the plan chose; empty for the one that was asked for.</param>
    public CompactionSettings ToSettings(string mode = "") =>
        new(mode.Length > 0 ? mode : Mode, Force, MaxBytesPerSecond, Comment) { EngineOptions = EngineOptions };

    public static CompactionOptions Default { get; } = new("", false, 0, false, 0, 0, "");
}

/// <summary>What happens when a step has failed after all its retries.</summary>
public enum FailurePolicy
{
    /// <summary>The run ends; nothing else is begun.</summary>
    Stop,

    /// <summary>The member's other steps are skipped and the run goes on; the primary of its set is not stepped down.</summary>
    SkipMember,

    /// <summary>The run goes on with everything that its checks allow.</summary>
    Continue,
}
