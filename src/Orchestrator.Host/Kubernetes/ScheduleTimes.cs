using Orchestrator.Core.Windows;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Kubernetes;

/// <summary>The times of a cron expression in a time zone, by the rules of maintenance windows about summer time.</summary>
internal sealed class ScheduleTimes
{
    private const int Page = 64;

    private readonly WindowCalendar _openings;

    private ScheduleTimes(MaintenanceWindow openings) => _openings = new WindowCalendar([openings]);

    /// <param name="problem">What is wrong; empty if nothing is.</param>
    public static ScheduleTimes? Read(string schedule, string timeZone, out string problem)
    {
        if (schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != 5)
        {
            problem = "spec.schedule: expected the five fields of cron: minute, hour, day of the month, month, day of the week";
            return null;
        }

        var times = CronTimes.Parse(schedule, out problem);
        if (times is null)
        {
            problem = $"spec.schedule: {problem}";
            return null;
        }

        // A time is the opening of a window of a minute; of times without a gap only the first would be one.
        var opening = new CronOpening(times, TimeSpan.FromMinutes(1));
        var window = MaintenanceWindow.Create("schedule", timeZone, [], [opening], [], WindowCloseRule.Finish, out var problems);
        problem = string.Join("; ", problems.Select(found => $"spec.{(found.Setting == "time-zone" ? "timeZone" : "schedule")}: {found.Message}"));
        return window is null ? null : new ScheduleTimes(window);
    }

    /// <summary>The last time after one moment and not after another; null if there is none.</summary>
    public DateTimeOffset? LastBetween(DateTimeOffset after, DateTimeOffset now)
    {
        DateTimeOffset? last = null;
        while (true)
        {
            var page = _openings.NextOpenings(last ?? after, Page);
            var due = page.Where(time => time <= now && time > (last ?? after)).ToList();
            if (due.Count == 0)
            {
                return last;
            }

            last = due[^1];
        }
    }

    /// <summary>The first time after a moment; null if there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset moment) =>
        _openings.NextOpenings(moment, 2).Where(time => time > moment).Cast<DateTimeOffset?>().FirstOrDefault();
}
