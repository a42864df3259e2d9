using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Kubernetes;

/// <summary>
/// Logs trouble that is met again and again: when it begins, then once a minute at most with how long it has lasted, and when it is over. Any thread.
/// </summary>
/// <param name="trouble">What does not work, for example <c>The Lease operator cannot be renewed</c>.</param>
/// <param name="over">What works again afterwards, for example <c>The Lease operator can be renewed again</c>.</param>
internal sealed class LastingTrouble(string trouble, string over, TimeProvider time, Serilog.ILogger logger)
{
    private static readonly TimeSpan Repetition = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _since;
    private long _toldAt;

    /// <summary>It was met.</summary>
    public void Note(string reason)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_since is not { } since)
            {
                (_since, _toldAt) = (now, now);
                logger.Warning("{Trouble:l}: {Reason}", trouble, reason);
            }
            else if (time.GetElapsedTime(_toldAt, now) >= Repetition)
            {
                _toldAt = now;
                logger.Warning("{Trouble:l}, for {Lasting:l} now: {Reason}", trouble, Human.RoughDuration(time.GetElapsedTime(since, now)), reason);
            }
        }
    }

    /// <summary>What it keeps from working has worked.</summary>
    public void Over()
    {
        lock (_lock)
        {
            if (_since is { } since)
            {
                _since = null;
                logger.Information("{Over:l}, after {Lasted:l}", over, Human.RoughDuration(time.GetElapsedTime(since)));
            }
        }
    }
}
