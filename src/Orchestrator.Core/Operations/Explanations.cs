using Orchestrator.Core.Nodes;
using Orchestrator.Core.Schedules;
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

/// <summary>The last compaction of one unit on one node that is remembered.</summary>
public sealed record LastCompaction(string RunId, DateTimeOffset At, long BytesFreed, TimeSpan Duration, string Outcome)
{
    /// <summary>What the unit's files grew by since, in bytes; negative if they got shorter. Null where their length afterwards is not known.</summary>
    public long? BytesGrown { get; init; }

    /// <param name="history">Null if no compaction is remembered.</param>
    /// <param name="size">The unit's sizes now.</param>
    public static LastCompaction? Of(UnitHistory? history, UnitSize size) => history is null
        ? null
        : new LastCompaction(history.RunId, history.At, history.Result.BytesFreed, history.Result.Duration, history.Outcome)
        {
            BytesGrown = size.FileBytes - history.Result.FileBytesAfter,
        };
}
