using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Sqlite;

/// <summary>SQLite's errors, as errors of this engine that name file and cause.</summary>
internal static class SqliteErrors
{
    private const int Interrupted = 9;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int NotADatabase = 26;

    /// <summary>ENOSPC and EDQUOT of Linux, ERROR_DISK_FULL of Windows: what .NET gives as the low half of the result.</summary>
    private static readonly int[] NoSpace = [28, 122, 112];

    /// <param name="files">The file, or the files of which one is meant.</param>
    public static StorageException Translate(string files, SqliteException e) => e.SqliteErrorCode switch
    {
        Corrupt or NotADatabase => new CorruptFileException(files, e.Message, e),
        Full => new StorageException($"{files}: {FileErrors.DiskFull}", e),
        _ => new StorageException($"{files}: {e.Message} (code {e.SqliteExtendedErrorCode}{What(e)})", e),
    };

    /// <summary>True for an error that a call of <c>sqlite3_interrupt</c> makes.</summary>
    public static bool IsInterrupted(Exception e) => CodeOf(e) == Interrupted;

    /// <summary>True if the disk is full, or as much of it as this process may use.</summary>
    public static bool IsDiskFull(Exception e) =>
        CodeOf(e) == Full || ((e as IOException ?? e.InnerException as IOException) is { } io && NoSpace.Contains(io.HResult & 0xFFFF));

    private static int CodeOf(Exception e) => ((e as SqliteException) ?? (e.InnerException as SqliteException))?.SqliteErrorCode ?? 0;

    /// <summary>What an I/O error was about: https://sqlite.org/rescode.html.</summary>
    private static string What(SqliteException e) => e.SqliteErrorCode != IoError ? "" : (e.SqliteExtendedErrorCode >> 8) switch
    {
        1 or 2 => ", reading",
        3 => ", writing",
        4 => ", syncing",
        5 => ", syncing the directory",
        6 => ", truncating",
        7 => ", asking for the size",
        8 or 9 or 15 => ", locking",
        10 => ", deleting the log or journal",
        18 or 19 or 20 or 21 => ", the -shm file",
        _ => "",
    };
}
