using Orchestrator.Core;
using Orchestrator.Core.Windows;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads the maintenance windows.</summary>
internal static class WindowBinder
{
    private static readonly Dictionary<string, WindowCloseRule> _closeRules = new()
    {
        ["finish"] = WindowCloseRule.Finish,
        ["suspend"] = WindowCloseRule.Suspend,
    };

    public static IReadOnlyList<MaintenanceWindow> ReadWindows(SettingsReader windows)
    {
        var read = new List<MaintenanceWindow>();
        foreach (var name in windows.Keys())
        {
            if (PlainName.Check(name) is { } problem)
            {
                windows.Fail(name, problem, 0);
            }

            if (ReadWindow(windows.Section(name), name) is { } window)
            {
                read.Add(window);
            }
        }

        return read;
    }

    private static MaintenanceWindow? ReadWindow(SettingsReader window, string name)
    {
        var before = window.Errors.Count;
        var zone = window.Optional("time-zone", window.RequiredText, "UTC");
        var weekly = Items(window, "weekly", text => (WeeklySpan.Parse(text, out var problem), problem));
        var times = Items(window, "cron", text => (CronTimes.Parse(text, out var problem), problem));
        var blackouts = Items(window, "blackouts", text => (Blackout.Parse(text, out var problem), problem));
        var rule = window.Choice("on-close", _closeRules, WindowCloseRule.Finish);
        var duration = window.Optional("cron-duration", key => window.Duration(key, "1m", "31d"), TimeSpan.Zero);
        if (times.Count > 0 && !window.Has("cron-duration"))
        {
            window.Fail("cron-duration", "expected how long the window stays open at each time of cron, such as 4h", 0);
        }
        else if (times.Count == 0 && window.Has("cron-duration") && !window.Has("cron"))
        {
            window.Fail("cron-duration", "is valid only with cron, and none is given", 0);
        }

        // What follows from a mistake that has been named is not named as well.
        if (window.Errors.Count > before)
        {
            _ = TimeZones.Exists(zone, out var zoneProblem) ? 0 : window.Fail("time-zone", zoneProblem, 0);
            return null;
        }

        var made = MaintenanceWindow.Create(
            name, zone, weekly, [.. times.Select(time => new CronOpening(time, duration))], blackouts, rule, out var problems);
        foreach (var problem in problems)
        {
            window.Fail(problem.Setting, problem.Message, 0);
        }

        return made;
    }

    /// <summary>A list whose items are read one by one, so that each wrong one has an error of its own.</summary>
    private static IReadOnlyList<T> Items<T>(SettingsReader window, string key, Func<string, (T? Item, string Problem)> parse)
        where T : class
    {
        var items = new List<T>();
        foreach (var text in window.Optional(key, list => window.TextList(list, _ => null), []))
        {
            var (item, problem) = parse(text);
            if (item is null)
            {
                window.Fail(key, problem, 0);
            }
            else
            {
                items.Add(item);
            }
        }

        return items;
    }
}
