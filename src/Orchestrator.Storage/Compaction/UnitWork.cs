using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Files;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>The compaction of one unit in one mode: what can be done while writes go on, and then what takes its turn between two commits.</summary>
internal abstract class UnitWork : IDisposable
{
    public abstract CompactionUnit Unit { get; }

    /// <summary>The partial copy; null where there is none.</summary>
    public virtual string? CopyPath => null;

    public virtual long TombstonesDropped => 0;

    /// <summary>Everything that can be done while writes go on. Can be interrupted, and called again.</summary>
    public abstract void RunOnline(JobControl control, CancellationToken cancellation);

    /// <summary>Closes what is open; what has been done is kept.</summary>
    public abstract void Dispose();
}

/// <summary>A copy of the documents that is to take the place of their file.</summary>
internal abstract class DocumentsCopy : UnitWork
{
    public override CompactionUnit Unit => CompactionUnit.Documents;

    /// <summary>Changes of the source that the copy does not have, at most.</summary>
    public abstract long Lag(long lastSeq);

    /// <summary>With no writes: the last changes, and that the copy has what the source has.</summary>
    public abstract void FinishCopy(JobControl control, DocumentsState source);

    /// <summary>Makes the copy what the documents file is to be, and closes it, synced.</summary>
    public abstract void Seal(JobControl control);
}

/// <summary>A copy of an index that is to take the place of its file.</summary>
internal abstract class IndexCopy(IndexFile index) : UnitWork
{
    public override CompactionUnit Unit => new(index.Definition.Name);

    public override string CopyPath => index.CopyPath;

    public IndexFile Index => index;

    /// <summary>Changes of the source that the copy does not have, at most.</summary>
    public abstract long Lag { get; }

    /// <summary>With no writes: the last entries, then the copy is made what the index file is to be, and closed, synced.</summary>
    public abstract void FinishCopyAndSeal(JobControl control);
}

/// <summary>Works on the file itself, in slices between commits.</summary>
internal abstract class InPlaceWork(CompactionUnit unit, InPlaceFile file) : UnitWork
{
    private const int MaxWaits = 500;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(10);
    private SqliteSession? log;
    private int waits;

    public override CompactionUnit Unit => unit;

    protected InPlaceFile File => file;

    /// <summary>On the writer's thread, for a few milliseconds.</summary>
    /// <returns>True if the unit is done.</returns>
    public abstract bool Slice(JobControl control);

    public override void Dispose()
    {
        log?.Dispose();
        log = null;
    }

    /// <summary>
    /// Copies the write-ahead log into the file, so that the writer need not, and waits while a long read keeps it from
    /// being emptied: the log is to stay short, and pages that only an older snapshot has must not be touched.
    /// </summary>
    /// <exception cref="CompactionRefusedException">Reads of older states do not end.</exception>
    protected void WorkOffLog(JobControl control, long mostBytes, CancellationToken cancellation)
    {
        log ??= SqliteSession.OpenExisting(file.Path, control.Options, memoryMap: false);
        while (!log.CheckpointPassively() && control.Files.Length(file.Path + "-wal") > mostBytes)
        {
            Await(control, cancellation);
        }
    }

    /// <summary>Waits a moment for reads to end.</summary>
    protected void Await(JobControl control, CancellationToken cancellation)
    {
        if (++waits > MaxWaits)
        {
            waits = 0;
            throw new CompactionRefusedException($"{file.Path}: reads of an earlier state do not end; the compaction can continue later.");
        }

        Task.Delay(Wait, control.Time, cancellation).GetAwaiter().GetResult();
    }

    protected void Waited() => waits = 0;
}

/// <summary>A file that is worked on while it is in use; the members are for the writer's thread.</summary>
internal sealed record InPlaceFile(string Path, int PageSize, Func<SqliteSession> Writer, Func<HoleFile> Holes);
