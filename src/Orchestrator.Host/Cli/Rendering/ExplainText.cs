using System.Text.RegularExpressions;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Explanations as text: a paragraph for each unit, and under it what each node has to say of its own.</summary>
internal static partial class ExplainText
{
    private const int OfNode = 2;
    private const int OfLine = 4;

    public static void Write(IAnsiConsole console, ExplanationDto explanation)
    {
        console.Prose($"Cluster {explanation.Cluster}, {Human.Time(explanation.At)}");
        if (explanation.Next.Length > 0)
        {
            // One part for each schedule, run and freeze.
            console.Prose($"Next: {NextPart().Replace(explanation.Next, "\n      ")}", "Next: ".Length);
        }

        if (explanation.Units.Count == 0)
        {
            console.Prose("No member has anything that could be compacted.");
        }

        foreach (var unit in explanation.Units.GroupBy(unit => unit.Unit, StringComparer.Ordinal))
        {
            console.WriteLine();
            console.Prose(unit.Key == RunText.WholeNode ? "The whole member" : unit.Key);
            foreach (var node in unit)
            {
                console.Prose(
                    $"{Margin(OfNode)}{node.Node}: {Human.Gain(node.ReclaimableBytes, node.Sampled)} could be freed, {Human.Percent(node.Fragmentation)} fragmented; {Last(node.LastCompaction)}",
                    OfLine);
                Line(console, "Why not since", node.WhyNotSince);
                Line(console, "Next", $"{node.Next}{(node.NextAt is { } at ? $" ({Human.Time(at)})" : "")}");
            }
        }
    }

    private static string Last(LastCompactionDto? last) => last is null
        ? "no compaction is remembered"
        : $"last compacted {Human.Time(last.At)} by run {last.RunId} ({last.Outcome}): {Human.Bytes(last.BytesFreed)} freed in "
            + Human.Duration(TimeSpan.FromSeconds(last.DurationSeconds));

    private static void Line(IAnsiConsole console, string title, string text)
    {
        if (text.Length > 0)
        {
            console.Prose($"{Margin(OfLine)}{title}: {text}", OfLine + OfNode);
        }
    }

    [GeneratedRegex("; (?=(nothing starts:|run|schedule|no schedule) )", RegexOptions.CultureInvariant)]
    private static partial Regex NextPart();

    private static string Margin(int width) => new(' ', width);
}
