using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Indexes;

/// <summary>
/// Look-ups in an index, with the documents, as of one snapshot of the documents. The index's snapshot is taken first, so
/// it is as old as the documents' or older; what it lacks is read from the end of the feed.
/// </summary>
internal static class IndexReader
{
    private const int MaxLimit = 10_000;
    private static readonly byte[] BeforeAll = [0];
    private static readonly byte[] AfterAll = [0xFF];

    public static IReadOnlyList<IndexEntry> LookUp(IndexFile index, DocumentsReader documents, IndexQuery query)
    {
        if (query.Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentException($"The limit must be 1 to {MaxLimit}, not {query.Limit}.", nameof(query));
        }

        using var lease = index.Pool.Rent();
        try
        {
            return lease.Session.InTransaction(write: false, () =>
            {
                var through = IndexState.Read(lease.Session).IndexedThrough;
                return documents.Read(rows => rows.Session.InTransaction(
                    write: false, () => Join(index.Definition.Path, lease.Session, rows.Session, through, query)));
            });
        }
        catch (StorageException)
        {
            lease.Broken = true;
            throw;
        }
    }

    private static List<IndexEntry> Join(
        JsonPath path, SqliteSession index, SqliteSession documents, long through, IndexQuery query)
    {
        var found = NotYetIndexed(path, documents, through, query);
        var fromIndex = 0;
        using var entries = index.Query(
            """
            SELECT key, seq FROM entries INDEXED BY entries_by_key
            WHERE key >= ?1 AND key <= ?2 AND (key, seq) > (?3, ?4) ORDER BY key, seq
            """,
            query.From?.Encoded ?? BeforeAll, query.To?.Encoded ?? AfterAll, query.After?.Key.Encoded ?? BeforeAll, query.After?.Seq ?? 0);
        while (fromIndex < query.Limit && entries.Read())
        {
            using var row = documents.Query(
                "SELECT seq, id, rev, codec, body FROM documents WHERE seq = ?1 AND deleted = 0", entries.GetInt64(1));
            if (row.Read())
            {
                found.Add(new IndexEntry(
                    IndexKey.FromEncoded(entries.GetFieldValue<byte[]>(0)), DocumentsReader.ReadDocument(row)));
                fromIndex++;
            }
        }

        found.Sort(static (a, b) => a.Key.CompareTo(b.Key) is var byKey && byKey != 0 ? byKey : a.Document.Seq.CompareTo(b.Document.Seq));
        return found.Count > query.Limit ? found[..query.Limit] : found;
    }

    private static List<IndexEntry> NotYetIndexed(JsonPath path, SqliteSession documents, long through, IndexQuery query)
    {
        var found = new List<IndexEntry>();
        using var rows = documents.Query(
            "SELECT seq, id, rev, codec, body FROM documents WHERE seq > ?1 AND deleted = 0 ORDER BY seq", through);
        while (rows.Read())
        {
            var document = DocumentsReader.ReadDocument(rows);
            if (path.Extract(document.Body.Span) is { } key
                && (query.From is null || key.CompareTo(query.From) >= 0)
                && (query.To is null || key.CompareTo(query.To) <= 0)
                && (query.After is null || query.After.Precedes(key, document.Seq)))
            {
                found.Add(new IndexEntry(key, document));
            }
        }

        return found;
    }
}
