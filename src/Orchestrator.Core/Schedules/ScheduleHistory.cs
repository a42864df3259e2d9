namespace Orchestrator.Core.Schedules;

/// <summary>The shortest history that adds up to a state, for snapshots.</summary>
public static class ScheduleHistory
{
    /// <summary>Folding these with <see cref="ScheduleDecider.Apply"/> from <see cref="ScheduleState.Initial"/> gives an equal state.</summary>
    public static IReadOnlyList<ScheduleEvent> Of(ScheduleState state)
    {
        var events = new List<ScheduleEvent>();
        foreach (var (name, progress) in state.Schedules.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            AddSchedule(events, name, progress);
        }

        events.AddRange(state.Units
            .GroupBy(entry => (entry.Key.Cluster, entry.Key.Node, entry.Value.RunId, entry.Value.At, entry.Value.Outcome, entry.Value.Meagre))
            .OrderBy(group => group.Key.At)
            .ThenBy(group => group.Key.Node, StringComparer.Ordinal)
            .Select(group => new UnitsRemembered(
                group.Key.Cluster, group.Key.RunId, group.Key.Node, group.Key.Outcome, group.Key.Meagre, [.. group.Select(entry => entry.Value.Result)], group.Key.At)));
        events.AddRange(state.Noted
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new StepsNoted(entry.Key, [.. entry.Value.Order()], DateTimeOffset.UnixEpoch)));
        return events;
    }

    private static void AddSchedule(List<ScheduleEvent> events, string name, ScheduleProgress progress)
    {
        var (opening, last) = (progress.Opening, progress.LastRun);
        if (opening != EnteredOpening.None)
        {
            events.Add(new WindowEntered(name, opening.OpenedAt, opening.ClosesAt, opening.Missed, opening.OpenedAt));
        }

        // Only the last run's id is part of the state.
        var cluster = progress is BusySchedule busy ? busy.Cluster : "";
        events.AddRange(progress.Starts.Select(start => new ScheduledRunStarted(name, cluster, last, 0, 0, start)));
        if (progress is IdleSchedule { LastRun.Length: > 0 } idle)
        {
            events.Add(new ScheduledRunEnded(name, last, "", idle.LastEndedAt));
        }
    }
}
