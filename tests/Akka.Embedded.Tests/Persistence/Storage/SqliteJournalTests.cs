using Akka.Persistence;
using Akka.Persistence.Storage;
using Akka.Persistence.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace Akka.Embedded.Tests.Persistence.Storage;

public sealed class SqliteEventJournalTests : EventJournalContract, IDisposable
{
    private readonly TemporaryDatabase _database = new();
    private readonly SqlEventJournal _journal;

    public SqliteEventJournalTests() => _journal = _database.OpenJournal();

    private protected override IEventJournal Journal => _journal;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task A_batch_that_cannot_be_serialized_is_rejected_and_the_others_are_stored()
    {
        var rejections = await Journal.WriteAsync(Request(
            "actor-1",
            new AtomicBatch([new NewEvent(1, "a")]),
            new AtomicBatch([new NewEvent(2, "b"), new NewEvent(3, 3.0)]),
            new AtomicBatch([new NewEvent(4, "d")])));

        Assert.Null(rejections[0]);
        Assert.Contains("Double", rejections[1]?.Message);
        Assert.Null(rejections[2]);
        Assert.Equal([(1, "a"), (4, "d")], await Replay());
    }

    [Fact]
    public async Task A_conflict_does_not_fail_the_requests_that_share_its_transaction()
    {
        await Write(1, "a");
        using var gate = new ManualResetEventSlim();
        var database = _database.Open();
        var journal = new SqlEventJournal(database, new TextCodec(), 10, TimeProvider.System);
        var blocked = database.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)));
        var writes = Enumerable.Range(0, 10)
            .Select(i => journal.WriteAsync(Request(i == 4 ? "actor-1" : $"id-{i}", new AtomicBatch([new NewEvent(1, "x")]))))
            .ToList();
        gate.Set();

        Assert.True(await blocked);
        await Assert.ThrowsAsync<ConflictingWriterException>(() => writes[4]);
        writes.RemoveAt(4);
        await Task.WhenAll(writes);
        Assert.Equal([(1, "a")], await Replay());
        Assert.Equal([(1, "x")], await Replay("id-9"));
    }

    [Fact]
    public async Task More_waiting_requests_than_the_buffer_holds_fail_and_the_rest_is_stored()
    {
        using var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var database = _database.Open(bufferSize: 2);
        var journal = new SqlEventJournal(database, new TextCodec(), 10, TimeProvider.System);
        var blocked = database.WriteAsync(_ =>
        {
            started.Set();
            return gate.Wait(TimeSpan.FromSeconds(30));
        });
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));
        var writes = Enumerable.Range(0, 3).Select(i => journal.WriteAsync(Request($"id-{i}", new AtomicBatch([new NewEvent(1, "x")])))).ToList();
        gate.Set();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => writes[2]);
        Assert.Contains("buffer-size", error.Message);
        await Task.WhenAll(writes[0], writes[1], blocked);
    }

    [Fact]
    public async Task The_tables_have_the_default_layout_of_Akka_Persistence_Sql()
    {
        await Write(1, "a");
        using var connection = new SqliteConnection($"{_database.ConnectionString};Pooling=false");
        connection.Open();

        Assert.Equal(
            "ordering deleted persistence_id sequence_number created tags message identifier manifest writer_uuid",
            Columns(connection, "journal"));
        Assert.Equal("persistence_id sequence_number created snapshot manifest serializer_id", Columns(connection, "snapshot"));
        Assert.Equal("ordering_id tag sequence_nr persistence_id", Columns(connection, "tags"));
        Assert.Equal("wal", Scalar(connection, "PRAGMA journal_mode"));
        Assert.Equal(
            "1|0|actor-1|1|7|text|writer|a",
            Scalar(connection, "SELECT ordering || '|' || deleted || '|' || persistence_id || '|' || sequence_number || '|' || identifier || '|' || manifest || '|' || writer_uuid || '|' || CAST(message AS TEXT) FROM journal"));
    }

    [Fact]
    public async Task A_row_that_its_serializer_cannot_read_fails_the_replay()
    {
        await Write(1, "a");
        using var connection = new SqliteConnection($"{_database.ConnectionString};Pooling=false");
        connection.Open();
        Scalar(connection, "UPDATE journal SET identifier = 8");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Replay());
        Assert.Contains("No serializer 8", error.Message);
    }

    [Fact]
    public async Task A_closed_database_refuses_requests()
    {
        var database = _database.Open();
        database.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.FlushAsync());
    }

    private static string Columns(SqliteConnection connection, string table) =>
        (string)Scalar(connection, $"SELECT group_concat(name, ' ') FROM pragma_table_info('{table}')")!;

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}

public sealed class SqliteSnapshotStoreTests : SnapshotStoreContract, IDisposable
{
    private readonly TemporaryDatabase _database = new();
    private readonly SqlSnapshotStore _store;

    public SqliteSnapshotStoreTests() => _store = _database.OpenSnapshots();

    private protected override ISnapshotStore Store => _store;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task A_snapshot_that_cannot_be_serialized_fails() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.SaveAsync(new SnapshotMetadata("actor-1", 1), 3.0));
}
