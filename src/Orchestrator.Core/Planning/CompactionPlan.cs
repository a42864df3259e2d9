using System.Text.Json.Serialization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>What a run will do, each step with its reason and estimate, and what is left out and why. Printing it is the dry run.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="ReplicaSets">A plan for each replica set in scope.</param>
/// <param name="MadeAt">When the snapshot behind it was taken.</param>
public sealed record CompactionPlan(
    CompactionRequest Request,
    IReadOnlyList<ReplicaSetPlan> ReplicaSets,
    DateTimeOffset MadeAt)
{
    /// <summary>All steps in the order in which they run.</summary>
    [JsonIgnore]
    public IEnumerable<PlanStep> Steps => ReplicaSets.SelectMany(set => set.Steps);

    /// <summary>Bytes that all steps together are expected to free.</summary>
    [JsonIgnore]
    public long BytesFreed => Steps.OfType<CompactMemberStep>().Sum(step => step.BytesFreed);

    /// <summary>The plan without its units, which tells only how much it is: all of a large one is longer than a message may be.</summary>
    public CompactionPlan Outline() => this with
    {
        ReplicaSets = [.. ReplicaSets.Select(set => set with { Steps = [.. set.Steps.Select(step => step is CompactMemberStep compact ? compact.Outline() : step)], Skipped = [] })],
    };
}

/// <summary>The ordered steps of one replica set.</summary>
/// <param name="Primary">The primary when the plan was made; empty for engines without one.</param>
public sealed record ReplicaSetPlan(
    string ReplicaSet,
    string Primary,
    IReadOnlyList<PlanStep> Steps,
    IReadOnlyList<SkippedUnit> Skipped)
{
    /// <summary>Checks that its steps will not be held to, because the engine does not tell what they ask.</summary>
    public IReadOnlyList<CheckResult> Unanswered { get; init; } = [];
}

/// <summary>One step of a plan.</summary>
/// <param name="Number">1-based, unique in the plan.</param>
/// <param name="ReplicaSet">Where.</param>
/// <param name="Node">The member that is compacted, or the primary that steps down.</param>
/// <param name="Reason">Why this step, and why at this place.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CompactMemberStep), "compact")]
[JsonDerivedType(typeof(StepDownStep), "step-down")]
public abstract record PlanStep(int Number, string ReplicaSet, string Node, string Reason);

/// <summary>Compacts units of one member.</summary>
/// <param name="RoleWhenPlanned">The member's role when the plan was made.</param>
/// <param name="Units">Units with their estimates, largest gain first within a database.</param>
public sealed record CompactMemberStep(
    int Number,
    string ReplicaSet,
    string Node,
    string Reason,
    MemberRole RoleWhenPlanned,
    IReadOnlyList<UnitEstimate> Units) : PlanStep(Number, ReplicaSet, Node, Reason)
{
    /// <summary>The mode that was chosen for this member; empty for the one that was asked for.</summary>
    public string Mode { get; init; } = "";

    /// <summary>In an outline, what its units were expected to free; null where they say it themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Outlined { get; init; }

    /// <summary>Bytes that the step is expected to free.</summary>
    [JsonIgnore]
    public long BytesFreed => Outlined ?? Units.Sum(unit => unit.BytesFreed);

    /// <summary>Space needed while it runs: units are compacted one after another, so the largest counts.</summary>
    [JsonIgnore]
    public long TemporaryBytes => Units.Count == 0 ? 0 : Units.Max(unit => unit.TemporaryBytes);

    /// <inheritdoc cref="CompactionPlan.Outline"/>
    public CompactMemberStep Outline() => this with { Units = [], Outlined = BytesFreed };
}

/// <summary>Moves the role of primary away from a member.</summary>
/// <param name="Candidates">Members that may follow, best first.</param>
public sealed record StepDownStep(
    int Number,
    string ReplicaSet,
    string Node,
    string Reason,
    IReadOnlyList<string> Candidates) : PlanStep(Number, ReplicaSet, Node, Reason)
{
    /// <summary>Whether the step returns the role to its former holder, the only candidate, from whoever has it then.</summary>
    public bool GivesBack { get; init; }
}

/// <summary>A unit (or, with the path <c>*</c>, a whole member) that is left out.</summary>
public sealed record SkippedUnit(string Node, string Path, string Reason);
