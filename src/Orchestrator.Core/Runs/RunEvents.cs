using System.Text.Json.Serialization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>A fact in the history of a run. Facts are stored before they are acted upon or shown.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunPlanned), "run-planned")]
[JsonDerivedType(typeof(RunStarted), "run-started")]
[JsonDerivedType(typeof(CheckEvaluated), "check-evaluated")]
[JsonDerivedType(typeof(StepStarted), "step-started")]
[JsonDerivedType(typeof(StepAccepted), "step-accepted")]
[JsonDerivedType(typeof(StepDownOrdered), "step-down-ordered")]
[JsonDerivedType(typeof(StepRetried), "step-retried")]
[JsonDerivedType(typeof(MemberCompacted), "member-compacted")]
[JsonDerivedType(typeof(PrimarySteppedDown), "primary-stepped-down")]
[JsonDerivedType(typeof(StepSkipped), "step-skipped")]
[JsonDerivedType(typeof(StepFailed), "step-failed")]
[JsonDerivedType(typeof(NodeStateRecorded), "node-state-recorded")]
[JsonDerivedType(typeof(RunCompleted), "run-completed")]
[JsonDerivedType(typeof(RunFailed), "run-failed")]
public abstract record RunEvent(DateTimeOffset At);

public sealed record RunPlanned(string RunId, CompactionPlan Plan, DateTimeOffset At) : RunEvent(At);

public sealed record RunStarted(DateTimeOffset At) : RunEvent(At);

/// <summary>A check changed its verdict (recorded on change only).</summary>
public sealed record CheckEvaluated(int Step, CheckResult Result, DateTimeOffset At) : RunEvent(At);

public sealed record StepStarted(int Step, int Attempt, DateTimeOffset At) : RunEvent(At);

/// <summary>The member was observed at work on the attempt.</summary>
public sealed record StepAccepted(int Step, int Attempt, DateTimeOffset At) : RunEvent(At);

/// <summary>
/// The primary was ordered to step down: for a step of its own, or ahead of a compaction whose member has become
/// primary since the plan was made.
/// </summary>
public sealed record StepDownOrdered(int Step, int Attempt, string ExpectedPrimary, string To, DateTimeOffset At) : RunEvent(At);

/// <summary>An attempt failed; the step is tried again not before <paramref name="NotBefore"/>.</summary>
public sealed record StepRetried(int Step, int FailedAttempt, string Reason, DateTimeOffset NotBefore, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>What the failed attempt compacted before it ended.</summary>
    public IReadOnlyList<UnitCompacted> Units { get; init; } = [];
}

/// <summary>A member's step is done; <paramref name="Units"/> are those of all its attempts.</summary>
public sealed record MemberCompacted(int Step, string Node, IReadOnlyList<UnitCompacted> Units, DateTimeOffset At) : RunEvent(At);

/// <summary>The primary has moved. The step is done if it is a step-down; a compaction goes on.</summary>
public sealed record PrimarySteppedDown(int Step, string OldPrimary, string NewPrimary, long Term, DateTimeOffset At) : RunEvent(At);

public sealed record StepSkipped(int Step, string Reason, DateTimeOffset At) : RunEvent(At);

public sealed record StepFailed(int Step, string Reason, DateTimeOffset At) : RunEvent(At);

/// <summary>A member in scope of the run changed its state.</summary>
public sealed record NodeStateRecorded(NodeStateChanged Change, DateTimeOffset At) : RunEvent(At);

public sealed record RunCompleted(bool WithSkips, DateTimeOffset At) : RunEvent(At);

public sealed record RunFailed(string Reason, DateTimeOffset At) : RunEvent(At);

/// <summary>The verdict of a named check, with a sentence for the operator that holds the values seen.</summary>
/// <param name="Check">For example <c>lag-within-limit</c>.</param>
public sealed record CheckResult(string Check, bool Passed, string Message);
