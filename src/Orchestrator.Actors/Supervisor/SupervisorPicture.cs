using System.Collections.Immutable;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Actors.Supervisor;

/// <summary>
/// What the supervisor of this process knows at one moment, for metrics. Published on the event stream every
/// <see cref="SupervisorOptions.PictureInterval"/>, not sent to others: whoever reads it never loads the supervisor.
/// </summary>
/// <param name="StartedAt">When the reign began.</param>
/// <param name="Runs">The runs that it remembers.</param>
/// <param name="LastLooks">When each schedule last looked for due units in this reign.</param>
public sealed record SupervisorPicture(
    long Epoch,
    DateTimeOffset StartedAt,
    DateTimeOffset At,
    IReadOnlyList<ClusterPicture> Clusters,
    IReadOnlyList<RunView> Runs,
    FreezeState Freezes,
    ScheduleState ScheduleState,
    IReadOnlyDictionary<string, DateTimeOffset> LastLooks)
{
    /// <summary>The configured schedules.</summary>
    public IReadOnlyList<Schedule> Schedules { get; init; } = [];

    /// <summary>The configured windows.</summary>
    public IReadOnlyList<MaintenanceWindow> Windows { get; init; } = [];
}

/// <summary>A cluster in a <see cref="SupervisorPicture"/>.</summary>
/// <param name="Inventories">The last inventory of each member that gave one, by name.</param>
/// <param name="MeasuredAt">When each of them arrived.</param>
public sealed record ClusterPicture(
    ClusterView View, ImmutableDictionary<string, NodeInventory> Inventories, ImmutableDictionary<string, DateTimeOffset> MeasuredAt);

/// <summary>The supervisor of this process has stopped; it may be started again, here or elsewhere. Published on the event stream.</summary>
public sealed record SupervisorEnded
{
    public static SupervisorEnded Instance { get; } = new();
}

/// <summary>Facts of a run of this process's supervisor were stored. Published on the event stream; a recovery repeats none.</summary>
/// <param name="Run">The run after them.</param>
/// <param name="Begun">When the steps began that were at work before them, by number.</param>
public sealed record RunHappened(RunView Run, IReadOnlyList<RunEvent> Events, IReadOnlyDictionary<int, DateTimeOffset> Begun);
