using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>What the copies of documents and of indexes have in common, at their beginning and at their end.</summary>
internal static class CopyFile
{
    /// <summary>Added to a file's name for its partial copy; what is found at start-up may be gone on with.</summary>
    public const string Suffix = ".compact";

    private const int MinPagesBetweenLooks = 1000;
    private const int CacheKilobytes = 500;

    /// <summary>Opens or creates a copy with its source attached as <c>src</c>.</summary>
    public static SqliteSession Open(string copyPath, string sourcePath, StorageOptions options)
    {
        var session = SqliteSession.OpenOrCreate(copyPath, options);
        try
        {
            // Appending changes few pages that were there before, so a rollback journal costs less than writing
            // everything twice through a write-ahead log.
            session.Execute("PRAGMA journal_mode = TRUNCATE");

            // Syncs the journal before the first page of the file is written, and the file before the journal is emptied. What
            // FULL adds, that the journal is durably empty then, would make a batch durable at its commit. A loss of power
            // may thus undo the last batch, and that does no harm, because the checkpoint is undone with it: the copy is as after
            // the batch before. In the write-ahead log of the end it is the same; closing syncs that log, and then the file, before the swap.
            session.Execute("PRAGMA synchronous = NORMAL");
            UseSmallCache(session);
            session.Attach(sourcePath);
            session.Execute($"PRAGMA src.cache_size = -{CacheKilobytes}");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>
    /// For writing a file from its beginning to its end, once: what is left in the processor's cache is faster than a larger
    /// cache, and than a memory map, by a third.
    /// </summary>
    public static void UseSmallCache(SqliteSession session) => session.Execute($"PRAGMA main.cache_size = -{CacheKilobytes}");

    /// <summary>For reading all of a copy, when it is written: without a call of the system for each page.</summary>
    public static void MapMemory(SqliteSession copy, StorageOptions options) => copy.Execute($"PRAGMA main.mmap_size = {options.MemoryMapBytes}");

    /// <summary>Ends the file where its last page in use is: versions that were replaced while catching up leave whole pages.</summary>
    public static void GiveBackFreePages(SqliteSession copy, CancellationToken cancellation)
    {
        for (var free = copy.Scalar("PRAGMA main.freelist_count"); free > 0; free -= MinPagesBetweenLooks)
        {
            cancellation.ThrowIfCancellationRequested();
            copy.VacuumPages(MinPagesBetweenLooks);
        }
    }

    /// <summary>SQLite's check, after free pages were given back.</summary>
    /// <exception cref="CorruptFileException"/>
    public static void Verify(SqliteSession copy, string path, CancellationToken cancellation)
    {
        GiveBackFreePages(copy, cancellation);
        copy.Interruptible(cancellation, () => Check(copy, path));
    }

    /// <summary>SQLite's check.</summary>
    /// <exception cref="CorruptFileException"/>
    public static void Check(SqliteSession copy, string path)
    {
        var verdict = copy.Text("PRAGMA main.quick_check(1)");
        if (verdict != "ok")
        {
            throw new CorruptFileException(path, verdict);
        }
    }

    public static void UseWriteAheadLog(SqliteSession copy) => copy.Execute("PRAGMA main.journal_mode = WAL");

    /// <summary>
    /// To be done before writes are kept waiting: what is still to come then goes through a write-ahead log, with one sync, and
    /// the file is in the mode already that it is to have.
    /// </summary>
    public static void PrepareForSwap(SqliteSession copy)
    {
        UseWriteAheadLog(copy);
        copy.Run("PRAGMA main.wal_checkpoint(TRUNCATE)");
        copy.Execute("PRAGMA wal_autocheckpoint = 0");

        // It takes long to undo a large map.
        copy.Execute("PRAGMA main.mmap_size = 0");
    }

    /// <summary>Undoes <see cref="PrepareForSwap"/>, as far as it matters: the log does not grow without end.</summary>
    public static void GoOn(SqliteSession copy) => copy.Execute("PRAGMA wal_autocheckpoint = 1000");

    /// <summary>Closes a finished copy; closing takes the log into the file. What could not be is found by the swap.</summary>
    public static void CloseSynced(SqliteSession copy, string path, JobControl control)
    {
        using (copy)
        {
            copy.Execute("DETACH src");
        }

        control.Files.SyncFile(path);
    }
}
