using System.Data.Common;
using Npgsql;

namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// PostgreSQL by Npgsql. Writers of all processes take turns through an advisory lock that ends with their transaction, as
/// SQLite's write lock makes them do: what a writer has read of an id's numbers holds until its commit. A server
/// that a frozen process keeps waiting ends that process's transaction after <see cref="IdleInTransactionSeconds"/>.
/// </summary>
internal sealed class PostgreSqlDialect : SqlDialect
{
    private const int CommandTimeoutSeconds = 10;
    private const int ConnectTimeoutSeconds = 10;
    private const int IdleInTransactionSeconds = 5;
    private const int PreparedStatements = 20;

    // "akka" as a number; the lock is known to this runtime alone and does not keep readers or other programs from the tables.
    private const long WriterLock = 0x616B6B61;

    // https://www.postgresql.org/docs/15/errcodes-appendix.html
    private const string UniqueViolation = "23505";
    private const string DataException = "22";
    private const string IntegrityViolation = "23";
    private const string LimitExceeded = "54";

    public override string ProviderName => "PostgreSQL.15";

    public override IReadOnlyList<SqlStatement> CreateSchema { get; } =
    [
        new("""
            CREATE TABLE IF NOT EXISTS journal (
                ordering BIGSERIAL NOT NULL PRIMARY KEY,
                deleted BOOLEAN NOT NULL,
                persistence_id VARCHAR(255) NOT NULL,
                sequence_number BIGINT NOT NULL,
                created BIGINT NOT NULL,
                tags VARCHAR(100) NULL,
                message BYTEA NOT NULL,
                identifier INTEGER NULL,
                manifest VARCHAR(500) NULL,
                writer_uuid VARCHAR(128) NULL,
                CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number))
            """),
        new("""
            CREATE TABLE IF NOT EXISTS tags (
                ordering_id BIGINT NOT NULL,
                tag VARCHAR(64) NOT NULL,
                sequence_nr BIGINT NOT NULL,
                persistence_id VARCHAR(255) NOT NULL,
                PRIMARY KEY (ordering_id, tag, persistence_id))
            """),
        new("""
            CREATE TABLE IF NOT EXISTS snapshot (
                persistence_id VARCHAR(255) NOT NULL,
                sequence_number BIGINT NOT NULL,
                created TIMESTAMP NOT NULL,
                snapshot BYTEA NOT NULL,
                manifest VARCHAR(500) NULL,
                serializer_id INTEGER NULL,
                PRIMARY KEY (persistence_id, sequence_number))
            """),
    ];

    public override string Normalize(string? connectionString, string configPath)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new ArgumentException($"{configPath}.connection-string is missing; for example \"Host=db;Database=akka;Username=akka\".");
        }
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new ArgumentException($"{configPath}.connection-string is not a connection string of PostgreSQL: {error.Message}", error);
        }
        if (string.IsNullOrEmpty(builder.Host))
        {
            throw new ArgumentException($"{configPath}.connection-string must name the server as Host (a name, an address or the directory of a socket).");
        }
        builder.Timeout = builder.ShouldSerialize("Timeout") ? builder.Timeout : ConnectTimeoutSeconds;
        builder.CommandTimeout = builder.ShouldSerialize("Command Timeout") ? builder.CommandTimeout : CommandTimeoutSeconds;
        builder.MaxAutoPrepare = builder.ShouldSerialize("Max Auto Prepare") ? builder.MaxAutoPrepare : PreparedStatements;
        builder.AutoPrepareMinUsages = 2;
        // Connections are kept by the database object.
        builder.Pooling = false;
        return builder.ToString();
    }

    public override DbTransaction BeginWrite(DbConnection connection)
    {
        var transaction = connection.BeginTransaction();
        try
        {
            Run(connection, transaction, $"SELECT pg_advisory_xact_lock({WriterLock})");
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    public override bool IsUniqueViolation(Exception exception) => exception is PostgresException { SqlState: UniqueViolation };

    public override bool IsConfinedToStatement(Exception exception) =>
        exception is PostgresException { SqlState: var state }
        && (state.StartsWith(DataException, StringComparison.Ordinal)
            || state.StartsWith(IntegrityViolation, StringComparison.Ordinal)
            || state.StartsWith(LimitExceeded, StringComparison.Ordinal));

    public override object StoreSnapshotTime(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);

    public override DateTime LoadSnapshotTime(object stored) => DateTime.SpecifyKind((DateTime)stored, DateTimeKind.Utc);

    protected override DbConnection Connect(string connectionString) => new NpgsqlConnection(connectionString);

    /// <summary>A server set to acknowledge before its log is on disk must not do so here.</summary>
    protected override void PrepareWriter(DbConnection connection) => Run(
        connection, null, $"SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '{IdleInTransactionSeconds}s'");

    private static void Run(DbConnection connection, DbTransaction? transaction, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }
}
