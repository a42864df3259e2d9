using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Compaction;

/// <summary>What a unit's work has from its job: speed limit, free disk, the clock, and where it reports its progress.</summary>
internal sealed class JobControl(
    CollectionDirectory directory, StorageOptions options, TimeProvider time, SpeedLimit speed, ProgressTracker.UnitProgress progress)
{
    public StorageOptions Options => options;

    public FileLayer Files => options.Files;

    public TimeProvider Time => time;

    public ProgressTracker.UnitProgress Progress => progress;

    public CollectionDirectory Directory => directory;

    /// <summary>What to write in one transaction: less under a speed limit, so that no wait is long.</summary>
    public long BatchBytes => speed.MaxBytesPerSecond is { } limit ? Math.Min(options.CopyBatchBytes, limit / 4) : options.CopyBatchBytes;

    public void Hit(string failpoint) => options.Failpoint?.Invoke(failpoint);

    /// <summary>After each batch, with its transaction ended: cancellation, free disk, then the wait for the speed limit.</summary>
    public void AfterBatch(long bytes, CancellationToken cancellation)
    {
        progress.Wrote(bytes);
        cancellation.ThrowIfCancellationRequested();
        RequireFreeDisk(directory, options, 0);
        speed.Pace(bytes, cancellation);
    }

    /// <summary>As <see cref="AfterBatch"/>, where no disk is needed.</summary>
    public void AfterSlice(long bytes, CancellationToken cancellation)
    {
        progress.Wrote(bytes);
        cancellation.ThrowIfCancellationRequested();
        speed.Pace(bytes, cancellation);
    }

    /// <exception cref="InsufficientDiskSpaceException"/>
    public static void RequireFreeDisk(CollectionDirectory directory, StorageOptions options, long bytes)
    {
        var required = bytes + options.MinimumFreeDiskBytes;
        var available = required > 0 ? options.Files.FreeBytes(directory.Path) : 0;
        if (available < required)
        {
            throw new InsufficientDiskSpaceException(directory.Path, required, available);
        }
    }
}
