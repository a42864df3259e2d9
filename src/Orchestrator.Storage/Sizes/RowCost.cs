namespace Orchestrator.Storage.Sizes;

/// <summary>The lengths of a row of the documents table, without its content.</summary>
internal readonly record struct RowHeader(
    long Seq, int IdBytes, int RevBytes, long Term, long DeletedAt, long Codec, long BodyBytes)
{
    /// <summary>Columns that give a header, in the order of <see cref="Read"/>.</summary>
    public const string Columns = "seq, octet_length(id), octet_length(rev), term, deleted, codec, octet_length(body)";

    public bool Deleted => DeletedAt != 0;

    public static RowHeader Read(Sqlite.SqliteRows row) => new(
        row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5),
        row.IsDBNull(6) ? 0 : row.GetInt64(6));
}

/// <summary>What rows take in the documents file, to be summed up.</summary>
/// <param name="LeafBytes">In the table's leaf pages.</param>
/// <param name="OverflowPages">Whole pages of long rows.</param>
/// <param name="IdBytes">In the leaf pages of the index over the ids.</param>
internal readonly record struct RowCost(long LeafBytes, long OverflowPages, long IdBytes)
{
    public static RowCost Of(in RowHeader row, BTree tree)
    {
        // Header: its own length, seq (a rowid is stored as NULL), the types of term, deleted and codec: a byte each.
        var payload = 5 + BTree.BytesField(row.IdBytes) + BTree.BytesField(row.RevBytes)
            + BTree.IntegerBytes(row.Term) + BTree.IntegerBytes(row.DeletedAt) + BTree.IntegerBytes(row.Codec)
            + (row.Deleted ? 1 : BTree.BytesField(row.BodyBytes));
        var (leaf, overflow) = tree.TableCell(payload, row.Seq);
        var (id, idOverflow) = tree.IndexCell(2 + BTree.BytesField(row.IdBytes) + BTree.IntegerBytes(row.Seq));
        return new RowCost(leaf, overflow + idOverflow, id);
    }

    public static RowCost operator +(RowCost a, RowCost b) =>
        new(a.LeafBytes + b.LeafBytes, a.OverflowPages + b.OverflowPages, a.IdBytes + b.IdBytes);

    public static RowCost operator -(RowCost a, RowCost b) =>
        new(a.LeafBytes - b.LeafBytes, a.OverflowPages - b.OverflowPages, a.IdBytes - b.IdBytes);
}
