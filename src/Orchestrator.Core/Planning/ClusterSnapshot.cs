using System.Collections.Immutable;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>What the planner looks at: the configured cluster and what was last observed of it.</summary>
/// <param name="Definition">The configured cluster.</param>
/// <param name="Capabilities">What its engine can do, as far as a member does not tell it.</param>
/// <param name="Members">Every member that was ever observed; configured members that are missing here are unreachable.</param>
/// <param name="TakenAt">When.</param>
public sealed record ClusterSnapshot(
    ClusterDefinition Definition,
    EngineCapabilities Capabilities,
    IReadOnlyList<MemberSnapshot> Members,
    DateTimeOffset TakenAt)
{
    /// <summary>What a member can do: the versions in a cluster may be mixed.</summary>
    public EngineCapabilities CapabilitiesOf(MemberSnapshot member) => member.Capabilities ?? Capabilities;

    /// <summary>What its members can do, those that hold no data left out; the engine's where none was observed.</summary>
    public IEnumerable<EngineCapabilities> AllCapabilities => Members
        .Where(member => member.Observation.Role != MemberRole.Arbiter)
        .Select(CapabilitiesOf)
        .DefaultIfEmpty(Capabilities);
}

/// <summary>One member: its last observation (with <see cref="NodeState.Unreachable"/> where it no longer answers) and its units.</summary>
public sealed record MemberSnapshot(NodeObservation Observation, IReadOnlyList<UnitEstimate> Units)
{
    /// <summary>What the member can do; null where it has not told it.</summary>
    public EngineCapabilities? Capabilities { get; init; }

    /// <summary>When the observation arrived, by the clock of <see cref="ClusterSnapshot.TakenAt"/>; null where it always is as of then.</summary>
    public DateTimeOffset? HeardAt { get; init; }

    /// <summary>When the units' sizes arrived, by the clock of <see cref="ClusterSnapshot.TakenAt"/>; null where they always are as of then.</summary>
    public DateTimeOffset? MeasuredAt { get; init; }

    /// <summary>When those of single replica sets arrived since, by the sets' names.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> SetsMeasuredAt { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>Why the member did not tell its sizes when it was last asked; empty if it did.</summary>
    public string Unmeasured { get; init; } = "";

    /// <summary>The units as the mode without temporary space would leave them, where that was asked for; else null.</summary>
    public IReadOnlyList<UnitEstimate>? FrugalUnits { get; init; }

    /// <summary>Units of the member's own databases, which are compacted only where they are named.</summary>
    public IReadOnlyList<UnitEstimate> SystemUnits { get; init; } = [];

    /// <summary>
    /// <see cref="In"/> for all of its replica sets: units are sorted by set once, since a member of tens of thousands of sets has as many units.
    /// </summary>
    public Func<string, MemberSnapshot> ByReplicaSet()
    {
        if (Observation.Memberships.Count == 0 && Units.Concat(SystemUnits).All(unit => unit.ReplicaSet.Length == 0))
        {
            return In;
        }

        var units = BySet(Units);
        var frugal = FrugalUnits is null ? null : BySet(FrugalUnits);
        var system = BySet(SystemUnits);
        var memberships = Observation.Memberships.ToLookup(membership => membership.ReplicaSet, StringComparer.Ordinal);
        return set => (this with
        {
            Observation = Observation with { Memberships = [.. memberships[set]] },
            Units = units(set),
            FrugalUnits = frugal?.Invoke(set),
            SystemUnits = system(set),
        }).In(set);

        static Func<string, IReadOnlyList<UnitEstimate>> BySet(IReadOnlyList<UnitEstimate> units)
        {
            var sets = units.ToLookup(unit => unit.ReplicaSet, StringComparer.Ordinal);
            return set => [.. sets[""], .. sets[set]];
        }
    }

    /// <summary>The member in one of its replica sets, with the copies that belong to that.</summary>
    public MemberSnapshot In(string replicaSet)
    {
        if (SetsMeasuredAt.TryGetValue(replicaSet, out var measured))
        {
            return (this with { MeasuredAt = measured, SetsMeasuredAt = ImmutableDictionary<string, DateTimeOffset>.Empty }).In(replicaSet);
        }

        var seen = Observation.In(replicaSet);
        return Units.Concat(SystemUnits).All(unit => unit.ReplicaSet.Length == 0 || unit.ReplicaSet == replicaSet)
            ? ReferenceEquals(seen, Observation) ? this : this with { Observation = seen }
            : this with
            {
                Observation = seen,
                Units = Of(Units),
                FrugalUnits = FrugalUnits is null ? null : Of(FrugalUnits),
                SystemUnits = Of(SystemUnits),
            };

        IReadOnlyList<UnitEstimate> Of(IReadOnlyList<UnitEstimate> units) =>
            [.. units.Where(unit => unit.ReplicaSet.Length == 0 || unit.ReplicaSet == replicaSet)];
    }
}
