using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules;

/// <summary>What schedules are told. Time comes in as <paramref name="Now"/>, by the supervisor's clock.</summary>
public abstract record ScheduleCommand(DateTimeOffset Now);

/// <summary>Time passed. Idempotent: sent on every tick.</summary>
/// <param name="Frozen">Whether all its clusters are frozen, so that it can do nothing.</param>
public sealed record NoteWindow(Schedule Schedule, bool Frozen, DateTimeOffset Now) : ScheduleCommand(Now);

/// <summary>Look for due units and start a run if there are any and nothing stands against it.</summary>
/// <param name="Clusters">What the schedule covers, with fresh inventories.</param>
/// <param name="Policy">How cautious plans are.</param>
public sealed record ConsiderSchedule(
    Schedule Schedule, IReadOnlyList<ClusterSight> Clusters, CompactionPolicy Policy, DateTimeOffset Now) : ScheduleCommand(Now);

/// <summary>A cluster as a schedule sees it.</summary>
/// <param name="Frozen">Why nothing may start; empty when not frozen.</param>
/// <param name="HeldSets">Replica sets that active runs hold, with the run's id.</param>
public sealed record ClusterSight(ClusterSnapshot Snapshot, string Frozen, IReadOnlyDictionary<string, string> HeldSets);

/// <summary>An active run, whoever started it, tells where it stands. Idempotent.</summary>
/// <param name="Ended">Whether it does nothing more.</param>
public sealed record NoteRun(RunView Run, bool Ended, DateTimeOffset Now) : ScheduleCommand(Now);

/// <summary>A schedule's run could not be started, or is found to have ended.</summary>
/// <param name="Reason">Why, for people.</param>
public sealed record NoteRefusal(string Schedule, string RunId, string Reason, DateTimeOffset Now) : ScheduleCommand(Now);

/// <summary>Something to do once the events of a decision are stored. Doing it twice does no harm.</summary>
public abstract record ScheduleEffect;

/// <summary>Start the run; what the schedule is answered with other than the run comes back as <see cref="NoteRefusal"/>.</summary>
public sealed record StartScheduledRun(string Schedule, StartRun Start) : ScheduleEffect;

/// <summary>What a schedule does, in one sentence.</summary>
public sealed record ScheduleVerdict(string Sentence)
{
    /// <summary>
    /// Clusters for which its runs cannot be planned as it is configured, with the reason, which nobody could know at start; null if it has
    /// not looked.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Refused { get; init; }

    /// <summary>Nothing to say.</summary>
    public static ScheduleVerdict None { get; } = new("");
}
