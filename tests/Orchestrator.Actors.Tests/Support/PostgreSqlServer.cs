using System.Diagnostics;
using Npgsql;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>
/// A PostgreSQL 15 server in a temporary directory, reached by its socket there alone. A test that needs it requires the
/// component <c>postgresql</c>.
/// </summary>
public sealed class PostgreSqlServer : IDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("postgresql-");
    private readonly Lock _gate = new();
    private bool _initialized;
    private bool _running;
    private int _databases;

    /// <summary>Makes an empty database and starts the server if need be.</summary>
    /// <returns>Its connection string.</returns>
    public string NewDatabase()
    {
        Installed.Require("postgresql", File.Exists(Path.Combine(Programs, "postgres")), $"{Programs}/postgres is missing: apt-get install postgresql-15");
        lock (_gate)
        {
            Start();
            var name = $"test{++_databases}";
            Run(ConnectionString("postgres"), $"CREATE DATABASE {name}");
            return ConnectionString(name);
        }
    }

    /// <summary>Runs SQL statements in a database.</summary>
    public static void Run(string connectionString, string statements)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    /// <summary>Starts the server, also again after <see cref="Crash"/>.</summary>
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
                RunProgram("chown", "postgres", _directory.FullName);
            }

            RunAsOwner($"{Programs}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C");
            _initialized = true;
        }

        RunAsOwner(
            $"{Programs}/pg_ctl", "start", "-w", "-t", "150", "-D", data, "-l", Path.Combine(_directory.FullName, "log"),
            "-o", $"-k {_directory.FullName} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c max_connections=100 -c client_connection_check_interval=100ms");
        _running = true;
    }

    /// <summary>Ends the server as a crash does: no connection is closed in order.</summary>
    public void Crash()
    {
        if (_running)
        {
            RunAsOwner($"{Programs}/pg_ctl", "stop", "-w", "-t", "150", "-m", "immediate", "-D", Path.Combine(_directory.FullName, "data"));
            _running = false;
        }
    }

    public void Dispose()
    {
        Crash();
        TemporaryFiles.Delete(_directory.FullName);
    }

    private string ConnectionString(string database) => $"Host={_directory.FullName};Username=postgres;Database={database}";

    private static void RunAsOwner(params string[] command)
    {
        if (Environment.IsPrivilegedProcess)
        {
            RunProgram("runuser", ["-u", "postgres", "--", .. command]);
        }
        else
        {
            RunProgram(command[0], command[1..]);
        }
    }

    private static void RunProgram(string program, params string[] arguments)
    {
        // Its output is not redirected: the server would inherit the pipe and keep it open.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" > /dev/null 2>&1", "sh", program, .. arguments]) { WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        Assert.True(process.WaitForExit(Patience), $"{program} does not end");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
