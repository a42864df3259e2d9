using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Tables without lines around them, so that they read the same in a terminal and in a file.</summary>
internal static class Tables
{
    /// <param name="columns">Headings; one that begins with '>' is right-aligned.</param>
    public static Table Create(params ReadOnlySpan<string> columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        for (var i = 0; i < columns.Length; i++)
        {
            var right = columns[i].StartsWith('>');
            var column = new TableColumn(new Text(right ? columns[i][1..] : columns[i], new Style(decoration: Decoration.Bold)))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, i == columns.Length - 1 ? 0 : 2, 0),
                NoWrap = i < columns.Length - 1,
            };
            table.AddColumn(column);
        }

        return table;
    }

    /// <summary>Adds a row of plain text; nothing in it is markup.</summary>
    public static void Row(this Table table, params ReadOnlySpan<string> cells)
    {
        var row = new IRenderable[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            row[i] = new Text(cells[i]);
        }

        table.AddRow(row);
    }

    /// <summary>Adds a row whose state is coloured.</summary>
    public static Text State(string state) => new(state, StyleOf(state));

    public static Style StyleOf(string state) => state switch
    {
        "online" or "completed" or "completed-with-skips" => new Style(Color.Green),
        "compacting" or "running" or "resuming" => new Style(Color.Blue),
        "failed" or "cancelled" or "unreachable" or "offline" => new Style(Color.Red),
        "pending" or "planned" or "skipped" or "paused" => new Style(Color.Grey),
        _ => new Style(Color.Yellow),
    };
}
