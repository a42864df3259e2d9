using System.Collections.Immutable;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Schedules;

/// <summary>Where schedules stand, and what the last compaction of each unit gave, whoever started it.</summary>
/// <param name="Schedules">By name; a schedule that has never done anything is missing.</param>
/// <param name="Units">The last compaction of each unit on each node, bounded by <see cref="MaxUnits"/>.</param>
/// <param name="Noted">Steps whose results are in <paramref name="Units"/>, by run, of runs that are still at work.</param>
public sealed record ScheduleState(
    ImmutableDictionary<string, ScheduleProgress> Schedules,
    ImmutableDictionary<UnitKey, UnitHistory> Units,
    ImmutableDictionary<string, ImmutableHashSet<int>> Noted)
{
    /// <summary>Units whose last compaction is remembered; the oldest are forgotten.</summary>
    public const int MaxUnits = 50_000;

    /// <summary>Before the first event.</summary>
    public static ScheduleState Initial { get; } = new(
        ImmutableDictionary.Create<string, ScheduleProgress>(StringComparer.Ordinal),
        ImmutableDictionary<UnitKey, UnitHistory>.Empty,
        ImmutableDictionary.Create<string, ImmutableHashSet<int>>(StringComparer.Ordinal));

    /// <summary>Where a schedule stands.</summary>
    public ScheduleProgress Of(string schedule) => Schedules.GetValueOrDefault(schedule, IdleSchedule.Fresh);

    /// <summary>The last compaction of a unit; null if none is remembered.</summary>
    public UnitHistory? Of(string cluster, string node, StorageUnit unit) => Units.GetValueOrDefault(new UnitKey(cluster, node, unit));
}

/// <summary>Names a unit on a node.</summary>
public readonly record struct UnitKey(string Cluster, string Node, StorageUnit Unit);

/// <summary>The last compaction of a unit.</summary>
/// <param name="Meagre">How many in a row, this one last, freed next to nothing.</param>
public sealed record UnitHistory(string RunId, DateTimeOffset At, string Outcome, UnitResult Result, int Meagre);

/// <summary>Where one schedule stands.</summary>
/// <param name="Starts">When it started its last runs, oldest first; bounded.</param>
/// <param name="LastRun">Id of the last run that it started; empty for none.</param>
/// <param name="Opening">The last opening of its windows in which it could work.</param>
public abstract record ScheduleProgress(ImmutableList<DateTimeOffset> Starts, string LastRun, EnteredOpening Opening);

/// <summary>None of its runs is at work.</summary>
/// <param name="LastEndedAt">When the last one ended; far in the past for none.</param>
public sealed record IdleSchedule(ImmutableList<DateTimeOffset> Starts, string LastRun, EnteredOpening Opening, DateTimeOffset LastEndedAt)
    : ScheduleProgress(Starts, LastRun, Opening)
{
    /// <summary>A schedule that has never done anything.</summary>
    public static IdleSchedule Fresh { get; } = new([], "", EnteredOpening.None, DateTimeOffset.UnixEpoch);
}

/// <summary>Its last run is at work, or about to be.</summary>
public sealed record BusySchedule(ImmutableList<DateTimeOffset> Starts, string LastRun, EnteredOpening Opening, string Cluster, DateTimeOffset StartedAt)
    : ScheduleProgress(Starts, LastRun, Opening);

/// <summary>An opening of a schedule's windows.</summary>
/// <param name="OpenedAt">Far in the past before the first.</param>
/// <param name="ClosesAt">Null if never.</param>
/// <param name="Missed">Openings before it in which the schedule could do nothing.</param>
public sealed record EnteredOpening(DateTimeOffset OpenedAt, DateTimeOffset? ClosesAt, int Missed)
{
    public static EnteredOpening None { get; } = new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0);
}
