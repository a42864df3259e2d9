namespace Orchestrator.Storage.Compaction;

/// <summary>A compaction under way; see <see cref="CollectionStore.StartCompaction"/>.</summary>
public sealed class CompactionJob : IDisposable
{
    internal CompactionJob()
    {
    }

    /// <summary>Most bytes to write per second; null = no limit. May be changed at any time, from any thread.</summary>
    public long? MaxBytesPerSecond { get; set; }

    /// <summary>The last progress reported. Any thread.</summary>
    public CompactionProgress Progress => throw new NotImplementedException();

    /// <summary>What it brought; null until it is done.</summary>
    public CompactionResult? Result => throw new NotImplementedException();

    /// <summary>
    /// Everything that can be done while writes go on, up to the point where <see cref="CollectionStore.FinishUnit"/>
    /// must be called. Blocks; for a background thread. Progress is reported on that thread.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled; what is copied is kept. May be called again.</exception>
    /// <exception cref="InsufficientDiskSpaceException">What is copied is kept or removed, as asked for.</exception>
    /// <exception cref="CompactionRefusedException">The source was rolled back.</exception>
    public void RunOnline(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Stops the job. What it has copied is kept for the next one.</summary>
    public void Dispose() => throw new NotImplementedException();
}
