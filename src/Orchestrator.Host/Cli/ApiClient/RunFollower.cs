using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>Follows a run to its end, reconnecting (to any of several servers) whenever the stream breaks.</summary>
/// <param name="clients">Servers of the same cluster; at least one.</param>
/// <param name="patience">How long no server may answer before it gives up.</param>
internal sealed class RunFollower(IReadOnlyList<OrchestratorClient> clients, TimeProvider time, TimeSpan patience)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    /// <summary>Hands on every event once and the latest progress, and returns the finished run.</summary>
    /// <exception cref="ServerUnreachableException">No server answered for the whole patience.</exception>
    public async Task<RunDto> Follow(
        string run, Action<RunEventDto> onEvent, Action<RunProgressDto> onProgress, CancellationToken cancellationToken)
    {
        var after = 0L;
        var lastContact = time.GetTimestamp();
        var pause = Pause;
        for (var attempt = 0; ; attempt++)
        {
            var client = clients[attempt % clients.Count];
            try
            {
                await foreach (var item in client.FollowOnce(run, after, cancellationToken))
                {
                    (lastContact, pause) = (time.GetTimestamp(), Pause);
                    switch (item)
                    {
                        case RunStreamItem.Recorded recorded:
                            after = recorded.Event.Sequence;
                            onEvent(recorded.Event);
                            break;
                        case RunStreamItem.Progressed progressed:
                            onProgress(progressed.Progress);
                            break;
                    }
                }

                var view = await client.Run(run, cancellationToken);
                lastContact = time.GetTimestamp();
                if (view.FinishedAt is not null)
                {
                    return view;
                }
            }
            catch (Exception e) when (IsPassing(e) && time.GetElapsedTime(lastContact) < patience)
            {
                // The server or the supervisor is moving; another try goes on after the last event.
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Whether asking again later may help.</summary>
    public static bool IsPassing(Exception e) =>
        e is ServerUnreachableException or ApiException { Problem.Status: StatusCodes.Status503ServiceUnavailable };
}
