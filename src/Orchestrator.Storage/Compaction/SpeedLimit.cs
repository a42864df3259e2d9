namespace Orchestrator.Storage.Compaction;

/// <summary>How fast a job may write, all its units together. Any thread.</summary>
internal sealed class SpeedLimit(TimeProvider time)
{
    private readonly object gate = new();
    private long limit;
    private volatile bool wasLimited;
    private long paceStart;
    private long paceBytes;
    private long paceLimit;

    /// <summary>Null = no limit.</summary>
    public long? MaxBytesPerSecond
    {
        get => Interlocked.Read(ref limit) is var value && value == 0 ? null : value;
        set
        {
            CompactionRequest.RequireSpeedLimit(value);
            Interlocked.Exchange(ref limit, value ?? 0);
            wasLimited |= value is not null;
        }
    }

    /// <summary>Whether there was a limit at any time, so that the speed says nothing of the disk.</summary>
    public bool WasLimited => wasLimited;

    /// <summary>Waits until what was written since the limit was set is within the limit.</summary>
    public void Pace(long bytes, CancellationToken cancellation)
    {
        var wait = Wait(bytes);
        if (wait > TimeSpan.Zero)
        {
            Task.Delay(wait, time, cancellation).GetAwaiter().GetResult();
        }
    }

    private TimeSpan Wait(long bytes)
    {
        lock (gate)
        {
            var current = Interlocked.Read(ref limit);
            if (current != paceLimit)
            {
                paceLimit = current;
                paceBytes = 0;
                paceStart = time.GetTimestamp();
            }

            if (current == 0)
            {
                return TimeSpan.Zero;
            }

            paceBytes += bytes;
            var wait = TimeSpan.FromSeconds((double)paceBytes / current) - time.GetElapsedTime(paceStart);
            if (wait < TimeSpan.FromSeconds(-1))
            {
                // Time that was not used is not saved up for a burst.
                paceBytes = 0;
                paceStart = time.GetTimestamp();
            }

            return wait;
        }
    }
}
