using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Shows a run until it ends: a bar for each step on a terminal, else a line for each event.</summary>
internal static class RunWatcher
{
    public static async Task<RunDto> Watch(CliOutput output, RunFollower follower, RunDto run, CancellationToken cancellationToken) =>
        output.IsTerminal
            ? await Live(output.Text, follower, run, cancellationToken)
            : await follower.Follow(run.Id, e => output.Remark(EventLine(e)), _ => { }, cancellationToken);

    /// <summary>An event on one line.</summary>
    public static string EventLine(RunEventDto e) => $"{e.At.UtcDateTime:HH:mm:ss} {e.Message}";

    private static Task<RunDto> Live(IAnsiConsole console, RunFollower follower, RunDto run, CancellationToken cancellationToken) =>
        console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bars = run.Steps.ToDictionary(
                    step => step.Number, step => context.AddTask(Describe(step.Kind, step.Node, step.State), autoStart: false));
                return await follower.Follow(run.Id, _ => { }, progress => Show(bars, progress), cancellationToken);
            });

    private static void Show(Dictionary<int, ProgressTask> bars, RunProgressDto progress)
    {
        foreach (var step in progress.Steps)
        {
            if (bars.TryGetValue(step.Number, out var bar))
            {
                bar.Description = Describe(step.Kind, step.Node, step.State);
                if (step.State is "running" && !bar.IsStarted)
                {
                    bar.StartTask();
                }

                bar.Value = step.State is "completed" or "skipped" ? bar.MaxValue : step.Fraction * bar.MaxValue;
            }
        }
    }

    private static string Describe(string kind, string node, string state) => Markup.Escape($"{kind} {node}: {state}");
}
