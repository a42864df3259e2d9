using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// The journal <c>akka.persistence.journal.sql</c>: the table <c>journal</c> with the default layout of Akka.Persistence.Sql
/// (https://github.com/akkadotnet/Akka.Persistence.Sql/blob/dev/docs/articles/configuration.md), so that one database
/// serves both.
/// </summary>
internal sealed class SqlEventJournal(SqlDatabase database, IPayloadCodec codec, int replayBatchSize, TimeProvider time) : IEventJournal
{
    private static readonly SqlStatement Highest = new(
        "SELECT MAX(sequence_number) FROM journal WHERE persistence_id = @persistence_id",
        "@persistence_id");

    private static readonly SqlStatement Insert = new(
        """
        INSERT INTO journal (deleted, persistence_id, sequence_number, created, tags, message, identifier, manifest, writer_uuid)
        VALUES (@deleted, @persistence_id, @sequence_number, @created, NULL, @message, @identifier, @manifest, @writer_uuid)
        """,
        "@deleted", "@persistence_id", "@sequence_number", "@created", "@message", "@identifier", "@manifest", "@writer_uuid");

    private static readonly SqlStatement Page = new(
        """
        SELECT sequence_number, identifier, manifest, message FROM journal
        WHERE persistence_id = @persistence_id AND sequence_number >= @from AND sequence_number <= @to AND deleted = @deleted
        ORDER BY sequence_number LIMIT @limit
        """,
        "@persistence_id", "@from", "@to", "@deleted", "@limit");

    // The row with the highest number of an id stays, marked as deleted, as the only record of that number.
    private static readonly SqlStatement DeleteAllButHighest = new(
        """
        DELETE FROM journal WHERE persistence_id = @persistence_id AND sequence_number <= @to
        AND sequence_number < (SELECT MAX(sequence_number) FROM journal WHERE persistence_id = @persistence_id)
        """,
        "@persistence_id", "@to");

    private static readonly SqlStatement MarkDeleted = new(
        "UPDATE journal SET deleted = @deleted WHERE persistence_id = @persistence_id AND sequence_number <= @to",
        "@persistence_id", "@to", "@deleted");

    private sealed record Row(long SequenceNr, SerializedPayload Payload);

    public Task<IReadOnlyList<Exception?>> WriteAsync(WriteRequest request)
    {
        var rejections = new Exception?[request.Batches.Count];
        var rows = new List<Row>();
        for (var i = 0; i < request.Batches.Count; i++)
        {
            rejections[i] = Serialize(request.Batches[i], rows);
        }
        if (rows.Count == 0)
        {
            return Task.FromResult<IReadOnlyList<Exception?>>(rejections);
        }
        return database.WriteAsync<IReadOnlyList<Exception?>>(session =>
        {
            Store(session, request, rows);
            return rejections;
        });
    }

    public async Task<long> ReadHighestSequenceNrAsync(string persistenceId, CancellationToken cancellation)
    {
        await database.FlushAsync().WaitAsync(cancellation).ConfigureAwait(false);
        return await database.ReadAsync(session => ReadHighest(session, persistenceId), cancellation).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<IReadOnlyList<RecordedEvent>> ReplayAsync(
        string persistenceId, long from, long to, long max, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await database.FlushAsync().WaitAsync(cancellation).ConfigureAwait(false);
        var next = from;
        var left = max;
        while (left > 0 && next <= to)
        {
            var (start, limit) = (next, (int)Math.Min(replayBatchSize, left));
            var page = await database.ReadAsync(session => ReadPage(session, persistenceId, start, to, limit), cancellation).ConfigureAwait(false);
            if (page.Count > 0)
            {
                yield return page;
            }
            if (page.Count < limit)
            {
                yield break;
            }
            left -= page.Count;
            next = page[^1].SequenceNr + 1;
        }
    }

    public Task DeleteToAsync(string persistenceId, long toSequenceNr) => database.WriteAsync(session =>
    {
        session.Execute(DeleteAllButHighest, persistenceId, toSequenceNr);
        return session.Execute(MarkDeleted, persistenceId, toSequenceNr, true);
    });

    private static long ReadHighest(SqlSession session, string persistenceId) => session.Scalar(Highest, persistenceId) as long? ?? 0;

    private Exception? Serialize(AtomicBatch batch, List<Row> rows)
    {
        var start = rows.Count;
        try
        {
            foreach (var item in batch.Events)
            {
                rows.Add(new Row(item.SequenceNr, codec.Serialize(item.Payload)));
            }
            return null;
        }
        catch (Exception error)
        {
            rows.RemoveRange(start, rows.Count - start);
            return error;
        }
    }

    private void Store(SqlSession session, WriteRequest request, List<Row> rows)
    {
        // The unique key alone does not stop a writer whose numbers another one has used and deleted since.
        if (rows[0].SequenceNr <= ReadHighest(session, request.PersistenceId))
        {
            throw new ConflictingWriterException(request.PersistenceId, rows[0].SequenceNr);
        }
        var created = time.GetUtcNow().UtcTicks;
        foreach (var (sequenceNr, payload) in rows)
        {
            try
            {
                session.Execute(
                    Insert, false, request.PersistenceId, sequenceNr, created,
                    payload.Bytes, payload.Identifier, payload.Manifest, request.WriterUuid);
            }
            catch (DbException error) when (database.Dialect.IsUniqueViolation(error))
            {
                throw new ConflictingWriterException(request.PersistenceId, sequenceNr, error);
            }
        }
    }

    private List<RecordedEvent> ReadPage(SqlSession session, string persistenceId, long from, long to, int limit) =>
        session.Query(Page, Read, persistenceId, from, to, false, limit);

    private RecordedEvent Read(DbDataReader row)
    {
        var payload = new SerializedPayload(row.GetInt32(1), row.IsDBNull(2) ? "" : row.GetString(2), row.GetFieldValue<byte[]>(3));
        return new RecordedEvent(row.GetInt64(0), codec.Deserialize(payload));
    }
}
