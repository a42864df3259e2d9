using Akka.Actor;

namespace Akka.Remote.Transport;

/// <summary>The other side does not want to talk to this system.</summary>
internal sealed class RefusedException(string message) : Exception(message);

/// <summary>Pauses between attempts to connect: each is twice as long as the one before.</summary>
internal sealed class Backoff(RemoteSettings settings, IScheduler scheduler)
{
    /// <summary>Longest pause: a peer that has just been started is found within it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private TimeSpan _pause = settings.BackoffInterval;
    private TimeSpan? _since;

    /// <summary>True when no attempt has succeeded for the time that messages are kept.</summary>
    public bool HasLastedTooLong => _since is { } since && scheduler.MonotonicClock - since >= settings.RetryGateClosedFor;

    public void Reset()
    {
        _pause = settings.BackoffInterval;
        _since = null;
    }

    public async Task WaitAsync(CancellationToken token)
    {
        _since ??= scheduler.MonotonicClock;
        await Task.Delay(_pause, token).ConfigureAwait(false);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, Math.Min(Longest.Ticks, settings.RetryGateClosedFor.Ticks)));
    }
}
