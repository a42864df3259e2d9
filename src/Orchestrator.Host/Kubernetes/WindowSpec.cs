using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Kubernetes;

/// <summary>Reads the spec of a MaintenanceWindow, whose texts are those of the configuration's windows.</summary>
internal static class WindowSpec
{
    // Each run that waits for a window asks for it every few seconds, and ten years of a cron expression are looked at. What has changed is another object.
    private static readonly ConditionalWeakTable<Resource, Tuple<MaintenanceWindow?, string>> Known = [];

    /// <param name="problem">What is wrong, with the fields; empty if nothing is.</param>
    /// <returns>The window, or null.</returns>
    public static MaintenanceWindow? Read(Resource resource, out string problem)
    {
        (var window, problem) = Known.GetValue(resource, static asked => Tuple.Create(Parse(asked, out var wrong), wrong));
        return window;
    }

    private static MaintenanceWindow? Parse(Resource resource, out string problem)
    {
        var problems = new List<string>();
        var weekly = Items(resource, "weekly", problems, text => (WeeklySpan.Parse(text, out var wrong), wrong));
        var blackouts = Items(resource, "blackouts", problems, text => (Blackout.Parse(text, out var wrong), wrong));
        var openings = new List<CronOpening>();
        foreach (var entry in (resource.Find("spec", "cron") as JsonArray ?? []).OfType<JsonObject>())
        {
            var times = CronTimes.Parse(entry["schedule"]?.ToString() ?? "", out var wrong);
            if (times is null || entry["durationSeconds"] is not JsonValue seconds)
            {
                problems.Add($"spec.cron: {wrong}");
            }
            else
            {
                openings.Add(new CronOpening(times, TimeSpan.FromSeconds(seconds.GetValue<long>())));
            }
        }

        MaintenanceWindow? window = null;
        if (problems.Count == 0)
        {
            var zone = resource.Text("spec", "timeZone") is { Length: > 0 } named ? named : "UTC";
            window = MaintenanceWindow.Create(resource.Name, zone, weekly, openings, blackouts, WindowCloseRule.Suspend, out var found);
            problems.AddRange(found.Select(wrong => $"spec.{wrong.Setting}: {wrong.Message}"));
        }

        problem = string.Join("; ", problems);
        return problems.Count == 0 ? window : null;
    }

    private static List<T> Items<T>(Resource resource, string field, List<string> problems, Func<string, (T? Item, string Problem)> parse)
        where T : class
    {
        var items = new List<T>();
        foreach (var text in resource.Texts("spec", field))
        {
            var (item, problem) = parse(text);
            if (item is null)
            {
                problems.Add($"spec.{field}: {problem}");
            }
            else
            {
                items.Add(item);
            }
        }

        return items;
    }
}
