using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;
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
[JsonDerivedType(typeof(RunWaiting), "run-waiting")]
[JsonDerivedType(typeof(RunWentOn), "run-went-on")]
[JsonDerivedType(typeof(RunApproved), "run-approved")]
[JsonDerivedType(typeof(RunPauseRequested), "run-pause-requested")]
[JsonDerivedType(typeof(RunPaused), "run-paused")]
[JsonDerivedType(typeof(RunResumed), "run-resumed")]
[JsonDerivedType(typeof(RunCancelRequested), "run-cancel-requested")]
[JsonDerivedType(typeof(RunCancelled), "run-cancelled")]
[JsonDerivedType(typeof(RunThrottled), "run-throttled")]
[JsonDerivedType(typeof(StepPauseOrdered), "step-pause-ordered")]
[JsonDerivedType(typeof(StepPaused), "step-paused")]
[JsonDerivedType(typeof(StepCancelled), "step-cancelled")]
[JsonDerivedType(typeof(StepVerificationStarted), "step-verification-started")]
[JsonDerivedType(typeof(RunCompleted), "run-completed")]
[JsonDerivedType(typeof(RunFailed), "run-failed")]
public abstract record RunEvent(DateTimeOffset At);

public sealed record RunPlanned(string RunId, CompactionPlan Plan, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>Who or what started it.</summary>
    public RunOrigin Origin { get; init; } = RunOrigin.Unknown;
}

public sealed record RunStarted(DateTimeOffset At) : RunEvent(At);

/// <summary>Nothing is at work, and nothing may be begun now.</summary>
/// <param name="For"><see cref="Approval"/>, or the names of the checks that fail, separated by commas.</param>
/// <param name="Reason">The same for the operator.</param>
public sealed record RunWaiting(string For, string Reason, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>Waits until a second person has approved the plan.</summary>
    public const string Approval = "approval";
}

/// <summary>What was waited for has come.</summary>
public sealed record RunWentOn(DateTimeOffset At) : RunEvent(At);

/// <summary>A second person has approved the plan.</summary>
public sealed record RunApproved(string By, DateTimeOffset At) : RunEvent(At);

/// <summary>From now on nothing new begins, and what is at work comes to its next safe point.</summary>
public sealed record RunPauseRequested(string By, string Reason, DateTimeOffset At) : RunEvent(At);

/// <summary>Nothing is at work any more.</summary>
public sealed record RunPaused(DateTimeOffset At) : RunEvent(At);

public sealed record RunResumed(string By, DateTimeOffset At) : RunEvent(At);

/// <summary>From now on nothing new begins, and what is at work is cancelled or, where that is impossible, finished.</summary>
public sealed record RunCancelRequested(string By, string Reason, DateTimeOffset At) : RunEvent(At);

/// <summary>Everything that was at work has been seen to have ended.</summary>
public sealed record RunCancelled(DateTimeOffset At) : RunEvent(At);

/// <param name="MaxBytesPerSecond">New limit of the copying rate; 0 is unlimited.</param>
public sealed record RunThrottled(string By, long MaxBytesPerSecond, DateTimeOffset At) : RunEvent(At);

/// <summary>The attempt is to stop at its next checkpoint.</summary>
public sealed record StepPauseOrdered(int Step, int Attempt, string Reason, DateTimeOffset At) : RunEvent(At);

/// <summary>The attempt has stopped; another one, which is no retry, goes on where it was.</summary>
public sealed record StepPaused(int Step, int Attempt, string Reason, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>What the attempt compacted before it stopped.</summary>
    public IReadOnlyList<UnitCompacted> Units { get; init; } = [];

    /// <summary>What the member keeps of the unit that it was at, in bytes.</summary>
    public long CopiedBytes { get; init; }
}

/// <summary>A step that was begun ends with its run before it is done.</summary>
public sealed record StepCancelled(int Step, string Reason, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>What its last attempt compacted before it ended.</summary>
    public IReadOnlyList<UnitCompacted> Units { get; init; } = [];
}

/// <summary>A check changed its verdict (recorded on change only).</summary>
public sealed record CheckEvaluated(int Step, CheckResult Result, DateTimeOffset At) : RunEvent(At);

public sealed record StepStarted(int Step, int Attempt, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>Units that are left for another attempt, because they do not fit in what is left of the window.</summary>
    public IReadOnlyList<StorageUnit> Later { get; init; } = [];

    /// <summary>Sizes of units that differ from those of the plan when the attempt begins.</summary>
    public IReadOnlyList<UnitSize> Measured { get; init; } = [];
}

/// <summary>The member was observed at work on the attempt.</summary>
/// <param name="At">When it was seen.</param>
public sealed record StepAccepted(int Step, int Attempt, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>How far it was, 0 to 1.</summary>
    public double Fraction { get; init; }

    /// <summary>Whether it was seen further on than when it was first seen: recorded once for each attempt.</summary>
    public bool Advanced { get; init; }

    /// <summary>The job that was begun for it, by which another process finds it again; null where the ticket is enough.</summary>
    public JobId? Job { get; init; }
}

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
public sealed record MemberCompacted(int Step, string Node, IReadOnlyList<UnitCompacted> Units, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>What verifying the member found; empty if the run does not verify.</summary>
    public string Verification { get; init; } = "";

    /// <summary>By what it was judged that the last attempt is done, where the member did not tell it; else empty.</summary>
    public string Judged { get; init; } = "";
}

/// <summary>All units of a step are compacted; now the member is verified.</summary>
public sealed record StepVerificationStarted(int Step, int Attempt, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>What the last attempt compacted.</summary>
    public IReadOnlyList<UnitCompacted> Units { get; init; } = [];

    /// <inheritdoc cref="MemberCompacted.Judged"/>
    public string Judged { get; init; } = "";
}

/// <summary>The primary has moved. The step is done if it is a step-down; a compaction goes on.</summary>
public sealed record PrimarySteppedDown(int Step, string OldPrimary, string NewPrimary, long Term, DateTimeOffset At) : RunEvent(At);

public sealed record StepSkipped(int Step, string Reason, DateTimeOffset At) : RunEvent(At);

public sealed record StepFailed(int Step, string Reason, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>What the last attempt compacted before it ended.</summary>
    public IReadOnlyList<UnitCompacted> Units { get; init; } = [];

    /// <summary>Whether members of the replica set hold different documents: nothing more is begun in it.</summary>
    public bool MembersDiffer { get; init; }
}

/// <summary>A member in scope of the run changed its state.</summary>
public sealed record NodeStateRecorded(NodeStateChanged Change, DateTimeOffset At) : RunEvent(At);

public sealed record RunCompleted(bool WithSkips, DateTimeOffset At) : RunEvent(At);

public sealed record RunFailed(string Reason, DateTimeOffset At) : RunEvent(At);

/// <summary>The verdict of a named check, with a sentence for the operator that holds the values seen.</summary>
/// <param name="Check">For example <c>lag-within-limit</c>.</param>
/// <param name="Passed">Null where the engine does not tell what the check asks: it has neither passed nor failed, and stops nothing.</param>
public sealed record CheckResult(string Check, bool? Passed, string Message)
{
    /// <summary>Whether it keeps a step back.</summary>
    [JsonIgnore]
    public bool Failed => Passed == false;

    /// <summary>A check that nobody can answer.</summary>
    public static CheckResult Unanswered(string check, string message) => new(check, null, message);
}
