using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Compaction;

/// <summary>What all units of a job share: speed limit, free disk, progress, the clock.</summary>
internal sealed class JobControl(
    CollectionDirectory directory, StorageOptions options, TimeProvider time, ProgressTracker progress)
{
    private long maxBytesPerSecond;
    private long paceStart;
    private long paceBytes;
    private long paceLimit;

    public StorageOptions Options => options;

    public FileLayer Files => options.Files;

    public TimeProvider Time => time;

    public ProgressTracker Progress => progress;

    public CollectionDirectory Directory => directory;

    /// <summary>Null = no limit.</summary>
    public long? MaxBytesPerSecond
    {
        get => Interlocked.Read(ref maxBytesPerSecond) is var value && value == 0 ? null : value;
        set
        {
            CompactionRequest.RequireSpeedLimit(value);
            Interlocked.Exchange(ref maxBytesPerSecond, value ?? 0);
        }
    }

    /// <summary>What to write in one transaction: less under a speed limit, so that no wait is long.</summary>
    public long BatchBytes => MaxBytesPerSecond is { } limit ? Math.Min(options.CopyBatchBytes, limit / 4) : options.CopyBatchBytes;

    public void Hit(string failpoint) => options.Failpoint?.Invoke(failpoint);

    /// <summary>After each batch, with its transaction ended: cancellation, free disk, then the wait for the speed limit.</summary>
    public void AfterBatch(long bytes, CancellationToken cancellation)
    {
        progress.Wrote(bytes);
        cancellation.ThrowIfCancellationRequested();
        RequireFreeDisk(0);
        Pace(bytes, cancellation);
    }

    /// <summary>As <see cref="AfterBatch"/>, where no disk is needed.</summary>
    public void AfterSlice(long bytes, CancellationToken cancellation)
    {
        progress.Wrote(bytes);
        cancellation.ThrowIfCancellationRequested();
        Pace(bytes, cancellation);
    }

    /// <exception cref="InsufficientDiskSpaceException"/>
    public void RequireFreeDisk(long bytes)
    {
        var required = bytes + options.MinimumFreeDiskBytes;
        var available = required > 0 ? options.Files.FreeBytes(directory.Path) : 0;
        if (available < required)
        {
            throw new InsufficientDiskSpaceException(directory.Path, required, available);
        }
    }

    /// <summary>Waits until what was written since the limit was set is within the limit.</summary>
    private void Pace(long bytes, CancellationToken cancellation)
    {
        var limit = Interlocked.Read(ref maxBytesPerSecond);
        if (limit != paceLimit)
        {
            paceLimit = limit;
            paceBytes = 0;
            paceStart = time.GetTimestamp();
        }

        if (limit == 0)
        {
            return;
        }

        paceBytes += bytes;
        var due = TimeSpan.FromSeconds((double)paceBytes / limit);
        var wait = due - time.GetElapsedTime(paceStart);
        if (wait > TimeSpan.Zero)
        {
            Task.Delay(wait, time, cancellation).GetAwaiter().GetResult();
        }
        else if (wait < TimeSpan.FromSeconds(-1))
        {
            // Time that was not used is not saved up for a burst.
            paceBytes = 0;
            paceStart = time.GetTimestamp();
        }
    }
}
