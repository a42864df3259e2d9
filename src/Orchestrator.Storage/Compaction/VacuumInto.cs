using Orchestrator.Storage.Files;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Compaction;

/// <summary>
/// Copies a whole file by <c>VACUUM INTO</c>. Until the copy is complete, changed as its caller wants it, and synced, it has a
/// name of its own, so that a crash leaves nothing that could be taken for a copy to be gone on with.
/// </summary>
internal static class VacuumInto
{
    /// <summary>Added to a file's name while it is being copied; what is found at start-up is removed.</summary>
    public const string Suffix = ".vacuum";

    private const int InstructionsPerLook = 1000;

    // The disk begins to write such a piece while the next one is copied.
    private const long PieceBytes = 4L << 20;

    public static void Run(
        JobControl control, string source, string target, long expectedBytes, Action<SqliteSession> change, CancellationToken cancellation)
    {
        var partial = source + Suffix;
        StartUp.Discard(control.Files, partial);
        control.Progress.Report(CompactionStage.Vacuum, 0, Math.Max(1, expectedBytes));
        try
        {
            Copy(control, source, partial, expectedBytes, cancellation);
            control.Hit(Failpoints.Vacuumed);
            using (var copy = SqliteSession.OpenExisting(partial, control.Options, memoryMap: false))
            {
                // Nothing of it counts before it is synced below.
                copy.Execute("PRAGMA synchronous = OFF");
                copy.InTransaction(write: true, () => change(copy));
                copy.Execute("PRAGMA journal_mode = WAL");
            }

            control.Files.SyncFile(partial);
            control.Files.Rename(partial, target);
        }
        catch
        {
            // It cannot be gone on with.
            StartUp.Discard(control.Files, partial);
            throw;
        }
    }

    private static void Copy(JobControl control, string source, string partial, long expectedBytes, CancellationToken cancellation)
    {
        WriteBack? writeBack = null;
        try
        {
            using var session = SqliteSession.OpenExisting(source, control.Options, memoryMap: false);
            long written = 0;
            long begun = 0;
            CopyFile.UseSmallCache(session);
            session.Execute("PRAGMA synchronous = OFF");
            session.WhileRunning(
                InstructionsPerLook,
                () =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    var bytes = control.Files.Length(partial);
                    if (bytes - begun >= PieceBytes)
                    {
                        writeBack ??= control.Files.OpenForWriteBack(partial);
                        writeBack?.Begin();
                        begun = bytes;
                    }

                    if (bytes - written < Math.Min(PieceBytes, control.BatchBytes))
                    {
                        return;
                    }

                    control.AfterBatch(bytes - written, cancellation);
                    written = bytes;
                    control.Progress.Report(CompactionStage.Vacuum, Math.Min(written, expectedBytes), Math.Max(1, expectedBytes));
                },
                () => session.VacuumInto(partial));
            control.Progress.Wrote(Math.Max(0, control.Files.Length(partial) - written));
        }
        finally
        {
            writeBack?.Dispose();
        }
    }
}
