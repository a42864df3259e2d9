using System.Collections.Immutable;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>Where one step of a run stands.</summary>
/// <param name="Step">The step as planned.</param>
/// <param name="Checks">The last recorded verdict of each check.</param>
public abstract record StepState(PlanStep Step, ImmutableSortedDictionary<string, RecordedCheck> Checks)
{
    /// <summary>Whether a member or a replica set is at work on it.</summary>
    public bool IsActive => this is CompactingStep or PausingStep or VerifyingStep or SteppingDownStep;
}

/// <summary>A verdict, and since when it stands.</summary>
public sealed record RecordedCheck(CheckResult Result, DateTimeOffset Since);

/// <summary>Has not been tried.</summary>
public sealed record PendingStep(PlanStep Step, ImmutableSortedDictionary<string, RecordedCheck> Checks) : StepState(Step, Checks);

/// <summary>What the attempts at a step add up to.</summary>
/// <param name="Attempt">Number of the last attempt that counts as tried, from 1; 0 if so far only a step-down ahead of it was done.</param>
/// <param name="Failures">How many attempts have failed. Those that were paused have not.</param>
/// <param name="FirstStartedAt">When the first attempt began.</param>
/// <param name="Units">What earlier attempts compacted.</param>
/// <param name="CopiedBytes">What the member has kept of a paused attempt's unfinished copy.</param>
public sealed record StepTries(
    int Attempt,
    int Failures,
    DateTimeOffset FirstStartedAt,
    ImmutableList<UnitCompacted> Units,
    long CopiedBytes);

/// <summary>An attempt has begun.</summary>
public abstract record StartedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries) : StepState(Step, Checks)
{
    public int Attempt => Tries.Attempt;

    public DateTimeOffset FirstStartedAt => Tries.FirstStartedAt;

    public ImmutableList<UnitCompacted> Units => Tries.Units;
}

/// <summary>A compaction was ordered.</summary>
/// <param name="StartedAt">When this attempt began.</param>
/// <param name="Accepted">Whether the member was seen at work on this attempt; if it then knows nothing of it, it has restarted.</param>
/// <param name="Later">Units that are left for another attempt, because they do not fit in what is left of the window.</param>
public abstract record OrderedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries,
    DateTimeOffset StartedAt,
    bool Accepted,
    IReadOnlyList<StorageUnit> Later) : StartedStep(Step, Checks, Tries)
{
    /// <summary>How far the attempt was when it was first seen, 0 to 1.</summary>
    public double AcceptedAt { get; init; }

    /// <summary>Whether it has come further since.</summary>
    public bool Advanced { get; init; }

    /// <summary>The job that the member has begun for the attempt; null before, and where the ticket is enough to find it again.</summary>
    public JobId? Job { get; init; }

    /// <summary>Sizes of units that differed from those of the plan when the attempt began.</summary>
    public IReadOnlyList<UnitSize> Measured { get; init; } = [];
}

/// <summary>A compaction is to run to its end.</summary>
public sealed record CompactingStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries,
    DateTimeOffset StartedAt,
    bool Accepted,
    IReadOnlyList<StorageUnit> Later) : OrderedStep(Step, Checks, Tries, StartedAt, Accepted, Later);

/// <summary>A compaction is to stop at its next checkpoint.</summary>
/// <param name="Reason">Why.</param>
public sealed record PausingStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries,
    DateTimeOffset StartedAt,
    bool Accepted,
    IReadOnlyList<StorageUnit> Later,
    string Reason) : OrderedStep(Step, Checks, Tries, StartedAt, Accepted, Later);

/// <summary>All units are compacted; the member's files are checked, and its copies compared with the other members'.</summary>
/// <param name="StartedAt">When the verification began.</param>
public sealed record VerifyingStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries,
    DateTimeOffset StartedAt) : StartedStep(Step, Checks, Tries);

/// <summary>
/// A step-down was ordered: by a step of its own, or ahead of a compaction whose member has become primary since the
/// plan was made.
/// </summary>
public sealed record SteppingDownStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries,
    string ExpectedPrimary,
    string To,
    DateTimeOffset OrderedAt) : StartedStep(Step, Checks, Tries);

/// <summary>Between two attempts.</summary>
/// <param name="Reason">Why the last attempt failed; empty if none did.</param>
public sealed record RetryingStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries,
    string Reason,
    DateTimeOffset NotBefore) : StartedStep(Step, Checks, Tries);

/// <summary>Stopped at a checkpoint; another attempt goes on from there.</summary>
/// <param name="Reason">Why it was stopped.</param>
public sealed record PausedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    StepTries Tries,
    string Reason,
    DateTimeOffset Since) : StartedStep(Step, Checks, Tries);

/// <summary>Nothing is left to do.</summary>
public abstract record FinishedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    DateTimeOffset FinishedAt) : StepState(Step, Checks);

/// <summary>The member was compacted.</summary>
public sealed record CompactedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    ImmutableList<UnitCompacted> Units) : FinishedStep(Step, Checks, FinishedAt);

/// <summary>The primary has moved.</summary>
public sealed record SteppedDownStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    string NewPrimary,
    long Term) : FinishedStep(Step, Checks, FinishedAt);

/// <summary>The step was not needed, or left out by the failure policy.</summary>
public sealed record SkippedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    string Reason,
    DateTimeOffset? StartedAt,
    DateTimeOffset FinishedAt) : FinishedStep(Step, Checks, FinishedAt);

/// <summary>The step was given up.</summary>
public sealed record FailedStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset? StartedAt,
    ImmutableList<UnitCompacted> Units,
    string Reason,
    DateTimeOffset FinishedAt) : FinishedStep(Step, Checks, FinishedAt)
{
    /// <summary>Whether members of its replica set were found to hold different documents.</summary>
    public bool MembersDiffer { get; init; }
}

/// <summary>The step was begun, and ended with its run before it was done.</summary>
public sealed record CancelledStep(
    PlanStep Step,
    ImmutableSortedDictionary<string, RecordedCheck> Checks,
    int Attempt,
    DateTimeOffset StartedAt,
    ImmutableList<UnitCompacted> Units,
    string Reason,
    DateTimeOffset FinishedAt) : FinishedStep(Step, Checks, FinishedAt);
