using Orchestrator.Host.Cli.Rendering;
using Spectre.Console;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>A table that is too wide keeps its rows together as far as they fit.</summary>
public sealed class FittedTableTests
{
    [Fact]
    public void The_last_columns_stand_beneath_their_row()
    {
        var table = Tables.Create("Node", "Role", "State", "Address", "Reason");
        table.Row("node-1", "primary", "online", "http://127.0.0.1:8080", "");
        table.Row("node-2", "secondary", "compacting", "http://127.0.0.1:8180", "compacts shop/orders");

        Assert.Equal(
            """
            Node    Role       State
                Address
                Reason
            node-1  primary    online
                http://127.0.0.1:8080
            node-2  secondary  compacting
                http://127.0.0.1:8180
                compacts shop/orders
            """,
            Show(table, 40));
    }

    [Fact]
    public void A_cell_beneath_that_is_empty_takes_no_line()
    {
        var table = Tables.Create("Node", ">File", "Last compacted", ">Grown since");
        table.Row("node-1", "4.3 MiB", "", "");
        table.Row("node-2", "4.3 MiB", "2026-11-29 10:26Z", "+1.6 MiB");

        Assert.Equal(
            """
            Node       File  Last compacted
                Grown since
            node-1  4.3 MiB
            node-2  4.3 MiB  2026-11-29 10:26Z
                   +1.6 MiB
            """,
            Show(table, 35));
    }

    private static string Show(FittedTable table, int width)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        console.Write(table);
        return text.ToString().ReplaceLineEndings("\n").TrimEnd('\n');
    }
}
