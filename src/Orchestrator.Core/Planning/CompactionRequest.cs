namespace Orchestrator.Core.Planning;

/// <summary>What an operator asks for: the body of a plan or run.</summary>
public sealed record CompactionRequest(string Cluster, CompactionScope Scope, CompactionOptions Options);

/// <summary>Which units. An empty list means all of that kind.</summary>
/// <param name="Databases">Names of databases.</param>
/// <param name="Collections">Names of collections, plain or as <c>database/collection</c>.</param>
/// <param name="Documents">Whether documents are compacted.</param>
/// <param name="Indexes">Which indexes are compacted.</param>
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
    public static CompactionScope Everything { get; } = new([], [], true, IndexSelection.All, [], []);
}

/// <summary>How, and when it is worth it.</summary>
/// <param name="Mode">Compaction mode; empty takes the engine's default.</param>
/// <param name="Force">Compact a primary in place instead of stepping it down, and single-member sets.</param>
/// <param name="FreeSpaceTargetMB">Free space that may stay in the file (mode <c>incremental</c>), in MiB; at least 0.</param>
/// <param name="MaxBytesPerSecond">Limit of the copying rate; 0 is unlimited.</param>
/// <param name="GiveBackPrimary">Return the role of primary to its former holder at the end.</param>
/// <param name="MinReclaimableBytes">Units that would free less are left out.</param>
/// <param name="MinFragmentation">Units less fragmented are left out; 0 to 1.</param>
/// <param name="Comment">Free text that appears in logs, events and reports.</param>
public sealed record CompactionOptions(
    string Mode,
    bool Force,
    int FreeSpaceTargetMB,
    long MaxBytesPerSecond,
    bool GiveBackPrimary,
    long MinReclaimableBytes,
    double MinFragmentation,
    string Comment)
{
    /// <summary>MongoDB's default for the same option.</summary>
    public const int DefaultFreeSpaceTargetMB = 20;

    public static CompactionOptions Default { get; } = new("", false, DefaultFreeSpaceTargetMB, 0, false, 0, 0, "");
}
