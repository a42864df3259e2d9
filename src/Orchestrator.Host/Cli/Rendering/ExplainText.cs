using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Explanations as text: a paragraph for each unit, and under it what each node has to say of its own.</summary>
internal static class ExplainText
{
    public static void Write(IAnsiConsole console, ExplanationDto explanation)
    {
        console.WriteLine($"Cluster {explanation.Cluster}, {Human.Time(explanation.At)}");
        if (explanation.Next.Length > 0)
        {
            console.WriteLine($"Next: {explanation.Next}");
        }

        if (explanation.Units.Count == 0)
        {
            console.WriteLine("There are no such units.");
        }

        foreach (var unit in explanation.Units.GroupBy(unit => unit.Unit, StringComparer.Ordinal))
        {
            console.WriteLine();
            console.WriteLine(unit.Key);
            foreach (var node in unit)
            {
                console.WriteLine(
                    $"  {node.Node}: {Human.Bytes(node.ReclaimableBytes)} ({Human.Percent(node.Fragmentation)}) could be freed; {Last(node.LastCompaction)}");
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
            console.WriteLine($"    {title}: {text}");
        }
    }
}
