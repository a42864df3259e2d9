using Orchestrator.Core;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>
/// What a terminal shows of a run at work: one percentage over all steps, which never goes back, and a line for each step, under those at
/// work another one that says what they do. Steps that do not fit are counted.
/// </summary>
/// <param name="run">The run as it was when the watching began.</param>
internal sealed class RunScreen(RunDto run, TimeProvider time)
{
    /// <summary>Lines beside those of the steps.</summary>
    private const int OtherLines = 6;

    private const int BarWidth = 30;

    private readonly RunFraction fraction = new(run.Steps);
    private readonly int longestName = run.Steps.Select(step => step.Node.Length).DefaultIfEmpty(0).Max();

    /// <summary>0 to 1 over all steps, by the time that the plan expected of them.</summary>
    public double Fraction => fraction.Value;

    public static RunProgressDto Of(RunDto run) => new(
        run.State,
        run.Reason,
        run.BytesFreed,
        [.. run.Steps.Select(step => new StepProgressDto(step.Number, step.Kind, step.Node, step.State, step.Reason, step.Fraction, step.BytesFreed)
        {
            Progress = step.Progress,
        })]);

    /// <summary>The screen for the latest progress.</summary>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    public IRenderable Show(RunProgressDto progress, int width, int height)
    {
        fraction.Advance(progress.Steps.Select(step => (step.Number, step.State, step.Fraction)));
        var lines = new List<IRenderable>
        {
            new Text(Cut($"Run {run.Id}: {RunText.StateText(progress.State)}{ReasonText.InBrackets(progress.Reason)}", width)),
            Bar(progress, width),
            Text.Empty,
        };
        lines.AddRange(Steps(progress, width, Math.Max(4, height - OtherLines)));
        return new Rows(lines);
    }

    private Text Bar(RunProgressDto progress, int width)
    {
        var full = (int)(Fraction * BarWidth);
        var elapsed = time.GetUtcNow() - run.CreatedAt;
        string?[] parts =
        [
            $"[{new string('#', full)}{new string('.', BarWidth - full)}] {Human.Percent(Fraction)}",
            progress.BytesFreed > 0 ? $"{Human.Bytes(progress.BytesFreed)} freed" : null,
            Human.RoughDuration(elapsed),
            progress.State == "running" && fraction.Left(elapsed) is { } left ? $"about {Human.RoughDuration(left)} left" : null,
        ];
        return new Text(Cut(string.Join("  ", parts.Where(part => part is not null)), width), new Style(Color.Blue));
    }

    private IEnumerable<IRenderable> Steps(RunProgressDto progress, int width, int room)
    {
        // Those at work come with a second line; of the others the next ones matter most.
        var atWork = progress.Steps.Where(step => step is { Progress: not null } || step.State is "running" or "waiting" or "pausing").ToList();
        var shown = progress.Steps.Count + atWork.Count <= room
            ? progress.Steps
            : [.. atWork.Concat(progress.Steps.Where(step => step.State is "failed")).Concat(progress.Steps.Where(step => step.State == "pending"))
                .Distinct().Take(Math.Max(1, room - atWork.Count - 1)).OrderBy(step => step.Number)];
        foreach (var step in shown)
        {
            yield return new Text(Cut(Line(step, Math.Min(longestName, width / 3)), width), Tables.StyleOf(step.State));
            if (Detail(step) is { Length: > 0 } detail)
            {
                yield return new Text(Cut($"      {detail}", width));
            }
        }

        if (shown.Count < progress.Steps.Count)
        {
            var over = progress.Steps.Count(step => RunFraction.IsOver(step.State));
            yield return new Text($"  ... {over} of {progress.Steps.Count} steps are done");
        }
    }

    private static string Line(StepProgressDto step, int nameWidth)
    {
        var state = step.State is "running" or "pausing" or "paused" && step.Kind == "compact"
            ? $"{step.State} {Human.Percent(step.Fraction)}"
            : step.State;
        return $"{step.Number,4}  {step.Kind,-9}  {Cut(step.Node, nameWidth).PadRight(nameWidth)}  {state}{(step.BytesFreed > 0 ? $", {Human.Bytes(step.BytesFreed)} freed" : "")}";
    }

    private static string Detail(StepProgressDto step) => step switch
    {
        { State: "running" or "pausing", Progress: { } progress } => WorkText.Now(progress),
        { State: "waiting" or "paused" or "failed" } => step.Reason,
        { State: "running", Kind: "step-down" } => step.Reason,
        _ => "",
    };

    private static string Cut(string text, int width)
    {
        var shown = Visible.Of(text);
        return shown.Length <= width ? shown : string.Concat(shown.AsSpan(0, Math.Max(1, width - 1)), "…");
    }
}
