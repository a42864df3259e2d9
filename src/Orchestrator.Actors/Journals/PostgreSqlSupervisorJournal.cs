using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace Orchestrator.Actors.Journals;

/// <summary>A database that processes of several machines share.</summary>
internal sealed class PostgreSqlSupervisorJournal : SupervisorJournal
{
    // Less than the plugin waits for an answer: a write that it reports as failed is not stored later.
    private const int CommandTimeoutSeconds = 5;

    // A process that is frozen between a write and its commit holds the next number of a history; then the server ends its transaction.
    // What is acknowledged is on the server's disk, whatever its own default.
    private const string Options = "-c idle_in_transaction_session_timeout=5s -c synchronous_commit=on";

    /// <summary>
    /// Builds before Akka.Persistence.Sql had the time of a snapshot as a timestamp; it is a number of 100 ns since the year 1.
    /// The lock keeps other processes from the same at the same time; it ends with the transaction.
    /// </summary>
    private const string Upgrade = """
        DO $$ BEGIN
          PERFORM pg_advisory_xact_lock(1701);
          IF EXISTS (
              SELECT FROM information_schema.columns
              WHERE table_schema = current_schema() AND table_name = 'snapshot' AND column_name = 'created' AND data_type LIKE 'timestamp%') THEN
            ALTER TABLE snapshot ALTER COLUMN created TYPE BIGINT
              USING (EXTRACT(EPOCH FROM created) * 10000000)::BIGINT + 621355968000000000;
          END IF;
        END $$
        """;

    private readonly NpgsqlConnectionStringBuilder _settings;

    public PostgreSqlSupervisorJournal(string connectionString)
    {
        _settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (string.IsNullOrEmpty(_settings.Host))
        {
            throw new ArgumentException("no server is named", nameof(connectionString));
        }

        if (!_settings.ShouldSerialize("Timeout"))
        {
            _settings.Timeout = CommandTimeoutSeconds;
        }

        if (!_settings.ShouldSerialize("Command Timeout"))
        {
            _settings.CommandTimeout = CommandTimeoutSeconds;
        }

        _settings.Options ??= Options;
    }

    public override string ConnectionString => _settings.ToString();

    protected override string Name => $"the journal's database {_settings.Database} at {_settings.Host}";

    protected override string Probe => "SELECT 1";

    protected override DbConnection Connect() =>
        new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ToString());

    protected override void Prepare(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Upgrade;
        command.ExecuteNonQuery();
    }

    protected override string? ExplainDatabase(DbException failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } =>
            "another supervisor has written to the journal since this one read it, so this one stops",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"{Name} does not exist. Create it, or name another one in orchestrator.journal.connection-string",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"{Name} refuses the user {_settings.Username}. Correct orchestrator.journal.connection-string",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            $"{Name} does not let the user {_settings.Username} create or change tables. Grant it CREATE on the schema",
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.CrashShutdown } =>
            $"{Name} is starting or stopping",
        PostgresException => null,
        NpgsqlException { InnerException: TimeoutException } => $"{Name} does not answer in time",
        NpgsqlException { InnerException: not SocketException } => $"{Name} cannot be reached: {failure.Message}",
        _ => null,
    };
}
