using Orchestrator.Core.Schedules;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Web.Parts;

/// <summary>What a schedule's next run in a window is expected to take: what its last completed one took.</summary>
/// <param name="Worked">Time within the window's openings.</param>
internal sealed record ExpectedRun(ScheduleView Schedule, RunSummaryDto Last, TimeSpan Worked)
{
    /// <summary>Said where it does not fit into an opening.</summary>
    public string? Warning(TimeSpan opening) => Worked <= opening
        ? null
        : $"Schedule {Schedule.Name} cannot finish in one opening at the speed seen: its run {Last.Id} worked for {Human.Duration(Worked)}, the window opens next for {Human.Duration(opening)}.";
}

/// <summary>The runs that keep to one window.</summary>
internal sealed class WindowRuns
{
    private readonly List<ScheduleView> _schedules;
    private readonly WindowCalendar _calendar;

    public WindowRuns(MaintenanceWindow window, IEnumerable<ScheduleView> schedules, IEnumerable<RunSummaryDto> runs)
    {
        _calendar = new WindowCalendar([window]);
        var words = window.ToString();
        _schedules = [.. schedules.Where(schedule => schedule.Windows.Contains(words))];
        Runs = [.. runs.Where(run => run.Window == window.Name || _schedules.Exists(schedule => schedule.Name == run.Schedule))];
    }

    /// <summary>In the order in which they were given.</summary>
    public IReadOnlyList<RunSummaryDto> Runs { get; }

    /// <summary>For each schedule that is on and of which a run was completed.</summary>
    public IReadOnlyList<ExpectedRun> Expected =>
    [
        .. from schedule in _schedules
           where schedule.Enabled
           let last = Runs.Where(run => run.Schedule == schedule.Name && run is { State: "completed", FinishedAt: not null }).MaxBy(run => run.FinishedAt)
           where last is not null
           select new ExpectedRun(schedule, last, Open(last.CreatedAt, last.FinishedAt!.Value)),
    ];

    /// <summary>How long the window was open between two times.</summary>
    private TimeSpan Open(DateTimeOffset from, DateTimeOffset to)
    {
        var open = TimeSpan.Zero;
        for (var at = from; at < to;)
        {
            var status = _calendar.StatusAt(at);
            var next = (status.Open ? status.ClosesAt : status.OpensAt) is { } change && change < to ? change : to;
            open += status.Open ? next - at : TimeSpan.Zero;
            at = next;
        }

        return open;
    }
}
