using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Backups;

/// <summary>Copies of SQLite files that other processes may have open and write to: SQLite's online backup.</summary>
public static class DatabaseFileCopy
{
    private const int BusyMilliseconds = 5000;

    /// <summary>The newest version of a collection's documents file that this build reads.</summary>
    public static long NewestDocuments => DocumentsSchema.Version;

    /// <summary>
    /// Copies one snapshot of a file into a new one, which has no log beside it, and checks the copy. The source is opened for reading only: closing it
    /// then never removes a log, which by then may be that of another file under the same name.
    /// </summary>
    /// <exception cref="CorruptFileException">The copy is damaged, so the source is.</exception>
    /// <exception cref="StorageException">It cannot be read, or the copy cannot be written.</exception>
    public static DatabaseCopy Take(string source, string target)
    {
        var file = source;
        try
        {
            using var from = Open(source, SqliteOpenMode.ReadOnly);
            using var to = Open(target, SqliteOpenMode.ReadWriteCreate);
            from.BackupDatabase(to);
            file = target;
            Text(to, "PRAGMA journal_mode = DELETE");
            var verdict = Text(to, "PRAGMA quick_check(1)");
            if (verdict != "ok")
            {
                throw new CorruptFileException(source, verdict);
            }

            var isBetween = Text(to, "SELECT count(*) FROM sqlite_schema WHERE name = 'publication'") != "0"
                && Text(to, "SELECT count(*) FROM publication") != "0";
            return new DatabaseCopy(long.Parse(Text(to, "PRAGMA user_version"), System.Globalization.CultureInfo.InvariantCulture), isBetween);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(file, e);
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Text(connection, $"PRAGMA busy_timeout = {BusyMilliseconds}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString() ?? "";
    }
}

/// <param name="Version">The format version in the file.</param>
/// <param name="IsBetweenStates">
/// A collection that is taking over a round of changes from a file of its own: a copy without that file is no state that the collection ever had.
/// </param>
public sealed record DatabaseCopy(long Version, bool IsBetweenStates);
