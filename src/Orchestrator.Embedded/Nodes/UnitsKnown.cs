using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Embedded.Nodes;

/// <summary>The units of a node, with what compacting each would free.</summary>
/// <param name="Unmeasured">Collections that do not tell their units now.</param>
/// <param name="Failure">Why nothing is known; else empty.</param>
internal sealed record UnitsKnown(IReadOnlyList<UnitEstimate> Estimates, IReadOnlyList<CollectionUnits> Unmeasured, string Failure)
    : NodeInternal
{
    private readonly ILookup<StorageUnit, UnitEstimate> _byUnit = Estimates.ToLookup(estimate => estimate.Size.Unit);

    /// <summary>Why a unit cannot be compacted here; empty if it can.</summary>
    public string WhyNot(StorageUnit unit)
    {
        if (_byUnit[unit].FirstOrDefault() is { } known)
        {
            return known.Refusal.Length == 0 ? "" : $"{unit.Path}: {known.Refusal}";
        }

        return Unmeasured.FirstOrDefault(other => other.Name.Database == unit.Database && other.Name.Collection == unit.Collection) is { } failed
            ? $"{failed.Name}: {failed.Failure}"
            : $"there is no {unit.Path} on this member";
    }
}
