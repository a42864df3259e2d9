using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Schedules;

/// <summary>Asks for <see cref="ScheduleList"/>.</summary>
public sealed record ListSchedules : ISupervisorRequest
{
    /// <summary>The clusters that the asker may see; null: all of them. Schedules that cover none of these are left out, and nothing is said of others.</summary>
    public IReadOnlyList<string>? Clusters { get; init; }
}

/// <summary>Configured schedules.</summary>
public sealed record ScheduleList(IReadOnlyList<ScheduleView> Schedules)
{
    /// <summary>Names of all configured maintenance windows, of which runs can name one.</summary>
    public IReadOnlyList<string> Windows { get; init; } = [];
}

/// <summary>A schedule as people look at it.</summary>
/// <param name="Clusters">Names or patterns of the clusters that it covers; for who may not see all clusters, the names of those that he may see.</param>
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
    DateTimeOffset? LastRunAt)
{
    /// <summary>What its next run is expected to take; null while none of its runs that the asker may see was completed.</summary>
    public ExpectedRun? Expected { get; init; }

    /// <summary>Said where its next run is expected not to fit into the next opening; empty otherwise.</summary>
    public string Warning { get; init; } = "";
}
