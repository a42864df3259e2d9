using Akka.Persistence.Storage.Sql;

namespace Akka.Embedded.Tests.Persistence.Storage;

/// <summary>A SQLite file in a directory of its own, and databases on it that end with the test.</summary>
internal sealed class TemporaryDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("akka-persistence-");
    private readonly List<SqlDatabase> _open = [];

    public string File => Path.Combine(_directory.FullName, "journal.db");

    public string ConnectionString => $"Data Source={File}";

    public SqlDatabase Open(int batchSize = 100, int bufferSize = 5000, string options = "")
    {
        var dialect = SqlDialect.For("SQLite.MS", "test");
        var database = new SqlDatabase(
            dialect, new SqlSettings(dialect.Normalize(ConnectionString + options, "test"), BatchSize: batchSize, BufferSize: bufferSize));
        _open.Add(database);
        return database;
    }

    public SqlEventJournal OpenJournal(int replayBatchSize = 3) =>
        new(Open(), new TextCodec(), replayBatchSize, TimeProvider.System);

    public SqlSnapshotStore OpenSnapshots() => new(Open(), new TextCodec());

    public void Dispose()
    {
        _open.ForEach(database => database.Dispose());
        _directory.Delete(recursive: true);
    }
}
