using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>A member that is worth compacting.</summary>
/// <param name="Units">Not empty.</param>
internal sealed record Candidate(NodeObservation Observation, IReadOnlyList<UnitEstimate> Units)
{
    /// <summary>The mode that was chosen for it; empty for the one that was asked for.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Why that mode; empty for the one that was asked for.</summary>
    public string ModeReason { get; init; } = "";

    public string Node => Observation.Node;

    public long BytesFreed => Units.Sum(unit => unit.BytesFreed);
}
