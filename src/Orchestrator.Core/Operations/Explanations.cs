using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>Asks for an <see cref="Explanation"/>: why units were compacted, why not since, what happens next.</summary>
/// <param name="Database">Empty for all.</param>
/// <param name="Collection">Empty for all.</param>
public sealed record ExplainUnits(string Cluster, string Database, string Collection) : ISupervisorRequest;

/// <summary>The answer, unit by unit and node by node.</summary>
public sealed record Explanation(string Cluster, DateTimeOffset At, string Next, IReadOnlyList<UnitExplanation> Units);

/// <summary>One unit on one node.</summary>
/// <param name="LastCompaction">The last one that is remembered; null if there is none.</param>
/// <param name="ReclaimableBytes">What a compaction would free.</param>
/// <param name="Fragmentation">See <see cref="UnitEstimate.FragmentationOf"/>.</param>
/// <param name="WhyNotSince">Why it was not compacted since, in one sentence.</param>
/// <param name="Next">What will happen next, in one sentence.</param>
/// <param name="NextAt">When, where that is known.</param>
public sealed record UnitExplanation(
    string Node,
    StorageUnit Unit,
    LastCompaction? LastCompaction,
    long ReclaimableBytes,
    double Fragmentation,
    string WhyNotSince,
    string Next,
    DateTimeOffset? NextAt)
{
    /// <inheritdoc cref="UnitEstimate.Sampled"/>
    public bool Sampled { get; init; }
}

/// <summary>A compaction of one unit on one node.</summary>
public sealed record LastCompaction(string RunId, DateTimeOffset At, long BytesFreed, TimeSpan Duration, string Outcome);
