using System.Text.Json.Serialization;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Schedules;

/// <summary>A fact about schedules, or about what compactions of units gave. Stored in the supervisor's journal.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(WindowEntered), "window-entered")]
[JsonDerivedType(typeof(ScheduledRunStarted), "scheduled-run-started")]
[JsonDerivedType(typeof(ScheduledRunEnded), "scheduled-run-ended")]
[JsonDerivedType(typeof(UnitsCompacted), "units-compacted")]
[JsonDerivedType(typeof(UnitsRemembered), "units-remembered")]
[JsonDerivedType(typeof(StepsNoted), "steps-noted")]
public abstract record ScheduleEvent(DateTimeOffset At);

/// <summary>A schedule found its windows open, for the first time in this opening.</summary>
/// <param name="OpenedAt">Since when they are open.</param>
/// <param name="ClosesAt">Until when; null if for ever.</param>
/// <param name="Missed">Openings since the last one in which the schedule could do nothing.</param>
public sealed record WindowEntered(string Schedule, DateTimeOffset OpenedAt, DateTimeOffset? ClosesAt, int Missed, DateTimeOffset At)
    : ScheduleEvent(At);

/// <summary>A schedule decided to start a run.</summary>
/// <param name="Collections">How many collections, databases or nodes it covers.</param>
/// <param name="BytesExpected">What it is expected to free.</param>
public sealed record ScheduledRunStarted(
    string Schedule, string Cluster, string RunId, int Collections, long BytesExpected, DateTimeOffset At) : ScheduleEvent(At);

/// <summary>A schedule's run has ended, or never came to be.</summary>
/// <param name="Outcome">For people.</param>
public sealed record ScheduledRunEnded(string Schedule, string RunId, string Outcome, DateTimeOffset At) : ScheduleEvent(At);

/// <summary>A step of a run, whoever started it, compacted units of a member.</summary>
/// <param name="Step">Number of the step; noted once.</param>
/// <param name="Outcome">How the step ended, for people.</param>
public sealed record UnitsCompacted(
    string Cluster, string RunId, int Step, string Node, string Outcome, IReadOnlyList<UnitResult> Units, DateTimeOffset At) : ScheduleEvent(At);

/// <summary>What is remembered of units, in a snapshot.</summary>
/// <param name="Meagre">How many of their compactions in a row freed next to nothing.</param>
public sealed record UnitsRemembered(
    string Cluster, string RunId, string Node, string Outcome, int Meagre, IReadOnlyList<UnitResult> Units, DateTimeOffset At) : ScheduleEvent(At);

/// <summary>The steps of a run at work whose results are known, in a snapshot.</summary>
public sealed record StepsNoted(string RunId, IReadOnlyList<int> Steps, DateTimeOffset At) : ScheduleEvent(At);

/// <summary>What compacting one unit gave.</summary>
/// <param name="BytesExpected">From the plan's estimate.</param>
/// <param name="BytesFreed">Negative if the files grew.</param>
public sealed record UnitResult(StorageUnit Unit, long BytesExpected, long BytesFreed, TimeSpan Duration)
{
    /// <summary>Length of the unit's files afterwards; null where it is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? FileBytesAfter { get; init; }
}
