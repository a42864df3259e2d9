using System.CommandLine;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli;

/// <summary>Shows a run to its end. Where the run ends with this process (<c>--config</c>) it is paused first if the waiting ends earlier.</summary>
/// <param name="output">Where it is shown.</param>
/// <param name="time">The clock.</param>
/// <param name="goOn">The command that goes on with the run, where it ends with this process; else null.</param>
internal sealed class RunWait(OrchestratorClient client, CliOutput output, TimeProvider time, string? goOn)
{
    /// <summary>How long it goes on asking when nobody answers: a supervisor that is replaced needs some of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>How long a run may take to reach its next safe point before this process ends without it.</summary>
    private static readonly TimeSpan PauseLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Makes <c>--timeout</c>.</summary>
    public static Option<TimeSpan?> TimeoutOption() =>
        TimeoutOption("Wait no longer than this (exit code 4); the run continues, or with --config pauses. For example 90s, 15m, 2h.");

    /// <inheritdoc cref="TimeoutOption()"/>
    public static Option<TimeSpan?> TimeoutOption(string description) => UnitOptions.Duration("--timeout", description, "90s, 15m or 2h");

    /// <summary>What the process tells its caller about a run that has ended.</summary>
    public static int ExitCodeOf(RunDto run) => run.State is "failed" or "cancelled" ? ExitCodes.Failed : ExitCodes.Done;

    /// <returns>The run as it ended.</returns>
    /// <exception cref="TimeoutException">It has not ended in time.</exception>
    /// <exception cref="OperationCanceledException">Somebody interrupted the command.</exception>
    public async Task<RunDto> Wait(RunDto run, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var others = goOn is null ? await OtherServers.Of(client, run.Cluster, limited.Token) : OtherServers.None;
            return await RunWatcher.Watch(output, new RunFollower([client, .. others.Clients], time, Patience), run, time, limited.Token);
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested)
        {
            var left = await Leave(run);
            throw cancellationToken.IsCancellationRequested
                ? new InterruptedException($"Interrupted. {left}")
                : new TimeoutException($"Run {run.Id} has not ended within {Human.Duration(timeout!.Value)}. {left}");
        }
    }

    /// <summary>Leaves the run behind in good order, and says how to get back to it.</summary>
    private async Task<string> Leave(RunDto run)
    {
        if (goOn is null)
        {
            return $"Run {run.Id} continues; 'orchestrator watch {run.Id}' shows it, 'orchestrator pause {run.Id}' stops it.";
        }

        using var limit = new CancellationTokenSource(PauseLimit, time);
        try
        {
            output.Remark($"Pausing run {run.Id} at its next safe point.");
            var now = await client.PauseRun(run.Id, new ReasonBody("the command that ran it was stopped"), limit.Token);
            while (now.State is not "paused" && now.FinishedAt is null)
            {
                await Task.Delay(PollPause, time, limit.Token);
                now = await client.Run(run.Id, limit.Token);
            }

            return now.FinishedAt is null
                ? $"Run {run.Id} is paused. To continue: {goOn}"
                : $"Run {run.Id} has ended: {now.State}.";
        }
        catch (Exception e) when (e is OperationCanceledException or ApiException or ServerUnreachableException)
        {
            return $"Run {run.Id} stops with this process. The next command checks what was done before it continues. To continue: {goOn}";
        }
    }
}

/// <summary>Somebody interrupted the command; the message says what becomes of its work.</summary>
internal sealed class InterruptedException(string message) : OperationCanceledException(message);
