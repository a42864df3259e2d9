using System.Globalization;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Freezes, schedules and the audit trail as text.</summary>
internal static class OperationText
{
    /// <summary>Where the lines of a schedule begin, behind their headings.</summary>
    private const int Margin = 12;

    public static void Write(IAnsiConsole console, FreezeListDto list)
    {
        if (list.Freezes.Count == 0)
        {
            console.Prose("Nothing is frozen.");
            return;
        }

        var table = Tables.Create("Cluster", "Since", "Until", "By", "Reason");
        foreach (var freeze in list.Freezes)
        {
            table.Row(
                freeze.Cluster ?? "everything",
                Human.Time(freeze.At),
                freeze.Until is { } until ? Human.Time(until) : "it is lifted",
                freeze.By,
                freeze.Reason);
        }

        console.Write(table);
    }

    public static void Write(IAnsiConsole console, ScheduleListDto list)
    {
        if (list.Schedules.Count == 0)
        {
            console.Prose("There are no schedules.");
        }

        foreach (var schedule in list.Schedules)
        {
            console.Prose($"{schedule.Name}{(schedule.Enabled ? "" : " (off)")}: {schedule.Status}", 2);
            Lines(console, "Clusters", schedule.Clusters);
            Lines(console, "Rules", schedule.Rules);
            Lines(console, "Windows", schedule.Windows);
            Lines(console, "Next", schedule.NextOpenings.Select(Human.Time));
            Lines(console, "Warning", schedule.Warning is { } warning ? [warning] : []);
            Lines(console, "Last run", schedule.LastRun is { } run ? [$"{run}{(schedule.LastRunAt is { } at ? $", {Human.Time(at)}" : "")}"] : ["none yet"]);
            console.WriteLine();
        }
    }

    public static void Write(IAnsiConsole console, AuditDto trail)
    {
        if (trail.Entries.Count == 0)
        {
            console.Prose("There are no entries.");
            return;
        }

        var table = Tables.Create(">No", "At", "By", "Action", "Cluster", "What");
        foreach (var entry in trail.Entries)
        {
            table.Row(
                entry.Sequence.ToString(CultureInfo.InvariantCulture),
                Human.Time(entry.At),
                entry.By,
                entry.Action,
                entry.Cluster ?? "all",
                string.Join(": ", new[] { entry.Subject, entry.Detail, entry.Refusal is { } refusal ? $"REFUSED: {refusal}" : "" }.Where(text => text.Length > 0)));
        }

        console.Write(table);
    }

    private static void Lines(IAnsiConsole console, string title, IEnumerable<string> lines)
    {
        var heading = title;
        foreach (var line in lines)
        {
            console.Prose($"  {heading,-10}{line}", Margin);
            heading = "";
        }
    }
}
