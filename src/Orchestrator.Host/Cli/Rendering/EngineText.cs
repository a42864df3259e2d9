using Orchestrator.Core;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Engines as text.</summary>
internal static class EngineText
{
    public static void Write(IAnsiConsole console, IReadOnlyList<EngineDto> engines)
    {
        var table = Tables.Create("Engine", "Modes", "What it is");
        foreach (var engine in engines)
        {
            table.Row(engine.Name, string.Join(", ", engine.Modes.Select(mode => mode.Name)), engine.Description);
        }

        console.Write(table);
    }

    public static void Write(IAnsiConsole console, EngineDto engine)
    {
        console.Prose($"{engine.Title} ({engine.Name}): {engine.Description}");
        console.Prose(
            $"Compacts {(engine.Scope == "node" ? "whole nodes" : $"down to a single {engine.Scope}")}. "
            + (engine.HasPrimary ? "A primary steps down before its turn. " : "There is no primary. ")
            + (engine.EstimatesWithoutCompacting ? "A plan tells what would be freed" : "What would be freed cannot be told before")
            + (engine.ReportsProgress ? ", and progress is shown." : "; there is no progress."));
        Section(console, "Modes, the default first", engine.Modes.Select(mode => (
            mode.Name,
            $"{mode.Description} {mode.Meanwhile} Temporary space: {mode.TemporarySpace.Replace('-', ' ')}. "
            + $"{(mode.CanCancel ? "Can" : "Cannot")} be cancelled, {(mode.CanPause ? "can" : "cannot")} be paused.")));
        Section(console, "Options", engine.Options.Where(option => option.Refusal is null).Select(option => (
            option.Name,
            $"{option.Description} {ReasonText.Capital(option.Range)}; default {option.Default}"
            + (option.Modes is { } modes ? $"; mode {string.Join(", ", modes)}" : "")
            + (option.Since is { } since ? $"; versions {since}" : "") + ".")));
        Section(console, "Options that it refuses", engine.Options
            .Where(option => option.Refusal is not null)
            .Select(option => (option.Name, ReasonText.Sentence(option.Refusal!))));
        console.WriteLine();
        console.Prose("Needs");
        foreach (var need in engine.Needs)
        {
            console.Prose($"  {need}", hang: 4);
        }
    }

    private static void Section(IAnsiConsole console, string title, IEnumerable<(string Name, string Text)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        var width = all.Max(row => row.Name.Length);
        console.WriteLine();
        console.Prose(title);
        foreach (var (name, text) in all)
        {
            console.Prose($"  {name.PadRight(width)}  {text}", hang: width + 4);
        }
    }
}
