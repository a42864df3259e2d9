using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Plans and runs as text.</summary>
internal static class RunText
{
    public const string WholeNode = "*";

    /// <summary>The planner's reason for units that nobody asked for.</summary>
    private const string OutOfScope = "not in scope";

    public static void Write(IAnsiConsole console, PlanDto plan)
    {
        foreach (var set in plan.ReplicaSets)
        {
            console.Prose($"Replica set {set.ReplicaSet}{(set.Primary is { } primary ? $", primary {primary}" : "")}");
            if (set.Steps.Count > 0)
            {
                console.Write(StepTable(set));
            }
            else
            {
                console.Prose("Nothing to do.");
            }

            foreach (var unit in set.Steps.SelectMany(step => step.Units ?? []).Where(unit => unit.Note is not null).DistinctBy(unit => (unit.Unit, unit.Note)))
            {
                console.Prose($"{unit.Unit}: {unit.Note}", 2);
            }

            WriteLeftOut(console, set);
        }

        WriteUnanswered(console, plan.ReplicaSets);
        var sampled = plan.ReplicaSets.Any(set => set.Steps.Any(IsSampled));
        console.Prose($"Expected to free {Human.Gain(plan.BytesFreed, sampled)} in total.");
        if (plan.Request.NeedsApproval is true)
        {
            console.Prose("A run would wait until another person has approved it.");
        }

        if (plan.Request.Window is { Length: > 0 } window)
        {
            console.Prose($"A run would work only while the maintenance window {window} is open.");
        }
    }

    private static bool IsSampled(PlanStepDto step) => step.Units is { } units && units.Any(unit => unit.Sampled is true);

    public static void Write(IAnsiConsole console, IReadOnlyList<RunSummaryDto> runs)
    {
        if (runs.Count == 0)
        {
            console.Prose("There are no runs.");
            return;
        }

        var table = Tables.Create("Run", "Cluster", "State", "Created", ">Took", ">Freed", "Comment");
        foreach (var run in runs)
        {
            table.Row(
                run.Id,
                run.Cluster,
                Tables.State(run.State),
                Human.Minute(run.CreatedAt),
                run.FinishedAt is { } end ? Human.Duration(end - run.CreatedAt) : "",
                Human.Bytes(run.BytesFreed),
                run.Comment);
        }

        console.Write(table);
    }

    public static void Write(IAnsiConsole console, RunDto run)
    {
        console.Prose(Headline(run));
        foreach (var line in Circumstances(run))
        {
            console.Prose(line);
        }

        var table = Tables.Create(">Step", "Kind", "Node", "State", ">Frees", ">Freed", ">Takes", ">Took");
        foreach (var step in run.Steps)
        {
            var compacts = step.Kind == "compact";
            table.Row(
                step.Number.ToString(CultureInfo.InvariantCulture),
                step.Kind,
                step.NewPrimary is { } next ? $"{step.Node} -> {next}" : step.Node,
                new Cell(step.State is "running" ? $"running {Human.Percent(step.Fraction)}" : step.State, Tables.StyleOf(step.State)),
                compacts ? Human.Bytes(step.EstimatedBytesFreed) : "",
                compacts ? Human.Bytes(step.BytesFreed) : "",
                compacts ? Human.Duration(TimeSpan.FromSeconds(step.EstimatedDurationSeconds)) : "",
                Took(step));
        }

        if (run.Steps.Count > 0)
        {
            console.Write(table);
        }
        else
        {
            console.Prose("Nothing to do.");
            foreach (var set in run.Plan.ReplicaSets)
            {
                WriteLeftOut(console, set);
            }

            WriteUnanswered(console, run.Plan.ReplicaSets);
        }

        foreach (var step in run.Steps.Where(step => step.State is not ("completed" or "pending") && step.Reason.Length > 0))
        {
            console.Prose($"Step {step.Number} ({step.Node}): {step.Reason}");
        }

        foreach (var step in run.Steps.Where(step => step.Progress is not null))
        {
            console.Prose($"Step {step.Number} ({step.Node}): {WorkText.Of(step)}");
        }

        WriteDone(console, run);
    }

    private static void WriteDone(IAnsiConsole console, RunDto run)
    {
        var done = WorkText.Done(run).ToList();
        if (done.Count == 0 && run is { FinishedAt: null, BytesFreed: 0 })
        {
            console.Prose($"Expected to free {Human.Bytes(run.EstimatedBytesFreed)}.");
            return;
        }

        if (done.Count == 0)
        {
            var planned = run.EstimatedBytesFreed > 0 ? $", {Human.Bytes(run.EstimatedBytesFreed)} planned" : "";
            console.Prose($"{Human.Bytes(run.BytesFreed)} freed{planned}.");
            return;
        }

        var column = done.Max(line => line.Label.Length) + 2;
        console.WriteLine();
        foreach (var (label, text) in done)
        {
            console.Prose(label.PadRight(column) + text, column);
        }
    }

    private static void WriteLeftOut(IAnsiConsole console, ReplicaSetPlanDto set)
    {
        foreach (var skipped in set.Skipped.Where(skipped => skipped.Reason != OutOfScope).GroupBy(skipped => (skipped.Unit, skipped.Reason)))
        {
            var unit = skipped.Key.Unit == WholeNode ? "all" : skipped.Key.Unit;
            console.Prose($"Left out: {unit} of {string.Join(", ", skipped.Select(one => one.Node))}: {skipped.Key.Reason}", 2);
        }

        // Who asks for one collection of a thousand does not want to read about the others.
        var others = set.Skipped.Count(skipped => skipped.Reason == OutOfScope);
        if (others > 0)
        {
            console.Prose($"Left out: {Human.Count(others, "unit")} {OutOfScope}");
        }

    }

    /// <summary>In many replica sets it is the same of the same members: once is enough then, without what each set needs.</summary>
    private static void WriteUnanswered(IAnsiConsole console, IReadOnlyList<ReplicaSetPlanDto> sets)
    {
        var checks = sets.SelectMany(set => set.Unanswered).Select(check => (check.Check, Message: sets.Count == 1 ? check.Message : check.Message.Split(';')[0]));
        foreach (var (check, message) in checks.Distinct())
        {
            console.Prose($"Cannot be checked: {check}: {message}", 2);
        }
    }

    private static IEnumerable<string> Circumstances(RunDto run)
    {
        if (run.Comment.Length > 0)
        {
            yield return $"Comment: {run.Comment}";
        }

        var by = run.Schedule is { } schedule ? $"by schedule {schedule}" : run.By is { } name ? $"by {name}" : "";
        yield return $"Created {Human.Time(run.CreatedAt)} {by}".TrimEnd()
            + (run.ApprovedBy is { } approver ? $", approved by {approver}" : run.NeedsApproval ? ", needs another person's approval" : "")
            + (run.Window is { } window ? $", works in window {window}" : "")
            + (run.MaxBytesPerSecond > 0 ? $", at most {Human.Bytes(run.MaxBytesPerSecond)}/s" : "");
        if (run.WaitingFor is { } waitsFor)
        {
            yield return $"Waits for {waitsFor} since {Human.Time(run.Since)}";
        }
        else if (run.State is "paused" or "pausing" or "cancelling")
        {
            yield return $"{StateText(run.State)} since {Human.Time(run.Since)}";
        }
    }

    /// <summary>Which run, how it stands, and why it does not go on.</summary>
    public static string Headline(RunDto run) =>
        $"Run {run.Id} of cluster {run.Cluster}: {StateText(run.State)}{ReasonText.InBrackets(run.Reason)}";

    /// <summary>A state in words.</summary>
    public static string StateText(string state) => state.Replace('-', ' ');

    /// <summary>Time that a step worked, waits not counted; empty where that is not known yet.</summary>
    public static string Took(StepDto step) => step switch
    {
        { DurationSeconds: > 0 } => Human.Duration(TimeSpan.FromSeconds(step.DurationSeconds)),
        { StartedAt: { } start, FinishedAt: { } end } => Human.Duration(end - start),
        _ => "",
    };

    private static FittedTable StepTable(ReplicaSetPlanDto set)
    {
        var table = Tables.Create(">Step", "Kind", "Node", ">Units", ">Frees", ">Needs", ">Takes", "Reason");
        foreach (var step in set.Steps)
        {
            table.Row(
                step.Number.ToString(CultureInfo.InvariantCulture),
                step.Kind,
                step.Candidates is { Count: > 0 } next ? $"{step.Node} -> {next[0]}" : step.Node,
                step.Units is { } units ? units.Count.ToString(CultureInfo.InvariantCulture) : "",
                step.BytesFreed is { } freed ? Human.Gain(freed, IsSampled(step)) : "",
                step.TemporaryBytes is { } space ? Human.Bytes(space) : "",
                step.DurationSeconds is { } seconds ? Human.Duration(TimeSpan.FromSeconds(seconds)) : "",
                step.Reason);
        }

        return table;
    }
}
