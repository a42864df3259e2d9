using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>Shows a run until it ends: a screen that changes on a terminal, else a line for each event.</summary>
internal static class RunWatcher
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    public static async Task<RunDto> Watch(
        CliOutput output, RunFollower follower, RunDto run, TimeProvider time, CancellationToken cancellationToken) =>
        output.IsTerminal
            ? await Live(output.Text, follower, run, time, cancellationToken)
            : await follower.Follow(run.Id, e => output.Remark(EventLine(e)), _ => { }, cancellationToken);

    /// <summary>An event on one line.</summary>
    public static string EventLine(RunEventDto e) => $"{e.At.UtcDateTime:HH:mm:ss} {e.Message}";

    private static async Task<RunDto> Live(
        IAnsiConsole console, RunFollower follower, RunDto run, TimeProvider time, CancellationToken cancellationToken)
    {
        var screen = new RunScreen(run, time);
        var latest = RunScreen.Of(run);
        return await console.Live(Screen())
            .AutoClear(true)
            .StartAsync(async context =>
            {
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var follow = follower.Follow(run.Id, _ => { }, progress => Volatile.Write(ref latest, progress), cancellationToken);

                // Redrawn by the clock, so that time passes on the screen also while nothing else changes.
                while (!follow.IsCompleted)
                {
                    context.UpdateTarget(Screen());
                    await Task.WhenAny(follow, Task.Delay(Tick, time, ended.Token));
                }

                await ended.CancelAsync();
                return await follow;
            });

        Spectre.Console.Rendering.IRenderable Screen() =>
            screen.Show(Volatile.Read(ref latest), console.Profile.Width, console.Profile.Height);
    }
}
