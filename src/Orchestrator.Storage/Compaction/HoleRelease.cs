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
    private const long LargestHole = 16L << 20;
    private static readonly TimeSpan SliceTime = TimeSpan.FromMilliseconds(15);
    private List<uint> leaves = [];
    private long donePages = -1;
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
        var asBefore = IsLogEmpty(control);
        if (!asBefore && !session.Checkpoint())
        {
            busy = true;
            return false;
        }

        busy = false;
        Waited();
        session.Run("BEGIN IMMEDIATE");
        try
        {
            if (!IsLogEmpty(control))
            {
                return false;
            }

            var pages = session.Scalar("PRAGMA page_count");
            if (!asBefore || donePages < 0)
            {
                // It was written to since the list was read.
                leaves = FreeList.Leaves(File.Holes(), File.PageSize, pages, donePages);
            }

            return Punch(control, pages);
        }
        finally
        {
            session.Run("ROLLBACK");
        }
    }

    /// <summary>All that was ever written is in the file; and nothing was since the log was emptied.</summary>
    private bool IsLogEmpty(JobControl control) => control.Files.Length(File.Path + "-wal") == 0;

    private bool Punch(JobControl control, long pages)
    {
        var holes = File.Holes();
        var started = control.Time.GetTimestamp();
        var from = leaves.FindIndex(leaf => leaf > donePages);
        foreach (var (lastPage, offset, length) in FreeList.Blocks(from < 0 ? [] : leaves[from..], File.PageSize, holes.BlockBytes))
        {
            for (long done = 0; done < length;)
            {
                if (control.Time.GetElapsedTime(started) > SliceTime)
                {
                    control.Progress.Report(CompactionStage.Release, Math.Max(0, donePages), pages);
                    control.Hit(Failpoints.Released);
                    return false;
                }

                // A large hole takes as long as many small ones.
                var piece = Math.Min(LargestHole, length - done);
                holes.Punch(offset + done, piece);
                control.Progress.Wrote(piece);
                done += piece;
                donePages = done < length ? (offset + done) / File.PageSize : lastPage;
            }
        }

        control.Progress.Report(CompactionStage.Release, pages, pages);
        control.Hit(Failpoints.Released);
        return true;
    }
}
