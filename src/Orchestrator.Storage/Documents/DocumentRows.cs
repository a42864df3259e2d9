using System.Text;
using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>
/// The rows of a documents file, one for each id, and the sums of them. Each member works in the caller's transaction and gives the
/// state after it; the caller stores that.
/// </summary>
internal sealed class DocumentRows(SqliteSession session, BTree tree)
{
    /// <summary>How bodies are stored from now on.</summary>
    public CompressionSetting Compression { get; set; } = CompressionSetting.None;

    public StoredRow? Find(string id)
    {
        using var row = session.Query(
            "SELECT seq, rev, term, deleted, codec, octet_length(body) FROM documents WHERE id = ?1", id);
        return row.Read()
            ? new StoredRow(
                row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4),
                row.IsDBNull(5) ? 0 : row.GetInt64(5))
            : null;
    }

    /// <summary>Whether the live document has the body, byte for byte.</summary>
    public bool Has(StoredRow live, ReadOnlySpan<byte> body)
    {
        if (BodyCodec.DecodedBytes(live.Codec, live.BodyBytes) != body.Length)
        {
            return false;
        }

        using var row = session.Query("SELECT codec, body FROM documents WHERE seq = ?1", live.Seq);
        return row.Read() && DocumentsSchema.ReadBody(row, 0).Span.SequenceEqual(body);
    }

    /// <summary>Puts a change in the place of its document's earlier version.</summary>
    /// <param name="rows">Gets what the indexes must know of it.</param>
    public DocumentsState Replace(ChangeRecord change, DocumentsState current, List<RowReplacement> rows) =>
        Replace(change, current, rows, Find(change.Id));

    /// <inheritdoc cref="Replace(ChangeRecord, DocumentsState, List{RowReplacement})"/>
    /// <param name="existing">The earlier version, if there is one.</param>
    public DocumentsState Replace(ChangeRecord change, DocumentsState current, List<RowReplacement> rows, StoredRow? existing)
    {
        var idBytes = Encoding.UTF8.GetByteCount(change.Id);
        if (existing is not null)
        {
            session.Run("DELETE FROM documents WHERE seq = ?1", existing.Seq);
            current = current.Without(existing.Header(idBytes), tree);
        }

        var deletedAt = change.DeletedAt?.ToUnixTimeMilliseconds() ?? 0;
        var (codec, bytes) = change.Deleted ? (BodyCodec.Plain, null) : BodyCodec.Encode(change.Body, Compression);
        session.Run(
            "INSERT INTO documents (seq, id, rev, term, deleted, codec, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            change.Seq, change.Id, change.Rev, change.Term, deletedAt, codec, bytes);
        rows.Add(new RowReplacement(existing?.Seq ?? 0, change.Deleted ? 0 : change.Seq, change.Body));
        var header = new RowHeader(
            change.Seq, idBytes, Encoding.UTF8.GetByteCount(change.Rev), change.Term, deletedAt, codec, bytes?.Length ?? 0);
        return WithEncoding(current).With(header, tree);
    }

    /// <summary>Drops all rows after a seq.</summary>
    /// <returns>How many they were.</returns>
    public (DocumentsState State, long Dropped) DropAfter(long seq, DocumentsState current)
    {
        using (var row = session.Query($"SELECT {RowHeader.Columns} FROM documents WHERE seq > ?1", seq))
        {
            while (row.Read())
            {
                current = current.Without(RowHeader.Read(row), tree);
            }
        }

        return (current, session.Run("DELETE FROM documents WHERE seq > ?1", seq));
    }

    /// <summary>Drops the tombstone of a seq.</summary>
    /// <returns>Null if there is none, or it is to be kept.</returns>
    public DocumentsState? DropTombstone(TombstonePurge purge, long seq, DocumentsState current)
    {
        RowHeader header;
        using (var row = session.Query($"SELECT {RowHeader.Columns} FROM documents WHERE seq = ?1", seq))
        {
            if (!row.Read())
            {
                return null;
            }

            header = RowHeader.Read(row);
            if (!purge.Drops(header.Seq, header.DeletedAt))
            {
                return null;
            }
        }

        session.Run("DELETE FROM documents WHERE seq = ?1", seq);
        return current.Without(header, tree);
    }

    /// <summary>A file without documents takes over the setting; one with others is mixed from now on.</summary>
    private DocumentsState WithEncoding(DocumentsState current)
    {
        var wanted = Compression.ToString();
        return current.Encoding == wanted
            ? current
            : current with { Encoding = current.Documents == 0 ? wanted : DocumentsState.Mixed };
    }
}

/// <summary>What is stored under an id, without its body.</summary>
internal sealed record StoredRow(long Seq, string Rev, long Term, long DeletedAt, long Codec, long BodyBytes)
{
    public bool Deleted => DeletedAt != 0;

    public RowHeader Header(int idBytes) =>
        new(Seq, idBytes, Encoding.UTF8.GetByteCount(Rev), Term, DeletedAt, Codec, BodyBytes);
}
