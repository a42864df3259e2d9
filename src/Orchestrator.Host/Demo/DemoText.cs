using System.Globalization;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Demo;

/// <summary>The demo's result as text.</summary>
internal static class DemoText
{
    public static void Write(IAnsiConsole console, DemoReport report, RunDto run)
    {
        console.WriteLine();
        console.Write(Steps(report, run));
        console.WriteLine();
        console.Write(Nodes(report));
        console.WriteLine();
        var client = report.Client;
        console.Prose(string.Create(
            CultureInfo.InvariantCulture,
            $"Client: {client.WritesAcknowledged:N0} writes acknowledged by a majority, {client.WritesRejected:N0} attempts repeated, "
            + $"{client.ReadsDone:N0} reads ({client.ReadsFailed:N0} failed), longest gap between acknowledged writes {client.LongestWriteGapMs} ms."));
        console.Prose(client.AcknowledgedWritesLost == 0
            ? "Every acknowledged write is on every node."
            : $"{Human.Count(client.AcknowledgedWritesLost, "acknowledged write")} lost!");
        foreach (var failure in report.Failures ?? [])
        {
            console.Prose($"Wrong: {failure}");
        }

        if (report.Killed is { } kill)
        {
            var why = kill.What == "supervisor" ? "the supervisor's host" : "the compacting node";
            console.Prose(string.Create(
                CultureInfo.InvariantCulture,
                $"Killed: {kill.Node}, {why}, at {Human.Time(kill.KilledAt)} during step {kill.Step}; "
                + $"started again after {Human.Duration(kill.RestartedAt - kill.KilledAt)}."));
        }

        console.WriteLine($"Outcome: {report.Outcome}");
    }

    private static FittedTable Steps(DemoReport report, RunDto run)
    {
        var table = Tables.Create(">Order", "Step", "Node", "Role before", "Role after", ">Before", ">After", ">Freed", ">Duration");
        var nodes = report.Nodes.ToDictionary(node => node.Node);
        foreach (var step in run.Steps)
        {
            var node = nodes[step.Node];
            var compacts = step.Kind == "compact";
            table.Row(
                step.Number.ToString(CultureInfo.InvariantCulture),
                step.Kind,
                step.NewPrimary is { } next ? $"{step.Node} -> {next}" : step.Node,
                node.RoleBefore,
                node.RoleAfter,
                compacts ? Human.Bytes(step.BytesBefore) : "",
                compacts ? Human.Bytes(step.BytesAfter) : "",
                compacts ? Human.Bytes(step.BytesFreed) : "",
                step is { StartedAt: { } start, FinishedAt: { } end } ? Human.Duration(end - start) : "");
        }

        return table;
    }

    private static FittedTable Nodes(DemoReport report)
    {
        var table = Tables.Create("Node", ">Documents", "Checksum", ">Expected", ">Freed", ">Files now", ">Fresh copy", "States");
        foreach (var node in report.Nodes)
        {
            table.Row(
                node.Node,
                node.Documents.ToString("N0", CultureInfo.InvariantCulture),
                node.Checksum[..Math.Min(12, node.Checksum.Length)],
                Human.Bytes(node.BytesEstimated),
                $"{Human.Bytes(node.BytesFreed)} ({Difference(node.BytesFreed, node.BytesEstimated)})",
                $"{Human.Bytes(node.BytesAtEnd)} ({Difference(node.BytesAtEnd, node.BytesFresh)})",
                Human.Bytes(node.BytesFresh),
                string.Join(" > ", node.States));
        }

        return table;
    }

    /// <summary>For example <c>+3 %</c>.</summary>
    private static string Difference(long value, long reference) => reference == 0
        ? "?"
        : string.Create(CultureInfo.InvariantCulture, $"{((double)value / reference - 1) * 100:+0;-0;0} %");
}
