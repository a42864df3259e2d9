using System.Data.Common;

namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// The snapshot store <c>akka.persistence.snapshot-store.sql</c>: the table <c>snapshot</c> with the default layout of
/// Akka.Persistence.Sql.
/// </summary>
internal sealed class SqlSnapshotStore(SqlDatabase database, IPayloadCodec codec) : ISnapshotStore
{
    private const string WithinCriteria =
        "persistence_id = @persistence_id AND sequence_number >= @from AND sequence_number <= @to AND created >= @after AND created <= @before";

    private static readonly SqlStatement Latest = new(
        $"""
        SELECT sequence_number, created, serializer_id, manifest, snapshot FROM snapshot
        WHERE {WithinCriteria} ORDER BY sequence_number DESC LIMIT 1
        """,
        "@persistence_id", "@from", "@to", "@after", "@before");

    private static readonly SqlStatement Save = new(
        """
        INSERT INTO snapshot (persistence_id, sequence_number, created, snapshot, manifest, serializer_id)
        VALUES (@persistence_id, @sequence_number, @created, @snapshot, @manifest, @serializer_id)
        ON CONFLICT (persistence_id, sequence_number) DO UPDATE SET
            created = excluded.created, snapshot = excluded.snapshot, manifest = excluded.manifest, serializer_id = excluded.serializer_id
        """,
        "@persistence_id", "@sequence_number", "@created", "@snapshot", "@manifest", "@serializer_id");

    private static readonly SqlStatement DeleteOne = new(
        "DELETE FROM snapshot WHERE persistence_id = @persistence_id AND sequence_number = @sequence_number",
        "@persistence_id", "@sequence_number");

    private static readonly SqlStatement DeleteMany = new(
        $"DELETE FROM snapshot WHERE {WithinCriteria}",
        "@persistence_id", "@from", "@to", "@after", "@before");

    public async Task<StoredSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellation)
    {
        await database.FlushAsync().WaitAsync(cancellation).ConfigureAwait(false);
        var found = await database.ReadAsync(
            session => session.Query(
                Latest, row => Read(persistenceId, row),
                persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr, Earliest(criteria), Last(criteria)),
            cancellation).ConfigureAwait(false);
        return found.FirstOrDefault();
    }

    public Task SaveAsync(SnapshotMetadata metadata, object snapshot)
    {
        SerializedPayload payload;
        try
        {
            payload = codec.Serialize(snapshot);
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
        var created = database.Dialect.StoreSnapshotTime(metadata.Timestamp);
        return database.WriteAsync(session => session.Execute(
            Save, metadata.PersistenceId, metadata.SequenceNr, created, payload.Bytes, payload.Manifest, payload.Identifier));
    }

    public Task DeleteAsync(SnapshotMetadata metadata) =>
        database.WriteAsync(session => session.Execute(DeleteOne, metadata.PersistenceId, metadata.SequenceNr));

    public Task DeleteMatchingAsync(string persistenceId, SnapshotSelectionCriteria criteria) =>
        database.WriteAsync(session => session.Execute(
            DeleteMany, persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr, Earliest(criteria), Last(criteria)));

    private object Earliest(SnapshotSelectionCriteria criteria) =>
        database.Dialect.StoreSnapshotTime(criteria.MinTimestamp ?? DateTime.MinValue);

    private object Last(SnapshotSelectionCriteria criteria) => database.Dialect.StoreSnapshotTime(criteria.MaxTimeStamp);

    private StoredSnapshot Read(string persistenceId, DbDataReader row)
    {
        var metadata = new SnapshotMetadata(persistenceId, row.GetInt64(0), database.Dialect.LoadSnapshotTime(row.GetValue(1)));
        var payload = new SerializedPayload(row.GetInt32(2), row.IsDBNull(3) ? "" : row.GetString(3), row.GetFieldValue<byte[]>(4));
        return new StoredSnapshot(metadata, codec.Deserialize(payload));
    }
}
