using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Moves the file's tail into its free pages (<c>PRAGMA incremental_vacuum</c>), a slice at a time on the writer's own
/// connection, and cuts the file off, until no more than the target is free. The file is whole after each slice: there is
/// nothing to resume, the next compaction finds fewer free pages.
/// </summary>
internal sealed class IncrementalMove(CompactionUnit unit, InPlaceFile file, TombstoneSweep? sweep, long freeSpaceTarget)
    : InPlaceWork(unit, file)
{
    private const int MinPages = 8;
    private const int MaxPages = 4096;
    private static readonly TimeSpan SliceTime = TimeSpan.FromMilliseconds(8);
    private int pages = 32;
    private long moved;
    private long unpaced;
    private long total = -1;
    private bool tombstonesFound;

    public override long TombstonesDropped => sweep?.Dropped ?? 0;

    public override void RunOnline(JobControl control, CancellationToken cancellation)
    {
        tombstonesFound = sweep?.Find(cancellation) == true;
        WorkOffLog(control, 2 * control.Options.WriteAheadLogBytes, cancellation);
        Waited();
        var bytes = unpaced;
        unpaced = 0;
        control.AfterSlice(bytes, cancellation);
    }

    public override bool Slice(JobControl control)
    {
        var session = File.Writer();
        if (tombstonesFound)
        {
            sweep!.Drop();
            tombstonesFound = false;
            return false;
        }

        var excess = session.Scalar("PRAGMA freelist_count") - (freeSpaceTarget / File.PageSize);
        if (excess <= 0)
        {
            session.Checkpoint();
            return true;
        }

        total = Math.Max(total, moved + excess);
        var started = control.Time.GetTimestamp();

        // Half of what the log holds before a commit would have to work it off.
        var most = Math.Min(control.BatchBytes, control.Options.WriteAheadLogBytes / 2) / File.PageSize;
        var slice = (int)Math.Min(excess, Math.Min(pages, Math.Max(1, most)));
        MoveUnsynced(session, slice);
        var took = control.Time.GetElapsedTime(started);
        pages = Math.Clamp(took > SliceTime ? pages / 2 : pages * 2, MinPages, MaxPages);
        moved += slice;
        unpaced += (long)slice * File.PageSize;
        control.Progress.Report(CompactionStage.Move, moved, total);
        control.Hit(Failpoints.Moved);
        return false;
    }

    /// <summary>
    /// A slice that a loss of power takes back is moved again, so writes need not wait for its sync. What is committed before and after keeps
    /// its own: the next sync of the log includes the slice, and nothing comes into the file before the log is synced.
    /// </summary>
    private static void MoveUnsynced(SqliteSession session, int slice)
    {
        var level = session.Scalar("PRAGMA main.synchronous");
        session.Execute("PRAGMA main.synchronous = NORMAL");
        try
        {
            session.VacuumPages(slice);
        }
        finally
        {
            session.Execute($"PRAGMA main.synchronous = {level}");
        }
    }
}
