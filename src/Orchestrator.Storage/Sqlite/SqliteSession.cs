using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestrator.Storage.Sqlite;

/// <summary>
/// One connection to a SQLite file with its prepared statements. For one thread at a time. Connections are not pooled by
/// the driver, so that disposing of a session really closes the file.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    private const int RelaxedLogShare = 8;
    private const int BusyMilliseconds = 5000;
    private const int CheckpointBusyMilliseconds = 10;
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> statements = new(StringComparer.Ordinal);

    private SqliteSession(SqliteConnection connection)
    {
        this.connection = connection;
    }

    public string File => connection.DataSource;

    /// <summary>A further file that statements read or write; errors may be about it.</summary>
    public string? OtherFile { get; private set; }

    /// <summary>Opens an existing file.</summary>
    public static SqliteSession OpenExisting(string path, StorageOptions options, bool memoryMap) =>
        Open(path, SqliteOpenMode.ReadWrite, options, memoryMap);

    /// <summary>Opens an existing file, or an empty one that gets its page size and auto-vacuum mode here.</summary>
    public static SqliteSession OpenOrCreate(string path, StorageOptions options)
    {
        var session = Open(path, SqliteOpenMode.ReadWriteCreate, options, memoryMap: false);
        try
        {
            if (session.Scalar("PRAGMA page_count") == 0)
            {
                session.Execute($"PRAGMA page_size = {options.PageSize}");
                session.Execute("PRAGMA auto_vacuum = INCREMENTAL");
            }

            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Write-ahead log, synced at each commit; or, with <paramref name="relaxed"/>, only when it is copied into the file,
    /// and then a shorter one.
    /// </summary>
    public void UseWriteAheadLog(StorageOptions options, bool relaxed = false)
    {
        var bytes = relaxed ? options.WriteAheadLogBytes / RelaxedLogShare : options.WriteAheadLogBytes;
        Execute("PRAGMA journal_mode = WAL");
        Execute(relaxed ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
        Execute($"PRAGMA wal_autocheckpoint = {Math.Max(1, bytes / Scalar("PRAGMA page_size"))}");
        Execute($"PRAGMA journal_size_limit = {bytes}");
    }

    /// <summary>Runs SQL that is used seldom; it is not kept prepared.</summary>
    /// <exception cref="StorageException"/>
    public void Execute(string sql) => Named(() =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    });

    /// <summary>Adds a further file to this connection, under the name <c>src</c>.</summary>
    public void Attach(string path)
    {
        OtherFile = path;
        Run("ATTACH ?1 AS src", path);
    }

    /// <summary>Copies this file into a new one, which gets no free pages.</summary>
    public void VacuumInto(string path)
    {
        OtherFile = path;
        try
        {
            Run("VACUUM main INTO ?1", path);
        }
        finally
        {
            OtherFile = null;
        }
    }

    /// <summary>Runs a statement with the parameters ?1, ?2, ...; returns the number of rows changed.</summary>
    public int Run(string sql, params ReadOnlySpan<object?> arguments)
    {
        try
        {
            return Prepared(sql, arguments).ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>Runs a query. One reader at a time for the same text.</summary>
    public SqliteRows Query(string sql, params ReadOnlySpan<object?> arguments)
    {
        try
        {
            return new SqliteRows(this, Prepared(sql, arguments).ExecuteReader());
        }
        catch (SqliteException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>First column of the first row as an integer; 0 for NULL or no row.</summary>
    public long Scalar(string sql, params ReadOnlySpan<object?> arguments) =>
        First(sql, arguments) is long value ? value : 0;

    /// <summary>First column of the first row as text; empty for NULL or no row.</summary>
    public string Text(string sql, params ReadOnlySpan<object?> arguments) =>
        First(sql, arguments) as string ?? "";

    /// <summary>Whether the file has a table, index or view of this name.</summary>
    public bool Has(string name) => Scalar("SELECT count(*) FROM main.sqlite_schema WHERE name = ?1", name) > 0;

    /// <summary>Runs <paramref name="work"/> in one transaction; an error rolls all of it back.</summary>
    public void InTransaction(bool write, Action work) =>
        InTransaction(write, () =>
        {
            work();
            return 0;
        });

    /// <inheritdoc cref="InTransaction(bool, Action)"/>
    public T InTransaction<T>(bool write, Func<T> work)
    {
        Run(write ? "BEGIN IMMEDIATE" : "BEGIN");
        try
        {
            var result = work();
            Run("COMMIT");
            return result;
        }
        catch
        {
            // SQLite rolls back by itself after some errors (disk full, I/O); there is then nothing left to roll back.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                Run("ROLLBACK");
            }

            throw;
        }
    }

    /// <summary>Runs a long statement that a cancellation interrupts; what it did is rolled back.</summary>
    public void Interruptible(CancellationToken cancellation, Action work)
    {
        cancellation.ThrowIfCancellationRequested();
        using var registration = cancellation.Register(() => raw.sqlite3_interrupt(connection.Handle));
        try
        {
            work();
        }
        catch (StorageException e) when (SqliteErrors.IsInterrupted(e) && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("Cancelled.", e, cancellation);
        }
    }

    /// <summary>
    /// Runs a long statement and looks after it now and then, from within it: an exception of <paramref name="look"/> ends the
    /// statement, undone, and is thrown.
    /// </summary>
    /// <param name="instructions">Instructions of SQLite's machine between two looks.</param>
    public void WhileRunning(int instructions, Action look, Action work)
    {
        Exception? thrown = null;
        raw.sqlite3_progress_handler(
            connection.Handle,
            instructions,
            _ =>
            {
                try
                {
                    look();
                    return 0;
                }
                catch (Exception e)
                {
                    thrown = e;
                    return 1;
                }
            },
            null);
        try
        {
            work();
        }
        catch (StorageException) when (thrown is not null)
        {
            ExceptionDispatchInfo.Throw(thrown);
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
        }
    }

    /// <summary>Moves so many pages from the end of the file into free ones, in a transaction of its own.</summary>
    public void VacuumPages(int pages)
    {
        // The driver's commands end at the first row, and this pragma gives one for each page.
        var code = raw.sqlite3_prepare_v2(connection.Handle, $"PRAGMA main.incremental_vacuum({pages})", out var statement);
        using (statement)
        {
            while (code is raw.SQLITE_OK or raw.SQLITE_ROW)
            {
                code = raw.sqlite3_step(statement);
            }
        }

        if (code != raw.SQLITE_DONE)
        {
            var extended = raw.sqlite3_extended_errcode(connection.Handle);
            throw Failed(new SqliteException(raw.sqlite3_errmsg(connection.Handle).utf8_to_string(), extended & 0xFF, extended));
        }
    }

    /// <summary>Copies the write-ahead log into the file and empties it, as far as running reads allow.</summary>
    /// <returns>True if it is empty now.</returns>
    public bool Checkpoint()
    {
        // It waits for readers that still need the log, and the writer waits with it: not for long.
        Execute($"PRAGMA busy_timeout = {CheckpointBusyMilliseconds}");
        try
        {
            return CheckpointResult("PRAGMA main.wal_checkpoint(TRUNCATE)");
        }
        finally
        {
            Execute($"PRAGMA busy_timeout = {BusyMilliseconds}");
        }
    }

    /// <summary>Copies the write-ahead log into the file as far as that keeps nobody waiting; the next writer begins it anew.</summary>
    /// <returns>True if all of it is in the file.</returns>
    public bool CheckpointPassively() => CheckpointResult("PRAGMA main.wal_checkpoint(PASSIVE)");

    /// <summary>The row is: whether it was kept from its end, frames in the log, and frames of them that are in the file.</summary>
    private bool CheckpointResult(string pragma)
    {
        using var row = Query(pragma);
        return row.Read() && row.GetInt64(0) == 0 && row.GetInt64(1) == row.GetInt64(2);
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
        connection.Dispose();
    }

    private static SqliteSession Open(string path, SqliteOpenMode mode, StorageOptions options, bool memoryMap)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = 10,
        }.ToString());
        var session = new SqliteSession(connection);
        try
        {
            session.Named(() =>
            {
                connection.Open();
                return 0;
            });
            session.Execute($"PRAGMA busy_timeout = {BusyMilliseconds}");
            session.Execute($"PRAGMA cache_size = -{options.CacheBytes >> 10}");
            session.Execute($"PRAGMA mmap_size = {(memoryMap ? options.MemoryMapBytes : 0)}");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>An error of SQLite with the file's name and the cause.</summary>
    internal StorageException Failed(SqliteException e) =>
        SqliteErrors.Translate(OtherFile is null ? File : $"{File} (or {OtherFile})", e);

    private object? First(string sql, ReadOnlySpan<object?> arguments)
    {
        try
        {
            return Prepared(sql, arguments).ExecuteScalar();
        }
        catch (SqliteException e)
        {
            throw Failed(e);
        }
    }

    private T Named<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            throw Failed(e);
        }
    }

    private SqliteCommand Prepared(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!statements.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= arguments.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "?" + i });
            }

            statements.Add(sql, command);
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            command.Parameters[i].Value = arguments[i] ?? DBNull.Value;
        }

        return command;
    }
}
