using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Actors.Journals;

/// <summary>
/// A file that the processes of one machine share. It is in WAL mode: readers and the one writer do not wait for each other, so that
/// whoever takes over reads the journal even while a frozen process holds the lock for writing; and a commit needs one sync instead of several.
/// </summary>
internal sealed class SqliteSupervisorJournal : SupervisorJournal
{
    // Less than the plugin waits for an answer: a write that it reports as failed is not stored later.
    private const int LockTimeoutSeconds = 5;

    // https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;
    private const int ConstraintUnique = 2067;

    private readonly SqliteConnectionStringBuilder _settings;

    public SqliteSupervisorJournal(string connectionString)
    {
        _settings = new SqliteConnectionStringBuilder(connectionString);
        if (_settings.DataSource.Length == 0 || _settings.DataSource == ":memory:" || _settings.Mode == SqliteOpenMode.Memory)
        {
            throw new ArgumentException("no file is named", nameof(connectionString));
        }

        if (!_settings.ShouldSerialize("Default Timeout"))
        {
            _settings.DefaultTimeout = LockTimeoutSeconds;
        }
    }

    public override string ConnectionString => _settings.ToString();

    protected override string Name => $"the journal {File}";

    protected override string Probe => "SELECT count(*) FROM sqlite_master";

    private string File => Path.GetFullPath(_settings.DataSource);

    protected override DbConnection Connect() =>
        new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false, DefaultTimeout = 1 }.ToString());

    /// <summary>The mode is kept in the file. To change it, SQLite needs the file alone for a moment.</summary>
    protected override void Prepare(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        command.ExecuteScalar();
    }

    protected override string? ExplainDatabase(DbException failure) => (failure as SqliteException)?.SqliteErrorCode switch
    {
        _ when failure is SqliteException { SqliteExtendedErrorCode: ConstraintUnique } =>
            "another supervisor has written to the journal since this one read it, so this one stops",
        Busy or Locked => $"{Name} is locked by another process that makes no progress: "
            + (FileHolders.Of(File) is { Length: > 0 } holders ? $"it is open in {holders}" : $"'fuser -v {File}' shows where it is open")
            + ". Resume the one that is stopped (kill -CONT PID) or end it (kill -KILL PID)",
        Full => $"the disk of {Name} is full. Make room on it",
        CannotOpen => $"{Name} cannot be opened: its directory is missing, or this process has no permission to write there",
        NotADatabase => $"{Name} is not a SQLite database. Set orchestrator.journal.file to another file, or restore it",
        _ => null,
    };
}
