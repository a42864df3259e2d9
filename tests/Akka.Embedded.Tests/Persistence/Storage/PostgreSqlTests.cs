using Akka.Persistence;
using Akka.Persistence.Storage;
using Akka.Persistence.Storage.Sql;
using Npgsql;

namespace Akka.Embedded.Tests.Persistence.Storage;

[CollectionDefinition(nameof(PostgreSqlServer))]
public sealed class PostgreSqlCollection : ICollectionFixture<PostgreSqlServer>;

[Collection(nameof(PostgreSqlServer))]
public sealed class PostgreSqlEventJournalTests : EventJournalContract, IDisposable
{
    private readonly PostgreSqlDatabases _databases;
    private readonly SqlEventJournal _journal;

    public PostgreSqlEventJournalTests(PostgreSqlServer server)
    {
        _databases = new PostgreSqlDatabases(server.NewDatabase());
        _journal = _databases.OpenJournal();
    }

    private protected override IEventJournal Journal => _journal;

    public void Dispose() => _databases.Dispose();

    [SkippableFact]
    public async Task Processes_that_start_at_once_all_find_the_tables()
    {
        var journals = Enumerable.Range(0, 6).Select(_ => _databases.OpenJournal()).ToList();

        await Task.WhenAll(journals.Select((journal, process) => Task.Run(() =>
            journal.WriteAsync(Request($"process-{process}", new AtomicBatch([new NewEvent(1, "x")]))))));
    }

    [SkippableFact]
    public async Task Of_two_processes_that_write_one_id_exactly_one_takes_each_number()
    {
        var journals = Enumerable.Range(0, 2).Select(_ => _databases.OpenJournal()).ToList();

        for (var number = 1; number <= 30; number++)
        {
            var next = number;
            var outcomes = await Task.WhenAll(journals.Select(journal => Task.Run(async () =>
            {
                try
                {
                    await journal.WriteAsync(Request("shared", new AtomicBatch([new NewEvent(next, "x")])));
                    return true;
                }
                catch (ConflictingWriterException)
                {
                    return false;
                }
            })));
            Assert.Single(outcomes, succeeded => succeeded);
        }
    }

    [SkippableFact]
    public async Task An_id_that_no_row_can_hold_fails_alone()
    {
        var writes = new[] { "a", new string('x', 300), "b" }
            .Select(id => _journal.WriteAsync(Request(id, new AtomicBatch([new NewEvent(1, "x")])))).ToList();

        await writes[0];
        await Assert.ThrowsAsync<PostgresException>(() => writes[1]);
        await writes[2];
    }

    [SkippableFact]
    public async Task The_tables_have_the_default_layout_of_Akka_Persistence_Sql()
    {
        await Write(1, "a");

        Assert.Equal(
            "ordering bigint, deleted boolean, persistence_id character varying, sequence_number bigint, created bigint, tags character varying, "
            + "message bytea, identifier integer, manifest character varying, writer_uuid character varying",
            Columns("journal"));
        Assert.Equal(
            "persistence_id character varying, sequence_number bigint, created timestamp without time zone, snapshot bytea, "
            + "manifest character varying, serializer_id integer",
            Columns("snapshot"));
        Assert.Equal("ordering_id bigint, tag character varying, sequence_nr bigint, persistence_id character varying", Columns("tags"));
        Assert.Equal(
            "1|false|actor-1|1|7|text|writer|a",
            _databases.Scalar("SELECT concat_ws('|', ordering, deleted::text, persistence_id, sequence_number, identifier, manifest, writer_uuid, convert_from(message, 'UTF8')) FROM journal"));
    }

    private string Columns(string table) => (string)_databases.Scalar(
        $"SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = '{table}'")!;
}

[Collection(nameof(PostgreSqlServer))]
public sealed class PostgreSqlSnapshotStoreTests : SnapshotStoreContract, IDisposable
{
    private readonly PostgreSqlDatabases _databases;
    private readonly SqlSnapshotStore _store;

    public PostgreSqlSnapshotStoreTests(PostgreSqlServer server)
    {
        _databases = new PostgreSqlDatabases(server.NewDatabase());
        _store = _databases.OpenSnapshots();
    }

    private protected override ISnapshotStore Store => _store;

    public void Dispose() => _databases.Dispose();
}
