using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// SQLite by Microsoft.Data.Sqlite. The file is in WAL mode, so that readers and the one writer do not block each other
/// and several processes can share it; writers wait for each other in SQLite's own busy handler.
/// </summary>
internal sealed class SqliteDialect : SqlDialect
{
    private const int BusyTimeoutMilliseconds = 5000;
    private const int CommandTimeoutSeconds = 10;
    private const int WalAttempts = 50;
    private const int WalPauseMilliseconds = 100;

    // Primary result codes, https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int ConstraintUnique = 2067;

    public override string ProviderName => "SQLite.MS";

    public override IReadOnlyList<SqlStatement> CreateSchema { get; } =
    [
        new("""
            CREATE TABLE IF NOT EXISTS journal (
                ordering INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                deleted BIT NOT NULL,
                persistence_id NVARCHAR(255) NOT NULL,
                sequence_number BIGINT NOT NULL,
                created BIGINT NOT NULL,
                tags NVARCHAR(100) NULL,
                message VARBINARY NOT NULL,
                identifier INTEGER NULL,
                manifest NVARCHAR(500) NULL,
                writer_uuid NVARCHAR(128) NULL,
                CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number))
            """),
        new("""
            CREATE TABLE IF NOT EXISTS tags (
                ordering_id BIGINT NOT NULL,
                tag NVARCHAR(64) NOT NULL,
                sequence_nr BIGINT NOT NULL,
                persistence_id NVARCHAR(255) NOT NULL,
                PRIMARY KEY (ordering_id, tag, persistence_id))
            """),
        new("""
            CREATE TABLE IF NOT EXISTS snapshot (
                persistence_id NVARCHAR(255) NOT NULL,
                sequence_number BIGINT NOT NULL,
                created BIGINT NOT NULL,
                snapshot VARBINARY NOT NULL,
                manifest NVARCHAR(500) NULL,
                serializer_id INTEGER NULL,
                PRIMARY KEY (persistence_id, sequence_number))
            """),
    ];

    public override string Normalize(string? connectionString, string configPath)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new ArgumentException($"{configPath}.connection-string is missing; for example \"Data Source=journal.db\".");
        }
        SqliteConnectionStringBuilder builder;
        try
        {
            builder = new SqliteConnectionStringBuilder(connectionString);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new ArgumentException($"{configPath}.connection-string is not a connection string of SQLite: {error.Message}", error);
        }
        if (builder.DataSource.Length == 0 || builder.DataSource == ":memory:" || builder.Mode == SqliteOpenMode.Memory)
        {
            throw new ArgumentException($"{configPath}.connection-string must name a file as Data Source; to keep events in memory, use the plugin 'inmem'.");
        }
        if (!builder.ShouldSerialize("Default Timeout"))
        {
            builder.DefaultTimeout = CommandTimeoutSeconds;
        }
        // Connections are kept by the database object; the provider's pool would only hold the file open after its end.
        builder.Pooling = false;
        return builder.ToString();
    }

    public override DbTransaction BeginWrite(DbConnection connection) =>
        ((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: false);

    public override bool IsUniqueViolation(Exception exception) =>
        exception is SqliteException { SqliteExtendedErrorCode: ConstraintUnique };

    public override bool IsConfinedToStatement(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: TooBig or Constraint or Mismatch };

    /// <summary>A process keeps the lock for milliseconds, unless it is stopped in the middle of a transaction.</summary>
    public override Exception Explain(Exception exception, string connectionString) =>
        exception is SqliteException { SqliteErrorCode: Busy or Locked }
            ? new JournalLockedException(Path.GetFullPath(new SqliteConnectionStringBuilder(connectionString).DataSource), exception)
            : exception;

    public override object StoreSnapshotTime(DateTime time) => time.Ticks;

    public override DateTime LoadSnapshotTime(object stored) => new((long)stored, DateTimeKind.Utc);

    protected override DbConnection Connect(string connectionString) => new SqliteConnection(connectionString);

    protected override void PrepareReader(DbConnection connection) =>
        Run(connection, $"PRAGMA busy_timeout = {Math.Min(BusyTimeoutMilliseconds, ((SqliteConnection)connection).DefaultTimeout * 1000)}");

    protected override void PrepareWriter(DbConnection connection)
    {
        SwitchToWal(connection);
        Run(connection, "PRAGMA synchronous = FULL");
    }

    /// <summary>
    /// The mode is a property of the file. Changing it needs the file alone, and SQLite does not call the busy handler for it:
    /// when several processes start at once, all but one try again until they find it changed.
    /// </summary>
    private static void SwitchToWal(DbConnection connection)
    {
        using var pause = new ManualResetEventSlim();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (Run(connection, "PRAGMA journal_mode = WAL") is "wal")
                {
                    return;
                }
            }
            catch (SqliteException error) when (error.SqliteErrorCode is Busy or Locked && attempt < WalAttempts)
            {
            }
            if (attempt >= WalAttempts)
            {
                throw new InvalidOperationException($"The file '{connection.DataSource}' cannot be switched to WAL mode.");
            }
            pause.Wait(WalPauseMilliseconds);
        }
    }

    private static object? Run(DbConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
