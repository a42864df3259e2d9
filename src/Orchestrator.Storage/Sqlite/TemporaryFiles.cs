namespace Orchestrator.Storage.Sqlite;

/// <summary>
/// Where SQLite sorts what does not fit into memory: the ids of a copy, the keys of an index. Beside the data, because the room there is
/// looked at before and during the work; the system's directory for temporary files can be small, or kept in memory. The files have no
/// name, so nothing is left of them after a crash.
/// </summary>
/// <remarks>
/// One directory for the process (https://sqlite.org/pragma.html#pragma_temp_store_directory): the first data directory that is opened.
/// If it is not there any more, SQLite takes the system's. The environment variable <c>SQLITE_TMPDIR</c> has precedence.
/// </remarks>
internal static class TemporaryFiles
{
    private static int chosen;

    public static void KeepBeside(SqliteSession session, string dataDirectory)
    {
        if (Interlocked.Exchange(ref chosen, 1) == 0 && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("SQLITE_TMPDIR")))
        {
            session.Execute($"PRAGMA temp_store_directory = '{Path.GetFullPath(dataDirectory).Replace("'", "''", StringComparison.Ordinal)}'");
        }
    }
}
