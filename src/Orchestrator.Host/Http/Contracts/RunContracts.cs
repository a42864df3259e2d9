namespace Orchestrator.Host.Http.Contracts;

/// <summary>All runs that the supervisor remembers, newest first.</summary>
public sealed record RunListDto(IReadOnlyList<RunDto> Runs);

/// <summary>A run: the execution of one plan.</summary>
/// <param name="State">One of planned, running, completed, completed-with-skips, failed.</param>
/// <param name="Reason">Why it waits or has failed; empty otherwise.</param>
/// <param name="BytesFreed">Bytes freed so far.</param>
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
    PlanDto Plan);

/// <summary>One step of a run; sizes in bytes.</summary>
/// <param name="Kind"><c>compact</c> or <c>step-down</c>.</param>
/// <param name="State">One of pending, waiting, running, completed, skipped, failed.</param>
/// <param name="Reason">Why it waits, was skipped or has failed, else why it is planned.</param>
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
    DateTimeOffset? FinishedAt);

/// <summary>A recorded event of a run: the data of a server-sent event whose id is its sequence.</summary>
/// <param name="Sequence">Number in the run's history, from 1 without gaps.</param>
/// <param name="Type">For example <c>step-started</c>; also the name of the server-sent event.</param>
/// <param name="Message">The event as a sentence.</param>
/// <param name="Step">Number of the step it belongs to; null if none.</param>
/// <param name="Check">Of <c>check-evaluated</c>: the verdict.</param>
/// <param name="StateChange">Of <c>node-state-recorded</c>: the change.</param>
/// <param name="Units">Of <c>member-compacted</c>: what was done.</param>
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
public sealed record CheckDto(string Check, bool Passed, string Message);

/// <summary>Data of the server-sent event <c>progress</c>, which has no id and is not part of the history.</summary>
public sealed record RunProgressDto(string State, string Reason, long BytesFreed, IReadOnlyList<StepProgressDto> Steps);

/// <param name="Fraction">0 to 1.</param>
public sealed record StepProgressDto(int Number, string Kind, string Node, string State, string Reason, double Fraction, long BytesFreed);
