namespace Orchestrator.Host.Http.Contracts;

/// <summary>Why somebody orders something.</summary>
/// <param name="Reason">Free text that appears in the run and in the audit trail.</param>
public sealed record ReasonBody(string? Reason);

/// <summary>Changes the copying rate of a run immediately.</summary>
/// <param name="MaxBytesPerSecond">0 is unlimited.</param>
public sealed record ThrottleBody(long MaxBytesPerSecond);

/// <summary>Switches the kill switch on.</summary>
/// <param name="Cluster">Where; absent for everywhere.</param>
/// <param name="Reason">Why; never empty.</param>
/// <param name="Until">When it ends by itself; absent: only when it is lifted.</param>
public sealed record FreezeBody(string? Cluster, string Reason, DateTimeOffset? Until, bool Replace = false);

/// <summary>The freezes in force, that of everything first, the others by cluster.</summary>
public sealed record FreezeListDto(IReadOnlyList<FreezeDto> Freezes)
{
    /// <summary>What to give as <c>after</c> for the next page; null at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>A freeze: nothing starts while it is in force.</summary>
/// <param name="Cluster">Where; null for everywhere.</param>
/// <param name="By">Who switched it on.</param>
/// <param name="At">Since when.</param>
/// <param name="Until">When it ends by itself; null: only when it is lifted.</param>
public sealed record FreezeDto(string? Cluster, string By, string Reason, DateTimeOffset At, DateTimeOffset? Until);

/// <summary>The configured schedules, by name.</summary>
public sealed record ScheduleListDto(IReadOnlyList<ScheduleDto> Schedules)
{
    /// <summary>What to give as <c>after</c> for the next page; null at the end.</summary>
    public string? Next { get; init; }


    /// <summary>Names of all configured maintenance windows, of which runs can name one.</summary>
    public IReadOnlyList<string> Windows { get; init; } = [];
}

/// <summary>A schedule.</summary>
/// <param name="Clusters">Names or patterns of the clusters that it covers.</param>
/// <param name="Rules">What makes a unit due, in words.</param>
/// <param name="Windows">Its windows, in words.</param>
/// <param name="Status">What it does now, in one sentence.</param>
/// <param name="NextOpenings">The next times at which its windows open, soonest first.</param>
/// <param name="LastRun">Id of the last run that it started; null for none.</param>
public sealed record ScheduleDto(
    string Name,
    bool Enabled,
    IReadOnlyList<string> Clusters,
    IReadOnlyList<string> Rules,
    IReadOnlyList<string> Windows,
    string Status,
    IReadOnlyList<DateTimeOffset> NextOpenings,
    string? LastRun,
    DateTimeOffset? LastRunAt)
{
    /// <summary>What its next run is expected to take; null while none of its runs that the caller may see was completed.</summary>
    public ExpectedRunDto? Expected { get; init; }

    /// <summary>Said where its next run is expected not to fit into the next opening of its windows; null otherwise.</summary>
    public string? Warning { get; init; }
}

/// <summary>What a schedule's next run is expected to take: what its last completed one took.</summary>
/// <param name="RunId">The run that this is known from.</param>
/// <param name="WorkedSeconds">Time from its first step to its end, as far as the schedule's windows were open.</param>
public sealed record ExpectedRunDto(string RunId, double WorkedSeconds);

/// <summary>Why units were compacted, why not since, and what happens next.</summary>
/// <param name="Next">What happens next in the cluster, in one sentence.</param>
public sealed record ExplanationDto(string Cluster, DateTimeOffset At, string Next, IReadOnlyList<UnitExplanationDto> Units);

/// <summary>One unit on one node.</summary>
/// <param name="Unit"><c>database/collection</c> or <c>database/collection#index</c>.</param>
/// <param name="LastCompaction">The last one that is remembered; null if there is none.</param>
/// <param name="ReclaimableBytes">What a compaction is expected to free.</param>
/// <param name="Fragmentation">Reclaimable share of the file, 0 to 1.</param>
/// <param name="WhyNotSince">Why it was not compacted since, in one sentence.</param>
/// <param name="Next">What will happen next, in one sentence.</param>
/// <param name="NextAt">When, where that is known.</param>
public sealed record UnitExplanationDto(
    string Node,
    string Unit,
    LastCompactionDto? LastCompaction,
    long ReclaimableBytes,
    double Fragmentation,
    string WhyNotSince,
    string Next,
    DateTimeOffset? NextAt)
{
    /// <summary>True where <c>reclaimableBytes</c> is about right only: it was measured on some of the documents. Else absent.</summary>
    public bool? Sampled { get; init; }
}

/// <summary>A compaction of one unit on one node.</summary>
public sealed record LastCompactionDto(string RunId, DateTimeOffset At, long BytesFreed, double DurationSeconds, string Outcome)
{
    /// <summary>What the unit's files grew by since, in bytes; negative if they got shorter. Absent where their length afterwards is not known.</summary>
    public long? BytesGrown { get; init; }
}

/// <summary>What people and schedules ordered, in the order of the numbers, or from the highest down, as was asked for.</summary>
/// <param name="Through">The highest number that was looked at, also of an entry that the caller may not see; whoever waits for new entries asks for those after it.</param>
public sealed record AuditDto(IReadOnlyList<AuditEntryDto> Entries, long Through)
{
    /// <summary>Where the next page begins: after this number, or with newest-first before it. Null: there are no more entries in that direction now.</summary>
    public long? Next { get; init; }
}

/// <summary>Somebody ordered something.</summary>
/// <param name="Sequence">From 1, without gaps.</param>
/// <param name="By">Who: a person's or token's name, or <c>schedule NAME</c>.</param>
/// <param name="Action">For example <c>start-run</c>, <c>pause-run</c>, <c>freeze</c>.</param>
/// <param name="Cluster">Where; null for everywhere.</param>
/// <param name="Subject">What it was done to, for example a run's id.</param>
/// <param name="Detail">The rest, for people.</param>
public sealed record AuditEntryDto(
    long Sequence, DateTimeOffset At, string By, string Action, string? Cluster, string Subject, string Detail)
{
    /// <summary><c>accepted</c> or <c>refused</c>; null in entries of older versions, which did not say.</summary>
    public string? Outcome { get; init; }

    /// <summary>Why it was refused; null if it was not.</summary>
    public string? Refusal { get; init; }
}

/// <summary>The members obey this supervisor from now on.</summary>
/// <param name="FormerEpoch">The highest epoch that members obeyed.</param>
/// <param name="Epoch">The present one.</param>
/// <param name="Clusters">Whose members did.</param>
/// <param name="Lost">What only the former journal knew, in sentences.</param>
public sealed record JournalAdoptedDto(long FormerEpoch, long Epoch, IReadOnlyList<string> Clusters, IReadOnlyList<string> Lost);
