using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Planning;

namespace Orchestrator.Host.Http.Contracts;

/// <summary>What an operator asks for: the body of a plan or run. Everything but the cluster may be left out.</summary>
/// <param name="Window">Of a run: the maintenance window that it keeps to; absent for any time.</param>
/// <param name="NeedsApproval">Of a run: whether it waits until a second person has approved it.</param>
public sealed record CompactionBody(
    string? Cluster, ScopeBody? Scope, OptionsBody? Options, string? Window = null, bool? NeedsApproval = null);

/// <summary>Which units. An absent or empty list means all of that kind.</summary>
/// <param name="Databases">Names of databases, or patterns of them: <c>*</c> for any text, <c>?</c> for one character. System databases only by their names.</param>
/// <param name="Collections">Names of collections, plain or as <c>database/collection</c>.</param>
/// <param name="Documents">Whether documents are compacted; true unless said otherwise.</param>
/// <param name="Indexes"><c>"all"</c> (the default), <c>"none"</c> or a list of names or patterns.</param>
public sealed record ScopeBody(
    IReadOnlyList<string>? Databases,
    IReadOnlyList<string>? Collections,
    bool? Documents,
    IndexSelection? Indexes,
    IReadOnlyList<string>? Nodes,
    IReadOnlyList<string>? ReplicaSets);

/// <summary>How, and when it is worth it.</summary>
/// <param name="Mode">Compaction mode; absent takes the engine's default, <c>auto</c> chooses for each member.</param>
/// <param name="Force">Compact a primary in place instead of stepping it down, and a set that is too small to stay available.</param>
/// <param name="MaxBytesPerSecond">Limit of the copying rate; 0 is unlimited.</param>
/// <param name="GiveBackPrimary">Return the role of primary to its former holder at the end.</param>
/// <param name="MinReclaimableBytes">Units that would free less are left out.</param>
/// <param name="MinFragmentation">Units less fragmented are left out; 0 to 1.</param>
/// <param name="Comment">Free text that appears in logs, events and reports.</param>
public sealed record OptionsBody(
    string? Mode,
    bool? Force,
    long? MaxBytesPerSecond,
    bool? GiveBackPrimary,
    long? MinReclaimableBytes,
    double? MinFragmentation,
    string? Comment)
{
    /// <summary>Compact learners too. Only engines that have them.</summary>
    public bool? IncludeLearners { get; init; }

    /// <summary>
    /// After each member's compaction check its files and compare its copies with the other members', before the next one starts. A
    /// difference fails the step, and nothing more is begun in the replica set.
    /// </summary>
    public bool? Verify { get; init; }

    /// <summary>What happens when a step has failed after all its retries: <c>stop</c>, <c>skip-member</c> or <c>continue</c>.</summary>
    public string? OnFailure { get; init; }

    /// <summary>Replica sets at work at the same time, at least 1; members of one set never are.</summary>
    public int? MaxParallelReplicaSets { get; init; }

    /// <summary>Options that only some engines have, each a field of its own; <c>GET /api/v1/engines</c> describes them.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? EngineOptions { get; set; }
}

/// <summary>A plan: what a run would do, and what it would leave out and why.</summary>
/// <param name="BytesFreed">Bytes that all steps together are expected to free.</param>
public sealed record PlanDto(
    string Cluster,
    CompactionBody Request,
    DateTimeOffset MadeAt,
    long BytesFreed,
    IReadOnlyList<ReplicaSetPlanDto> ReplicaSets);

/// <summary>The ordered steps of one replica set.</summary>
/// <param name="Primary">The primary when the plan was made; null for engines without one.</param>
public sealed record ReplicaSetPlanDto(
    string ReplicaSet,
    string? Primary,
    IReadOnlyList<PlanStepDto> Steps,
    IReadOnlyList<SkippedDto> Skipped)
{
    /// <summary>Checks that its steps will not be held to, because the engine does not tell what they ask.</summary>
    public IReadOnlyList<UnansweredCheckDto> Unanswered { get; init; } = [];
}

/// <summary>A check that nobody can answer, with the reason.</summary>
public sealed record UnansweredCheckDto(string Check, string Message);

/// <summary>One step of a plan.</summary>
/// <param name="Number">1-based, unique in the plan.</param>
/// <param name="Kind"><c>compact</c> or <c>step-down</c>.</param>
/// <param name="Node">The member that is compacted, or the primary that steps down.</param>
/// <param name="Reason">Why this step, and why at this place.</param>
/// <param name="Role">Of a compaction: the member's role when the plan was made.</param>
/// <param name="BytesFreed">Of a compaction: bytes expected to be freed.</param>
/// <param name="TemporaryBytes">Of a compaction: space needed while it runs.</param>
/// <param name="DurationSeconds">Of a compaction: expected time.</param>
/// <param name="Units">Of a compaction: its units.</param>
/// <param name="Candidates">Of a step-down: members that may follow, best first.</param>
public sealed record PlanStepDto(
    int Number,
    string Kind,
    string Node,
    string Reason,
    string? Role,
    long? BytesFreed,
    long? TemporaryBytes,
    double? DurationSeconds,
    IReadOnlyList<UnitEstimateDto>? Units,
    IReadOnlyList<string>? Candidates)
{
    /// <summary>Of a compaction: the mode that was chosen for this member; absent for the one that was asked for.</summary>
    public string? Mode { get; init; }
}

/// <summary>A unit with what compacting it is expected to free; sizes in bytes.</summary>
public sealed record UnitEstimateDto(string Unit, long FileBytes, long BytesFreed, long TemporaryBytes, double DurationSeconds)
{
    /// <summary>Why the unit is left out whatever it would free; absent if it is not.</summary>
    public string? Refusal { get; init; }

    /// <summary>
    /// True where the gain is about right only: documents are to be stored with another compression, of which the effect was measured on
    /// some of them. Else absent.
    /// </summary>
    public bool? Sampled { get; init; }

    /// <summary>What the engine tells beyond the numbers, or why it cannot tell one; absent for nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>A unit (or, with the path <c>*</c>, a whole member) that is left out.</summary>
public sealed record SkippedDto(string Node, string Unit, string Reason);
