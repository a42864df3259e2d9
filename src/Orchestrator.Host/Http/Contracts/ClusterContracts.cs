namespace Orchestrator.Host.Http.Contracts;

/// <summary>The clusters that the supervisor knows, by name.</summary>
public sealed record ClusterListDto(IReadOnlyList<ClusterDto> Clusters)
{
    /// <summary>What to give as <c>after</c> for the next page; null at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>A cluster as last observed.</summary>
/// <param name="Epoch">Number of the supervisor's reign.</param>
/// <param name="SupervisorNode">Remoting address of the process that hosts the supervisor.</param>
/// <param name="ActiveRun">Id of the run at work on it; null if none.</param>
public sealed record ClusterDto(
    string Name,
    string Engine,
    long Epoch,
    string SupervisorNode,
    string? ActiveRun,
    IReadOnlyList<ReplicaSetDto> ReplicaSets)
{
    /// <summary>Why the supervisor cannot look after its members; absent where it can.</summary>
    public string? Trouble { get; init; }
}

/// <summary>A replica set as last observed.</summary>
/// <param name="Term">Present term; 0 before the first appointment.</param>
/// <param name="Primary">The appointed primary; null before the first appointment.</param>
public sealed record ReplicaSetDto(string Name, long Term, string? Primary, IReadOnlyList<MemberDto> Members)
{
    /// <summary>Why it does not work as it should, since when, what still works and what to do; null if nothing is known.</summary>
    public string? Trouble { get; init; }
}

/// <summary>A member as last observed.</summary>
/// <param name="Observed">Whether it was ever observed.</param>
/// <param name="Address">Base URL of its HTTP server; empty until it was observed.</param>
/// <param name="State">One of online, compacting, recovering, offline, stepping-down, unreachable, failed.</param>
/// <param name="Reason">Why it is in that state; empty when online.</param>
/// <param name="Role">One of primary, secondary, arbiter, learner.</param>
/// <param name="Term">The term of the appointment that it follows; 0 before the first.</param>
/// <param name="PromisedTerm">The highest term that it has promised.</param>
/// <param name="LagChanges">Changes that the primary has and the member has not.</param>
/// <param name="LagSeconds">Time since it last had everything that the primary had, in seconds.</param>
/// <param name="History">Latest changes of state, oldest first.</param>
public sealed record MemberDto(
    string Node,
    bool Observed,
    string Address,
    string State,
    string Reason,
    string Role,
    long Term,
    long PromisedTerm,
    long LagChanges,
    double LagSeconds,
    IReadOnlyList<PositionDto> Positions,
    IReadOnlyList<CompactionDto> Compactions,
    IReadOnlyList<StateChangeDto> History,
    DateTimeOffset ObservedAt)
{
    /// <summary>Free bytes of the file system that holds its data; absent where its engine does not tell.</summary>
    public long? DiskFreeBytes { get; init; }

    /// <summary>Size of that file system in bytes; absent where its engine does not tell.</summary>
    public long? DiskTotalBytes { get; init; }

    /// <summary>Version of the database software; absent where it is unknown.</summary>
    public string? Version { get; init; }

    /// <summary>Alarms that stand on the member, by its engine's names, for example NOSPACE.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>Most bytes that its storage may take; absent where there is no limit or it is unknown.</summary>
    public long? QuotaBytes { get; init; }

    /// <summary>Collections that the member cannot serve, for example since a file is damaged; it goes on serving the others.</summary>
    public IReadOnlyList<FailedCollectionDto> FailedCollections { get; init; } = [];
}

/// <summary>A collection that a member cannot serve.</summary>
/// <param name="Reason">Why, with the file's name.</param>
public sealed record FailedCollectionDto(string Database, string Collection, string Reason);

/// <summary>How far a member has one collection's change feed on disk.</summary>
public sealed record PositionDto(string Database, string Collection, long Term, long Sequence);

/// <summary>A running or lately finished compaction of a member.</summary>
/// <param name="Status">One of running, succeeded, paused, failed.</param>
/// <param name="Progress">While it runs, and where it was paused; else null.</param>
/// <param name="Reason">Why it failed; else null.</param>
public sealed record CompactionDto(
    string RunId,
    int Step,
    int Attempt,
    string Status,
    ProgressDto? Progress,
    string? Reason,
    IReadOnlyList<UnitCompactedDto> Units);

/// <summary>Progress of a member's compaction.</summary>
/// <param name="Fraction">0 to 1 over all units and stages.</param>
public sealed record ProgressDto(
    string Unit,
    string Stage,
    double Fraction,
    int UnitsDone,
    int UnitsTotal,
    long BytesCopied,
    double BytesPerSecond)
{
    /// <summary>Expected time until the unit's end; absent while it is unknown.</summary>
    public double? RemainingSeconds { get; init; }

    /// <summary>Rows of the stage that are done.</summary>
    public long RowsDone { get; init; }

    /// <summary>Rows of the stage.</summary>
    public long RowsTotal { get; init; }

    /// <summary>Longest time so far that writes were kept waiting.</summary>
    public double LongestWritePauseSeconds { get; init; }
}

/// <summary>A member went from one state to another.</summary>
public sealed record StateChangeDto(string Node, string From, string To, string Reason, DateTimeOffset At);

/// <summary>What compacting one unit did; sizes in bytes.</summary>
/// <param name="Unit"><c>database/collection</c> or <c>database/collection#index</c>.</param>
public sealed record UnitCompactedDto(
    string Unit,
    long BytesBefore,
    long BytesAfter,
    long BytesFreed,
    long Rows,
    long TombstonesDropped,
    double DurationSeconds,
    double LongestWritePauseSeconds)
{
    /// <summary>What the files occupied on disk; 0 where it is not known.</summary>
    public long PhysicalBytesBefore { get; init; }

    /// <summary>What the files occupy on disk; falls without the length in mode <c>release</c>.</summary>
    public long PhysicalBytesAfter { get; init; }

    /// <summary>Plain size of the live bodies divided by their stored size; 1 where nothing is compressed, absent where it is not known.</summary>
    public double? CompressionRatio { get; init; }

    /// <summary>Time of each stage, in the order of the work.</summary>
    public IReadOnlyList<StageTimeDto> Stages { get; init; } = [];
}

/// <summary>How long one stage took.</summary>
public sealed record StageTimeDto(string Stage, double Seconds);

/// <summary>Orders a planned step-down.</summary>
/// <param name="ExpectedPrimary">Refused unless this member is the primary.</param>
/// <param name="To">The wanted successor; absent lets the supervisor choose the most caught-up secondary.</param>
public sealed record StepDownBody(string ExpectedPrimary, string? To);

/// <summary>The primary has moved.</summary>
public sealed record StepDownDto(string ReplicaSet, string OldPrimary, string NewPrimary, long Term);
