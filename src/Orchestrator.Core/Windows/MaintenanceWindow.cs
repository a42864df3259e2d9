using System.Globalization;

namespace Orchestrator.Core.Windows;

/// <summary>When work may be done: weekly spans and cron openings in one time zone, less blackouts. Valid by construction.</summary>
public sealed record MaintenanceWindow
{
    private static readonly TimeSpan ShortestOpening = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestOpening = TimeSpan.FromDays(31);

    // Two days of an opening every minute.
    private const int MaxSample = 2 * 24 * 60;

    private MaintenanceWindow(
        string name,
        string timeZone,
        IReadOnlyList<WeeklySpan> weekly,
        IReadOnlyList<CronOpening> cron,
        IReadOnlyList<Blackout> blackouts,
        WindowCloseRule onClose)
    {
        Name = name;
        TimeZone = timeZone;
        Weekly = weekly;
        Cron = cron;
        Blackouts = blackouts;
        OnClose = onClose;
    }

    public string Name { get; }

    /// <summary>IANA name of the zone that spans, cron expressions and blackouts are in.</summary>
    public string TimeZone { get; }

    public IReadOnlyList<WeeklySpan> Weekly { get; }

    public IReadOnlyList<CronOpening> Cron { get; }

    public IReadOnlyList<Blackout> Blackouts { get; }

    public WindowCloseRule OnClose { get; }

    /// <summary>Makes a window.</summary>
    /// <param name="problems">Everything that is wrong, each with the setting that it is about; empty if nothing is.</param>
    /// <returns>The window, or null.</returns>
    public static MaintenanceWindow? Create(
        string name,
        string timeZone,
        IReadOnlyList<WeeklySpan> weekly,
        IReadOnlyList<CronOpening> cron,
        IReadOnlyList<Blackout> blackouts,
        WindowCloseRule onClose,
        out IReadOnlyList<WindowProblem> problems)
    {
        var found = new List<WindowProblem>();
        if (!TimeZones.Exists(timeZone, out var zoneProblem))
        {
            found.Add(new WindowProblem("time-zone", zoneProblem));
        }

        if (weekly.Count == 0 && cron.Count == 0)
        {
            found.Add(new WindowProblem("weekly", "expected at least one span in weekly or expression in cron: this window would never open"));
        }

        for (var i = 0; i < weekly.Count; i++)
        {
            for (var j = i + 1; j < weekly.Count; j++)
            {
                if (weekly[i].Overlaps(weekly[j]))
                {
                    found.Add(new WindowProblem("weekly", $"the spans {weekly[i]} and {weekly[j]} overlap; join them"));
                }
            }
        }

        found.AddRange(cron.Select(Problem).OfType<WindowProblem>());
        problems = found;
        return found.Count == 0 ? new MaintenanceWindow(name, timeZone, weekly, cron, blackouts, onClose) : null;
    }

    /// <summary>The window in words, for lists.</summary>
    public override string ToString() => $"{Name}: "
        + string.Join(", ", Weekly.Select(span => span.ToString()).Concat(Cron.Select(opening => $"cron {opening.Times.Text} for {DurationText.Of(opening.Duration)}")))
        + $" ({TimeZone})"
        + (Blackouts.Count > 0 ? $", not {string.Join(", ", Blackouts.Select(blackout => blackout.Text))}" : "")
        + (OnClose == WindowCloseRule.Suspend ? "; suspends when it closes" : "");

    private static WindowProblem? Problem(CronOpening opening)
    {
        if (opening.Duration < ShortestOpening || opening.Duration > LongestOpening)
        {
            return new WindowProblem("cron-duration", $"expected 1m to 31d, found {DurationText.Of(opening.Duration)}");
        }

        // A sample of what the expression means; years without an opening are as good as none.
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var times = opening.Times.Days(start, start.AddYears(10)).SelectMany(day => opening.Times.TimesOfDay.Select(time => day + time)).Take(MaxSample).ToList();
        if (times.Count == 0)
        {
            return new WindowProblem("cron", $"\"{opening.Times.Text}\" matches no time in the ten years from 2026");
        }

        for (var i = 1; i < times.Count; i++)
        {
            if (times[i] - times[i - 1] < opening.Duration)
            {
                return new WindowProblem("cron", string.Create(CultureInfo.InvariantCulture,
                    $"\"{opening.Times.Text}\" opens again after {DurationText.Of(times[i] - times[i - 1])} (at {times[i]:yyyy-MM-dd HH:mm}), but stays open for {DurationText.Of(opening.Duration)}: openings must not overlap"));
            }
        }

        return null;
    }
}

/// <summary>One thing that is wrong with a window.</summary>
/// <param name="Setting">The setting of the window that it is about, as <c>weekly</c>.</param>
public sealed record WindowProblem(string Setting, string Message);
