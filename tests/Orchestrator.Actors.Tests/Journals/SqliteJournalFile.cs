using Microsoft.Data.Sqlite;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>Where a SQLite journal can be for one test.</summary>
internal sealed class SqliteJournalFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orchestrator-journal-");

    public string ConnectionString => $"Data Source={Path.Combine(_directory.FullName, "journal.sqlite")};Pooling=False";

    public void Run(string statements)
    {
        using var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    public void Dispose() => TemporaryFiles.Delete(_directory.FullName);
}
