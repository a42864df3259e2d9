namespace Orchestrator.Host.Http.Contracts;

/// <summary>Runs that the supervisor remembers, newest first.</summary>
public sealed record RunListDto(IReadOnlyList<RunSummaryDto> Runs)
{
    /// <summary>What to give as <c>after</c> for the next page; null at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>A run in a list: without its plan and its steps.</summary>
/// <param name="State">
/// One of planned, waiting, running, pausing, paused, cancelling, cancelled, completed, completed-with-skips, failed.
/// </param>
/// <param name="Reason">Why it waits, was paused or cancelled, or has failed; empty otherwise.</param>
/// <param name="BytesFreed">Bytes freed so far.</param>
public record RunSummaryDto(
    string Id,
    string Cluster,
    string State,
    string Reason,
    string Comment,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    long BytesFreed)
{
    /// <summary>Who started it; null if authentication was off and the caller gave no name.</summary>
    public string? By { get; init; }

    /// <summary>Name of the schedule that started it; null for a run started by hand.</summary>
    public string? Schedule { get; init; }

    /// <summary>Name of the maintenance window that it keeps to; null for any time.</summary>
    public string? Window { get; init; }

    /// <summary>Whether it waits, or has waited, for somebody else's approval.</summary>
    public bool NeedsApproval { get; init; }

    /// <summary>Who has approved the plan; null if nobody has or had to.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>While it waits: <c>approval</c>, or the names of the checks that fail, separated by commas; else null.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>Since when it is in its state.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Present limit of the copying rate of each member; 0 is unlimited.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>Bytes that the plan expected to free.</summary>
    public long EstimatedBytesFreed { get; init; }

    /// <summary>How far each replica set is, in the plan's order.</summary>
    public IReadOnlyList<ReplicaSetProgressDto> ReplicaSets { get; init; } = [];
}

/// <summary>A run: the execution of one plan.</summary>
public sealed record RunDto(
    string Id,
    string Cluster,
    string State,
    string Reason,
    string Comment,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    long BytesFreed,
    IReadOnlyList<StepDto> Steps,
    PlanDto Plan)
    : RunSummaryDto(Id, Cluster, State, Reason, Comment, CreatedAt, FinishedAt, BytesFreed);

/// <summary>How far a run is in one replica set.</summary>
/// <param name="State">One of pending, waiting, running, paused, completed, failed.</param>
/// <param name="StepsDone">Steps in which nothing is left to do.</param>
/// <param name="Fraction">0 to 1 over all steps.</param>
public sealed record ReplicaSetProgressDto(string ReplicaSet, string State, int StepsDone, int StepsTotal, double Fraction, long BytesFreed);

/// <summary>One step of a run; sizes in bytes.</summary>
/// <param name="Kind"><c>compact</c> or <c>step-down</c>.</param>
/// <param name="State">One of pending, waiting, running, pausing, paused, completed, skipped, cancelled, failed.</param>
/// <param name="Reason">Why it waits, is paused, was skipped or has failed, else why it is planned.</param>
/// <param name="Fraction">Progress, 0 to 1.</param>
/// <param name="NewPrimary">After a step-down: who is primary now; else null.</param>
public sealed record StepDto(
    int Number,
    string ReplicaSet,
    string Kind,
    string Node,
    string State,
    string Reason,
    int Attempt,
    double Fraction,
    long BytesBefore,
    long BytesAfter,
    long BytesFreed,
    string? NewPrimary,
    IReadOnlyList<UnitCompactedDto> Units,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt)
{
    /// <summary>Bytes that the plan expected to free.</summary>
    public long EstimatedBytesFreed { get; init; }

    /// <summary>Time that the plan expected the compaction to take.</summary>
    public double EstimatedDurationSeconds { get; init; }

    /// <summary>Time that the units compacted so far have taken, waits not counted.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>What the member tells of its work, while the step runs or is paused; else null.</summary>
    public ProgressDto? Progress { get; init; }

    /// <summary>The last verdict of each check, with the values seen, until the step is finished.</summary>
    public IReadOnlyList<RecordedCheckDto> Checks { get; init; } = [];
}

/// <summary>A check as it was last recorded.</summary>
/// <param name="Passed">Left out where the engine does not tell what the check asks: it has neither passed nor failed, and stops nothing.</param>
/// <param name="Since">Since when this verdict stands.</param>
public sealed record RecordedCheckDto(string Check, bool? Passed, string Message, DateTimeOffset Since);

/// <summary>A recorded event of a run: the data of a server-sent event whose id is its sequence.</summary>
/// <param name="Sequence">Number in the run's history, from 1 without gaps.</param>
/// <param name="Type">For example <c>step-started</c>; also the name of the server-sent event.</param>
/// <param name="Message">The event as a sentence.</param>
/// <param name="Step">Number of the step it belongs to; null if none.</param>
/// <param name="Check">Of <c>check-evaluated</c>: the verdict.</param>
/// <param name="StateChange">Of <c>node-state-recorded</c>: the change.</param>
/// <param name="Units">Of <c>member-compacted</c>, and of others that end an attempt: what was done.</param>
public sealed record RunEventDto(
    long Sequence,
    string Type,
    DateTimeOffset At,
    string Message,
    int? Step,
    CheckDto? Check,
    StateChangeDto? StateChange,
    IReadOnlyList<UnitCompactedDto>? Units);

/// <summary>The verdict of a named check with the values seen.</summary>
/// <param name="Passed">Left out where the engine does not tell what the check asks: it has neither passed nor failed, and stops nothing.</param>
public sealed record CheckDto(string Check, bool? Passed, string Message);

/// <summary>Data of the server-sent event <c>progress</c>, which has no id and is not part of the history.</summary>
public sealed record RunProgressDto(string State, string Reason, long BytesFreed, IReadOnlyList<StepProgressDto> Steps);

/// <param name="Fraction">0 to 1.</param>
public sealed record StepProgressDto(int Number, string Kind, string Node, string State, string Reason, double Fraction, long BytesFreed)
{
    /// <summary>What the member tells of its work, while the step runs or is paused; else null.</summary>
    public ProgressDto? Progress { get; init; }
}
