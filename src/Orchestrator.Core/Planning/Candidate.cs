using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>A member that is worth compacting.</summary>
/// <param name="Units">Not empty.</param>
internal sealed record Candidate(NodeObservation Observation, IReadOnlyList<UnitEstimate> Units)
{
    public string Node => Observation.Node;

    public long BytesFreed { get; } = Units.Sum(unit => unit.BytesFreed);
}
