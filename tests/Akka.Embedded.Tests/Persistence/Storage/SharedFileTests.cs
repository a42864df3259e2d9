using Akka.Persistence.Storage;
using Akka.Persistence.Storage.Sql;

namespace Akka.Embedded.Tests.Persistence.Storage;

/// <summary>Several databases on one file stand for several processes: they share nothing but the file.</summary>
public sealed class SharedFileTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Processes_that_start_at_once_all_find_the_tables()
    {
        using var start = new Barrier(6);
        var databases = Enumerable.Range(0, 6).Select(_ => _database.Open()).ToList();

        await Task.WhenAll(databases.Select(database => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return database.FlushAsync();
            },
            TaskCreationOptions.LongRunning).Unwrap()));
    }

    [Fact]
    public async Task Processes_write_at_once_without_losing_or_failing_a_request()
    {
        var journals = Enumerable.Range(0, 3).Select(_ => _database.OpenJournal()).ToList();

        await Task.WhenAll(journals.Select((journal, process) => Task.Run(async () =>
        {
            for (var number = 1; number <= 40; number++)
            {
                await journal.WriteAsync(Request($"process-{process}", number));
            }
        })));

        for (var process = 0; process < 3; process++)
        {
            Assert.Equal(40, await journals[0].ReadHighestSequenceNrAsync($"process-{process}", default));
        }
    }

    [Fact]
    public async Task Of_two_processes_that_write_one_id_exactly_one_takes_each_number()
    {
        var journals = Enumerable.Range(0, 2).Select(_ => _database.OpenJournal()).ToList();

        for (var number = 1; number <= 30; number++)
        {
            var outcomes = await Task.WhenAll(journals.Select(journal => Task.Run(() => Succeeds(journal, number))));
            Assert.Single(outcomes, succeeded => succeeded);
        }
    }

    [Fact]
    public async Task A_process_whose_file_cannot_be_opened_fails_every_request_and_works_when_it_can()
    {
        var file = Path.Combine(Path.GetDirectoryName(_database.File)!, "missing", "journal.db");
        var dialect = SqlDialect.For("SQLite.MS", "test");
        using var database = new SqlDatabase(dialect, new SqlSettings(dialect.Normalize($"Data Source={file}", "test")));
        var journal = new SqlEventJournal(database, new TextCodec(), 10, TimeProvider.System);

        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => journal.WriteAsync(Request("id", 1)));
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => journal.ReadHighestSequenceNrAsync("id", default));

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await journal.WriteAsync(Request("id", 1));
        Assert.Equal(1, await journal.ReadHighestSequenceNrAsync("id", default));
    }

    [Theory]
    [InlineData(null, "PostgreSQL.99", "sql.provider-name: 'PostgreSQL.99' is not one of SQLite.MS, PostgreSQL.15")]
    [InlineData(null, "PostgreSQL.15", "sql.connection-string is missing")]
    [InlineData("Nonsense=1", "PostgreSQL.15", "sql.connection-string is not a connection string of PostgreSQL")]
    [InlineData("Database=akka", "PostgreSQL.15", "must name the server as Host")]
    [InlineData("Data Source=a.db", "", "sql.provider-name: '' is not one of")]
    [InlineData(null, "SQLite.MS", "sql.connection-string is missing")]
    [InlineData("Nonsense=1", "SQLite.MS", "sql.connection-string is not a connection string of SQLite")]
    [InlineData("Data Source=:memory:", "SQLite.MS", "must name a file")]
    [InlineData("Cache=Shared", "SQLite.MS", "must name a file")]
    public void Wrong_settings_are_named(string? connectionString, string provider, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => SqlDialect.For(provider, "sql").Normalize(connectionString, "sql"));
        Assert.Contains(expected, error.Message);
    }

    private static async Task<bool> Succeeds(SqlEventJournal journal, long number)
    {
        try
        {
            await journal.WriteAsync(Request("shared", number));
            return true;
        }
        catch (ConflictingWriterException)
        {
            return false;
        }
    }

    private static WriteRequest Request(string id, long number) => new(id, "writer", [new AtomicBatch([new NewEvent(number, "x")])]);
}
