using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Holds as text.</summary>
internal static class HoldText
{
    public static void Write(IAnsiConsole console, HoldListDto list)
    {
        if (list.Holds.Count == 0)
        {
            console.Prose("Nobody holds a member.");
            return;
        }

        var table = Tables.Create("Owner", "Members", "Until", "At work", "Reason");
        foreach (var hold in list.Holds)
        {
            table.Row(
                hold.Owner == hold.By || hold.By.Length == 0 ? hold.Owner : $"{hold.Owner} ({hold.By})",
                hold.Members.Count == 0 ? "all" : string.Join(", ", hold.Members),
                Human.Time(hold.Until),
                hold.Working.Count == 0 ? "nothing" : string.Join(", ", hold.Working.Select(work => $"{work.Member} (step {work.Step} of {work.RunId})")),
                hold.Reason);
        }

        console.Write(table);
    }
}
