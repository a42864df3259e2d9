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
            : await Lines(output, follower, run, cancellationToken);

    /// <summary>An event on one line.</summary>
    public static string EventLine(RunEventDto e) => $"{e.At.UtcDateTime:HH:mm:ss'Z'} {e.Message}";

    /// <summary>Which events a line is written for. Of each step's dozen checks: those that fail, and pass after that.</summary>
    public static Func<RunEventDto, bool> ToldEvents()
    {
        var failed = new HashSet<(int?, string)>();
        return e => e.Check is not { } check
            || (check.Passed == true ? failed.Remove((e.Step, check.Check)) : check.Passed is null || failed.Add((e.Step, check.Check)));
    }

    private static Task<RunDto> Lines(CliOutput output, RunFollower follower, RunDto run, CancellationToken cancellationToken)
    {
        var isTold = ToldEvents();
        return follower.Follow(
            run.Id,
            e =>
            {
                if (isTold(e))
                {
                    output.Remark(EventLine(e));
                }
            },
            _ => { },
            cancellationToken);
    }

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
