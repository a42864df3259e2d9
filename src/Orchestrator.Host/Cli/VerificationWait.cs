using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;

namespace Orchestrator.Host.Cli;

/// <summary>
/// Shows a verification to its end, however long that takes, as long as something is heard of it. Stops it when the waiting ends
/// earlier: it only reads, and nobody would get its result.
/// </summary>
internal sealed class VerificationWait(OrchestratorClient client, CliOutput output, TimeProvider time)
{
    /// <summary>How long it goes on asking when nobody answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(10);

    /// <summary>Reading the files takes about as much of the time as this; comparing takes the rest.</summary>
    private const double ShareOfFiles = 0.7;

    // The server that was named, then the others; the next one is asked when one does not answer.
    private IReadOnlyList<OrchestratorClient> clients = [client];
    private int asked;

    private OrchestratorClient Client => clients[asked % clients.Count];

    /// <returns>The verification as it ended.</returns>
    /// <exception cref="TimeoutException">It has not ended in time.</exception>
    /// <exception cref="OperationCanceledException">Somebody interrupted the command.</exception>
    public async Task<VerificationStatusDto> Wait(VerificationStatusDto begun, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var others = OtherServers.None;
        try
        {
            others = await OtherServers.Of(client, begun.Cluster, limited.Token);
            clients = [client, .. others.Clients];
            return output.IsTerminal ? await Live(begun, limited.Token) : await Follow(begun, Lines(), limited.Token);
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested)
        {
            var left = await Stop(begun);
            throw cancellationToken.IsCancellationRequested
                ? new InterruptedException($"Interrupted. {left}")
                : new TimeoutException($"The verification has not ended within {Human.Duration(timeout!.Value)}. {left}");
        }
        finally
        {
            others.Dispose();
        }
    }

    /// <summary>0 to 1 over everything.</summary>
    public static double Fraction(VerificationStatusDto status)
    {
        if (status.Progress is not { } progress)
        {
            return 1;
        }

        var ofThis = progress.Total > 0 ? Math.Clamp((double)progress.Done / progress.Total, 0, 1) : 0;
        var ofPhase = progress.CollectionsTotal > 0 ? Math.Min(1, (progress.CollectionsDone + ofThis) / progress.CollectionsTotal) : 0;
        return status.State == "comparing" ? ShareOfFiles + ((1 - ShareOfFiles) * ofPhase) : ShareOfFiles * ofPhase;
    }

    private Task<VerificationStatusDto> Live(VerificationStatusDto begun, CancellationToken cancellationToken) => output.Text.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(context =>
        {
            var bar = context.AddTask(Markup.Escape($"verify {begun.Node}"));
            return Follow(
                begun,
                status =>
                {
                    bar.Description = Markup.Escape(What(status));
                    bar.Value = Math.Max(bar.Value, Fraction(status) * bar.MaxValue);
                },
                cancellationToken);
        });

    /// <summary>A line whenever something else is looked at.</summary>
    private Action<VerificationStatusDto> Lines()
    {
        var last = "";
        return status =>
        {
            if (status.Progress is { } progress && What(status) is var now && now != last)
            {
                last = now;
                output.Remark($"{now} ({Human.Percent(Fraction(status))})");
            }
        };
    }

    private static string What(VerificationStatusDto status) => status.Progress is { Collection.Length: > 0 } progress
        ? $"{progress.Collection}: {(progress.Stage.Length > 0 ? progress.Stage : "begins")}"
        : $"verify {status.Node}";

    private async Task<VerificationStatusDto> Follow(
        VerificationStatusDto status, Action<VerificationStatusDto> show, CancellationToken cancellationToken)
    {
        var lastContact = time.GetTimestamp();
        while (status.FinishedAt is null)
        {
            show(status);
            await Task.Delay(PollPause, time, cancellationToken);
            try
            {
                status = await Client.Verification(status.Cluster, status.Id, cancellationToken);
                lastContact = time.GetTimestamp();
            }
            catch (Exception e) when (RunFollower.IsPassing(e) && time.GetElapsedTime(lastContact) < Patience)
            {
                // The server or the supervisor is moving; one that takes over goes on under the same id.
                asked++;
            }
        }

        show(status);
        return status;
    }

    private async Task<string> Stop(VerificationStatusDto begun)
    {
        using var limit = new CancellationTokenSource(CancelLimit, time);
        try
        {
            await Client.CancelVerification(begun.Cluster, begun.Id, limit.Token);
            return $"Verification {begun.Id} is stopped.";
        }
        catch (Exception e) when (e is OperationCanceledException or ApiException or ServerUnreachableException)
        {
            return $"Verification {begun.Id} could not be stopped; it stops by itself two minutes after the last request for it.";
        }
    }
}
