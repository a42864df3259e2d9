using Orchestrator.Storage.Sizes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>The one row of a documents file that sums it up; written in the transaction of each change.</summary>
/// <param name="Generation">From 1; the next one with each swap, each roll-back, and when tombstones are dropped in place. Partial copies belong to one generation.</param>
/// <param name="LastSeq">Last seq of the feed; can be above the last row's when tombstones were dropped.</param>
/// <param name="PurgedThrough">Highest seq of a tombstone that was dropped, here or at the source that this was copied from.</param>
/// <param name="Documents">Live documents.</param>
/// <param name="Tombstones">Tombstones.</param>
/// <param name="BodyBytes">Bytes of the live bodies as stored.</param>
/// <param name="Cost">What all rows take in the file.</param>
internal sealed record DocumentsState(
    long Generation, long LastSeq, long PurgedThrough, long Documents, long Tombstones, long BodyBytes, RowCost Cost)
{
    /// <summary>Not all bodies were stored under the same setting.</summary>
    public const string Mixed = "mixed";

    public static DocumentsState New { get; } = new(1, 0, 0, 0, 0, 0, default);

    /// <summary>
    /// After a roll-back: versions are missing that what was dropped had replaced. Until the end of a source's feed has been
    /// reached with all of them, the position does not name a state that the source had.
    /// </summary>
    public bool Incomplete { get; init; }

    /// <summary>Bytes of the live bodies when they are not compressed: the same whatever the setting.</summary>
    public long DecodedBytes { get; init; }

    /// <summary>The <see cref="CompressionSetting"/> under which all bodies were stored, or <see cref="Mixed"/>.</summary>
    public string Encoding { get; init; } = CompressionSetting.None.ToString();

    public long Rows => Documents + Tombstones;

    public static DocumentsState Read(SqliteSession session, string schema = "main")
    {
        using var row = session.Query(
            $"""
            SELECT generation, last_seq, purged_through, documents, tombstones, body_bytes, leaf_bytes, overflow_pages, id_bytes,
                incomplete, decoded_bytes, encoding
            FROM {schema}.state
            """);
        return row.Read()
            ? new DocumentsState(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5),
                new RowCost(row.GetInt64(6), row.GetInt64(7), row.GetInt64(8)))
            {
                Incomplete = row.GetInt64(9) != 0,
                DecodedBytes = row.GetInt64(10),
                Encoding = row.GetString(11),
            }
            : throw new CorruptFileException(session.File, "it has no state");
    }

    public void Write(SqliteSession session) => session.Run(
        """
        INSERT OR REPLACE INTO main.state (one, generation, last_seq, purged_through, documents, tombstones, body_bytes,
            leaf_bytes, overflow_pages, id_bytes, incomplete, decoded_bytes, encoding)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """,
        Generation, LastSeq, PurgedThrough, Documents, Tombstones, BodyBytes, Cost.LeafBytes, Cost.OverflowPages, Cost.IdBytes,
        Incomplete ? 1L : 0L, DecodedBytes, Encoding);

    public DocumentsState With(in RowHeader row, BTree tree) => Count(row, tree, 1);

    public DocumentsState Without(in RowHeader row, BTree tree) => Count(row, tree, -1);

    private DocumentsState Count(in RowHeader row, BTree tree, int sign)
    {
        var cost = RowCost.Of(row, tree);
        return this with
        {
            Documents = Documents + (row.Deleted ? 0 : sign),
            Tombstones = Tombstones + (row.Deleted ? sign : 0),
            BodyBytes = BodyBytes + (sign * row.BodyBytes),
            DecodedBytes = DecodedBytes + (sign * BodyCodec.DecodedBytes(row.Codec, row.BodyBytes)),
            Cost = sign > 0 ? Cost + cost : Cost - cost,
        };
    }
}
