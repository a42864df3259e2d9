using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Schedules;

/// <summary>Asks for <see cref="ScheduleList"/>.</summary>
public sealed record ListSchedules : ISupervisorRequest;

/// <summary>All configured schedules.</summary>
public sealed record ScheduleList(IReadOnlyList<ScheduleView> Schedules);

/// <summary>A schedule as people look at it.</summary>
/// <param name="Clusters">Names or patterns of the clusters that it covers.</param>
/// <param name="Rules">What makes a unit due, in words.</param>
/// <param name="Windows">Its windows, in words.</param>
/// <param name="Status">What it does now, in one sentence.</param>
/// <param name="NextOpenings">The next times at which its windows open, soonest first.</param>
/// <param name="LastRun">Id of the last run that it started; empty for none.</param>
public sealed record ScheduleView(
    string Name,
    bool Enabled,
    IReadOnlyList<string> Clusters,
    IReadOnlyList<string> Rules,
    IReadOnlyList<string> Windows,
    string Status,
    IReadOnlyList<DateTimeOffset> NextOpenings,
    string LastRun,
    DateTimeOffset? LastRunAt);
