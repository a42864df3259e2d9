using Orchestrator.Host.Formatting;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Tables without lines around them, so that they read the same in a terminal and in a file.</summary>
internal static class Tables
{
    /// <param name="columns">Headings; one that begins with '>' is right-aligned. The last one, if it is not, takes long texts.</param>
    public static FittedTable Create(params ReadOnlySpan<string> columns) => new(columns.ToArray());

    /// <summary>A cell with a coloured state.</summary>
    public static Cell State(string state) => new(state, StyleOf(state));

    public static Style StyleOf(string state) => state switch
    {
        "online" or "completed" or "completed-with-skips" => new Style(Color.Green),
        "compacting" or "running" or "resuming" => new Style(Color.Blue),
        "failed" or "cancelled" or "unreachable" or "offline" => new Style(Color.Red),
        "pending" or "planned" or "skipped" or "paused" => new Style(Color.Grey),
        _ => new Style(Color.Yellow),
    };
}

/// <summary>A table's cell; nothing in it is markup.</summary>
internal sealed record Cell(string Text, Style Style)
{
    public string Text { get; } = Visible.Of(Text);

    public static implicit operator Cell(string text) => new(text, Style.Plain);
}
