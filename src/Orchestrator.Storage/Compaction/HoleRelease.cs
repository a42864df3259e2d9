using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Gives the blocks of free pages back to the file system by punching holes into the file.
/// </summary>
/// <remarks>
/// Why nothing is lost: only leaf pages of SQLite's free list are touched, and what is in them means nothing to SQLite: it
/// neither reads nor restores it, and writes a page whole when it takes it from the list. That holds for the state of the
/// database in which the list was read, so this must be the only one that anybody can see or come back to:
/// <list type="bullet">
/// <item>The write-ahead log is empty: a TRUNCATE checkpoint succeeded, which takes that all of the log is in the file and that
/// no read uses the log. (A read that uses the file alone has the state from which the log began; while there is one, nothing
/// newer can be copied into the file, and the checkpoint reports that it was busy.) So the list in the file is the present
/// one, every running read has this state, and a crash can bring back no earlier one.</item>
/// <item>The write lock is held from then on until the last hole is punched, so that no page is taken from the list meanwhile;
/// that the log is still empty is checked under the lock.</item>
/// </list>
/// A crash in the middle leaves some holes more, and nothing else.
/// </remarks>
internal sealed class HoleRelease(CompactionUnit unit, InPlaceFile file) : InPlaceWork(unit, file)
{
    private const int HolesPerLook = 64;
    private static readonly TimeSpan SliceTime = TimeSpan.FromMilliseconds(15);
    private long donePages;
    private bool busy;

    public override void RunOnline(JobControl control, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (busy)
        {
            Await(control, cancellation);
        }

        WorkOffLog(control, 0, cancellation);
    }

    public override bool Slice(JobControl control)
    {
        var session = File.Writer();
        if (!session.Checkpoint())
        {
            busy = true;
            return false;
        }

        busy = false;
        Waited();
        session.Run("BEGIN IMMEDIATE");
        try
        {
            if (control.Files.Length(File.Path + "-wal") > 0)
            {
                return false;
            }

            return Punch(control, session);
        }
        finally
        {
            session.Run("ROLLBACK");
        }
    }

    private bool Punch(JobControl control, SqliteSession session)
    {
        var holes = File.Holes();
        var pages = session.Scalar("PRAGMA page_count");
        var leaves = FreeList.Leaves(holes, File.PageSize, pages);
        var from = leaves.FindIndex(leaf => leaf > donePages);
        var started = control.Time.GetTimestamp();
        var punched = 0;
        foreach (var (lastPage, offset, length) in FreeList.Blocks(from < 0 ? [] : leaves[from..], File.PageSize, holes.BlockBytes))
        {
            holes.Punch(offset, length);
            donePages = lastPage;
            control.Progress.Wrote(length);
            if (++punched % HolesPerLook == 0 && control.Time.GetElapsedTime(started) > SliceTime)
            {
                control.Progress.Report(CompactionStage.Release, donePages, pages);
                control.Hit(Failpoints.Released);
                return false;
            }
        }

        control.Progress.Report(CompactionStage.Release, pages, pages);
        control.Hit(Failpoints.Released);
        return true;
    }
}
