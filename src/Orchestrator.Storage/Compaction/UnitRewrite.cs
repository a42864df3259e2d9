namespace Orchestrator.Storage.Compaction;

/// <summary>The rewrite of one unit into a new file, up to the moment of the swap.</summary>
internal abstract class UnitRewrite : IDisposable
{
    public abstract CompactionUnit Unit { get; }

    /// <summary>The partial copy.</summary>
    public abstract string CopyPath { get; }

    /// <summary>Everything that can be done while writes go on. Can be interrupted, and called again.</summary>
    public abstract void RunOnline(JobControl control, CancellationToken cancellation);

    /// <summary>Closes the copy; what is in it is kept.</summary>
    public abstract void Dispose();
}
