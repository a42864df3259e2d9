using System.Globalization;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Plans and runs as text.</summary>
internal static class RunText
{
    public static void Write(IAnsiConsole console, PlanDto plan)
    {
        foreach (var set in plan.ReplicaSets)
        {
            console.WriteLine($"Replica set {set.ReplicaSet}{(set.Primary is { } primary ? $", primary {primary}" : "")}");
            if (set.Steps.Count > 0)
            {
                console.Write(StepTable(set));
            }
            else
            {
                console.WriteLine("Nothing to do.");
            }

            foreach (var skipped in set.Skipped)
            {
                console.WriteLine($"Left out: {skipped.Node} {skipped.Unit}: {skipped.Reason}");
            }
        }

        console.WriteLine($"Expected to free {Human.Bytes(plan.BytesFreed)} in all.");
    }

    public static void Write(IAnsiConsole console, IReadOnlyList<RunDto> runs)
    {
        if (runs.Count == 0)
        {
            console.WriteLine("There are no runs.");
            return;
        }

        var table = Tables.Create("Run", "Cluster", "State", "Created", ">Duration", ">Freed", "Comment");
        foreach (var run in runs)
        {
            table.AddRow(
                new Text(run.Id),
                new Text(run.Cluster),
                Tables.State(run.State),
                new Text(Human.Time(run.CreatedAt)),
                new Text(run.FinishedAt is { } end ? Human.Duration(end - run.CreatedAt) : ""),
                new Text(Human.Bytes(run.BytesFreed)),
                new Text(run.Comment));
        }

        console.Write(table);
    }

    public static void Write(IAnsiConsole console, RunDto run)
    {
        console.WriteLine(Headline(run));
        if (run.Comment.Length > 0)
        {
            console.WriteLine($"Comment: {run.Comment}");
        }

        var table = Tables.Create(">Step", "Kind", "Node", "State", ">Done", ">Before", ">After", ">Freed", ">Duration", "Reason");
        foreach (var step in run.Steps)
        {
            var compacts = step.Kind == "compact";
            table.AddRow(
                new Text(step.Number.ToString(CultureInfo.InvariantCulture)),
                new Text(step.Kind),
                new Text(step.NewPrimary is { } next ? $"{step.Node} -> {next}" : step.Node),
                Tables.State(step.State),
                new Text(Human.Percent(step.Fraction)),
                new Text(compacts ? Human.Bytes(step.BytesBefore) : ""),
                new Text(compacts ? Human.Bytes(step.BytesAfter) : ""),
                new Text(compacts ? Human.Bytes(step.BytesFreed) : ""),
                new Text(DurationOf(step)),
                new Text(step.Reason));
        }

        console.Write(table);
        console.WriteLine($"{Human.Bytes(run.BytesFreed)} freed.");
    }

    /// <summary>Which run, how it stands, and why it does not go on.</summary>
    public static string Headline(RunDto run) =>
        $"Run {run.Id} of cluster {run.Cluster}: {StateText(run.State)}{(run.Reason.Length > 0 ? $" ({run.Reason})" : "")}";

    /// <summary>A state in words.</summary>
    public static string StateText(string state) => state.Replace('-', ' ');

    private static string DurationOf(StepDto step) =>
        step is { StartedAt: { } start, FinishedAt: { } end } ? Human.Duration(end - start) : "";

    private static Table StepTable(ReplicaSetPlanDto set)
    {
        var table = Tables.Create(">Step", "Kind", "Node", ">Units", ">Frees", ">Needs", ">Takes", "Reason");
        foreach (var step in set.Steps)
        {
            table.Row(
                step.Number.ToString(CultureInfo.InvariantCulture),
                step.Kind,
                step.Candidates is { Count: > 0 } next ? $"{step.Node} -> {next[0]}" : step.Node,
                step.Units is { } units ? units.Count.ToString(CultureInfo.InvariantCulture) : "",
                step.BytesFreed is { } freed ? Human.Bytes(freed) : "",
                step.TemporaryBytes is { } space ? Human.Bytes(space) : "",
                step.DurationSeconds is { } seconds ? Human.Duration(TimeSpan.FromSeconds(seconds)) : "",
                step.Reason);
        }

        return table;
    }
}
