using System.Diagnostics;
using Akka.Persistence.Storage.Sql;
using Npgsql;

namespace Akka.Embedded.Tests.Persistence.Storage;

/// <summary>
/// A PostgreSQL 15 server in a temporary directory, reached by its socket there alone, for the tests of one class. A test that needs it is
/// skipped where it is not installed, or fails there when ORCHESTRATOR_REQUIRE names <c>postgresql</c>.
/// </summary>
public sealed class PostgreSqlServer : IDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("postgresql-");
    private readonly Lock _gate = new();
    private bool _initialized;
    private bool _running;
    private int _databases;

    public static bool IsInstalled => File.Exists(Path.Combine(Programs, "postgres"));

    /// <summary>The connection string of an empty database of its own. Starts the server if need be.</summary>
    public string NewDatabase()
    {
        var required = (Environment.GetEnvironmentVariable("ORCHESTRATOR_REQUIRE") ?? "").Split(',').Contains("postgresql");
        Assert.True(IsInstalled || !required, $"{Programs}/postgres is missing: apt-get install postgresql-15");
        Skip.IfNot(IsInstalled, $"{Programs}/postgres is missing: apt-get install postgresql-15");
        lock (_gate)
        {
            Start();
            var name = $"test{++_databases}";
            using var connection = new NpgsqlConnection(ConnectionString("postgres"));
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"CREATE DATABASE {name}";
            command.ExecuteNonQuery();
            return ConnectionString(name);
        }
    }

    public void Start()
    {
        if (_running)
        {
            return;
        }
        var data = Path.Combine(_directory.FullName, "data");
        if (!_initialized)
        {
            if (Environment.IsPrivilegedProcess)
            {
                // The server refuses to run as root.
                Run("chown", "postgres", _directory.FullName);
            }
            RunAsOwner($"{Programs}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C");
            _initialized = true;
        }
        RunAsOwner(
            $"{Programs}/pg_ctl", "start", "-w", "-D", data, "-l", Path.Combine(_directory.FullName, "log"),
            "-o", $"-k {_directory.FullName} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c max_connections=60");
        _running = true;
    }

    /// <summary>Ends the server as a crash does: no connection is closed in order.</summary>
    public void Crash()
    {
        if (_running)
        {
            RunAsOwner($"{Programs}/pg_ctl", "stop", "-w", "-m", "immediate", "-D", Path.Combine(_directory.FullName, "data"));
            _running = false;
        }
    }

    public void Dispose()
    {
        Crash();
        _directory.Delete(recursive: true);
    }

    private string ConnectionString(string database) => $"Host={_directory.FullName};Username=postgres;Database={database};Pooling=false";

    private static void RunAsOwner(params string[] command)
    {
        if (Environment.IsPrivilegedProcess)
        {
            Run("runuser", ["-u", "postgres", "--", .. command]);
        }
        else
        {
            Run(command[0], command[1..]);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        // Its output is not redirected: the server would inherit the pipe and keep it open.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" > /dev/null 2>&1", "sh", program, .. arguments]) { WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        Assert.True(process.WaitForExit(Patience), $"{program} does not end");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}

/// <summary>Databases on one PostgreSQL database; they end with the test.</summary>
internal sealed class PostgreSqlDatabases(string connectionString) : IDisposable
{
    private readonly List<SqlDatabase> _open = [];

    public string ConnectionString => connectionString;

    public SqlEventJournal OpenJournal(int replayBatchSize = 3) => new(Open(), new TextCodec(), replayBatchSize, TimeProvider.System);

    public SqlSnapshotStore OpenSnapshots() => new(Open(), new TextCodec());

    public SqlDatabase Open()
    {
        var dialect = SqlDialect.For("PostgreSQL.15", "test");
        var database = new SqlDatabase(dialect, new SqlSettings(dialect.Normalize(connectionString, "test")));
        _open.Add(database);
        return database;
    }

    public object? Scalar(string sql)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public void Dispose() => _open.ForEach(database => database.Dispose());
}
