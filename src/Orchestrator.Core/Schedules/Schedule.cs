using Orchestrator.Core.Planning;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Schedules;

/// <summary>When the orchestrator compacts by itself, and what.</summary>
/// <param name="Name">Also the beginning of its runs' ids: 1 to 40 letters, digits, '-' and '_'.</param>
/// <param name="Enabled">Whether it starts anything.</param>
/// <param name="Scope">Which units it covers.</param>
/// <param name="Windows">When its runs may work.</param>
/// <param name="Rules">What makes a unit due.</param>
/// <param name="Pacing">How much it does, and how often.</param>
/// <param name="NeedsApproval">Whether each of its runs waits for a person.</param>
public sealed record Schedule(
    string Name,
    bool Enabled,
    ScheduleScope Scope,
    WindowCalendar Windows,
    ScheduleRules Rules,
    SchedulePacing Pacing,
    bool NeedsApproval)
{
    /// <summary>Compaction mode of its runs; empty takes the engine's default.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Whether its runs verify each member after its compaction.</summary>
    public bool Verify { get; init; }

    /// <summary>What its runs do when a step has failed after all its retries.</summary>
    public FailurePolicy OnFailure { get; init; } = FailurePolicy.Stop;

    /// <summary>Limit of the copying rate of each member in its runs; 0 is unlimited.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>How it appears as the one who starts runs.</summary>
    public string Author => $"schedule {Name}";
}

/// <summary>Which units a schedule covers. Patterns have <c>*</c> for any text and <c>?</c> for one character; an empty list covers all.</summary>
/// <param name="Engines">Names of engines.</param>
/// <param name="Clusters">Patterns of clusters' names.</param>
/// <param name="Databases">Patterns of databases' names.</param>
/// <param name="Collections">Patterns of collections' names, plain or as <c>database/collection</c>.</param>
public sealed record ScheduleScope(
    IReadOnlyList<string> Engines,
    IReadOnlyList<string> Clusters,
    IReadOnlyList<string> Databases,
    IReadOnlyList<string> Collections)
{
    public static ScheduleScope Everything { get; } = new([], [], [], []);

    public bool CoversCluster(string cluster, string engine) =>
        (Engines.Count == 0 || Engines.Contains(engine)) && NamePattern.AnyMatches(Clusters, cluster);

    /// <summary>Whether a collection is covered; the collection is empty where a unit is larger than one.</summary>
    public bool CoversCollection(string database, string collection) =>
        (database.Length == 0 || NamePattern.AnyMatches(Databases, database))
        && (collection.Length == 0 || Collections.Count == 0
            || Collections.Any(pattern => NamePattern.Matches(pattern, pattern.Contains('/', StringComparison.Ordinal) ? $"{database}/{collection}" : collection)));
}

/// <summary>
/// What makes a unit due. <see cref="Match"/> says whether all of the first four and <see cref="QuotaUsedAbove"/> must hold, or one; the
/// back-off comes on top.
/// </summary>
/// <param name="MinReclaimableBytes">It would free at least so much; 0: anything.</param>
/// <param name="MinFragmentation">At least this share of its files is free space; 0 to 1, 0: any.</param>
/// <param name="DiskUsedAbove">More than this share of its member's disk is used; 0 to 1, 0: any.</param>
/// <param name="TimeSinceLast">Its last compaction was at least so long ago; zero: at any time.</param>
/// <param name="BackOff">
/// Wait after a compaction that freed next to nothing; doubles with each such one that follows, up to <see cref="MaxBackOff"/>.
/// Zero: none.
/// </param>
public sealed record ScheduleRules(
    long MinReclaimableBytes,
    double MinFragmentation,
    double DiskUsedAbove,
    TimeSpan TimeSinceLast,
    TimeSpan BackOff,
    TimeSpan MaxBackOff)
{
    /// <summary>Whether every rule must hold or one is enough. A rule that is switched off (0) is none of them.</summary>
    public RuleMatch Match { get; init; } = RuleMatch.All;

    /// <summary>It takes more than this share of its member's storage quota; 0 to 1, 0: any.</summary>
    public double QuotaUsedAbove { get; init; }

    /// <summary>A compaction that freed less than this share of what was expected has freed next to nothing.</summary>
    public const double NextToNothing = 0.1;

    /// <summary>What is sensible where nobody has said anything else.</summary>
    public static ScheduleRules Default { get; } = new(
        64L << 20, 0.2, 0, TimeSpan.FromHours(6), TimeSpan.FromDays(1), TimeSpan.FromDays(30));

    /// <summary>No rule but the back-off: what is not written down does not make a unit due where one rule is enough.</summary>
    public static ScheduleRules Bare { get; } = Default with
    {
        MinReclaimableBytes = 0,
        MinFragmentation = 0,
        TimeSinceLast = TimeSpan.Zero,
        Match = RuleMatch.Any,
    };

    /// <summary>Whether there is any rule beside the back-off.</summary>
    public bool AnyRule => MinReclaimableBytes > 0 || MinFragmentation > 0 || DiskUsedAbove > 0 || QuotaUsedAbove > 0 || TimeSinceLast > TimeSpan.Zero;

    /// <summary>The wait after so many compactions in a row that freed next to nothing.</summary>
    public TimeSpan BackOffAfter(int meagre) => meagre <= 0 || BackOff == TimeSpan.Zero
        ? TimeSpan.Zero
        : TimeSpan.FromTicks((long)Math.Min(BackOff.Ticks * Math.Pow(2, Math.Min(meagre - 1, 30)), MaxBackOff.Ticks));
}

/// <summary>How rules are joined.</summary>
public enum RuleMatch
{
    /// <summary>Every rule must hold.</summary>
    All,

    /// <summary>One rule that holds is enough.</summary>
    Any,
}

/// <summary>How much a schedule does, and how often. Its runs follow one another; two are never at work together.</summary>
/// <param name="LookInterval">How often it looks for due units; at least a second.</param>
/// <param name="MinPause">Pause between the end of a run and the start of the next.</param>
/// <param name="MaxRunsPerWindow">Runs begun in one opening of its windows; 0: any number.</param>
/// <param name="MaxRunsPerDay">Runs begun in any 24 hours; 0: any number.</param>
/// <param name="MaxCollectionsPerRun">Collections in one run, the largest gain first; 0: all that are due.</param>
/// <param name="MaxParallelReplicaSets">Replica sets at work at the same time; at least 1.</param>
/// <param name="MissedWindow">What happens after an opening in which it could do nothing.</param>
public sealed record SchedulePacing(
    TimeSpan LookInterval,
    TimeSpan MinPause,
    int MaxRunsPerWindow,
    int MaxRunsPerDay,
    int MaxCollectionsPerRun,
    int MaxParallelReplicaSets,
    MissedWindowPolicy MissedWindow)
{
    public static SchedulePacing Default { get; } = new(
        TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(10), 0, 0, 20, 1, MissedWindowPolicy.Skip);
}

/// <summary>
/// What happens after an opening in which a schedule could do nothing, because no supervisor ran or everything was frozen.
/// Runs never work outside of the windows for it.
/// </summary>
public enum MissedWindowPolicy
{
    /// <summary>The next opening is like any other.</summary>
    Skip,

    /// <summary>In the next opening twice as many runs may be begun.</summary>
    CatchUp,
}
