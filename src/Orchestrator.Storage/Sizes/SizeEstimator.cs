using Orchestrator.Storage.Compaction;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Indexes;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Sizes;

/// <summary>
/// How long the files of a collection would be if they were written anew. What rows take is summed up with every change;
/// what their order leaves unused at the ends of pages is measured on a sample, because a row that does not fit on a page
/// goes to the next one. Any thread.
/// </summary>
internal sealed class SizeEstimator(DocumentsReader documents)
{
    private const int WholeScanRows = 1 << 13;
    private const int Segments = 64;
    private const int EncodedInSegment = 8;
    private const long MostEncodedBytes = 4L << 20;
    private const int BodyColumn = 7;
    /// <summary>The schema and the first pages of state, terms, history, refetch and checkpoint: what the smallest file has.</summary>
    private const int FixedDocumentPages = 6;

    /// <summary>The schema and the first pages of state and checkpoint.</summary>
    private const int FixedIndexPages = 3;
    private const double Stale = 0.02;
    private volatile Sample? cached;

    /// <summary>Bytes of a new documents file with what the given state counts.</summary>
    public long LiveBytes(DocumentsState state, BTree tree) => LiveBytes(state.Cost, state.Rows, tree, Fill(state, tree));

    /// <summary>
    /// As <see cref="LiveBytes(DocumentsState, BTree)"/>, without the tombstones that a compaction drops, and with all bodies stored as a
    /// setting says. Where that is not how they are stored, some of them are encoded to see what they would take.
    /// </summary>
    public long LiveBytesAfter(TombstonePurge purge, CompressionSetting encoding, DocumentsState state, BTree tree)
    {
        var (cost, rows, fill) = (state.Cost, state.Rows, Fill(state, tree));
        if (state.Tombstones > 0 && purge.HeldByAllThrough > 0)
        {
            var sample = Take(state, tree, purge);
            var share = sample.Rows == 0 ? 0 : (double)state.Rows / sample.Rows;
            cost -= Times(sample.Droppable, share);
            rows -= (long)(sample.DroppableRows * share);
            fill = sample.Fill;
        }

        if (IsEncodedAnew(encoding, state))
        {
            (var difference, fill) = Encoded(encoding, state, tree, fill);
            cost += difference;
        }

        return LiveBytes(cost, rows, tree, fill);
    }

    /// <summary>True if not all bodies are stored as a setting says.</summary>
    public static bool IsEncodedAnew(CompressionSetting encoding, DocumentsState state) =>
        state.Documents > 0 && state.Encoding != encoding.ToString();

    private static RowCost Times(RowCost cost, double share) =>
        new((long)(cost.LeafBytes * share), (long)(cost.OverflowPages * share), (long)(cost.IdBytes * share));

    /// <summary>
    /// What all documents would take more, or less, if they were stored as a setting says: from the first ones of segments that are spread
    /// evenly over the feed, so the same documents give the same figure. And the share of the leaf pages that they would fill.
    /// </summary>
    private (RowCost Difference, double Fill) Encoded(CompressionSetting encoding, DocumentsState state, BTree tree, double fill) => documents.Read(lease =>
    {
        var difference = default(RowCost);
        var packed = new Sample(0, 0);
        long free = 0;
        long rows = 0;
        long bytes = 0;
        for (var i = 0; i < Segments && bytes < MostEncodedBytes && !lease.ShouldYield; i++)
        {
            using var found = lease.Session.Query(
                $"SELECT {RowHeader.Columns}, body FROM documents WHERE seq > ?1 AND deleted = 0 ORDER BY seq LIMIT ?2",
                (long)((double)state.LastSeq * i / Segments), EncodedInSegment);
            while (bytes < MostEncodedBytes && found.Read())
            {
                var header = RowHeader.Read(found);
                var body = BodyCodec.Decode(header.Codec, found.GetFieldValue<byte[]>(BodyColumn));
                var (codec, stored) = BodyCodec.Encode(body, encoding);
                var cost = RowCost.Of(header with { Codec = codec, BodyBytes = stored.Length }, tree);
                difference += cost - RowCost.Of(header, tree);
                free = packed.Pack(cost, free, tree.LeafCapacity);
                rows++;
                bytes += body.Length;
            }
        }

        packed.AddUnused(-free);
        return rows == 0 ? (default, fill) : (Times(difference, (double)state.Documents / rows), packed.Fill);
    });

    /// <summary>Bytes of a new index file with what the given state counts.</summary>
    public static long LiveBytes(IndexState state, BTree tree)
    {
        var average = state.Entries == 0 ? 0 : (double)state.LeafBytes / state.Entries;
        var pages = FixedIndexPages + state.OverflowPages
            + tree.TablePages(state.LeafBytes, Math.Max(0.5, 1 - (average / 2 / tree.LeafCapacity)))
            + tree.IndexPages(state.KeyBytes, state.Entries);
        return (pages + tree.PointerMapPages(pages)) * tree.PageSize;
    }

    private static long LiveBytes(RowCost cost, long rows, BTree tree, double fill)
    {
        var pages = FixedDocumentPages + cost.OverflowPages
            + tree.TablePages(cost.LeafBytes, fill) + tree.IndexPages(cost.IdBytes, rows);
        return (pages + tree.PointerMapPages(pages)) * tree.PageSize;
    }

    /// <summary>Share of the leaf pages that rows in seq order fill.</summary>
    private double Fill(DocumentsState state, BTree tree)
    {
        var known = cached;
        if (known is null || known.IsStale(state))
        {
            known = Take(state, tree, TombstonePurge.None);
            cached = known;
        }

        return known.Fill;
    }

    private Sample Take(DocumentsState state, BTree tree, TombstonePurge purge) => documents.Read(lease =>
    {
        var sample = new Sample(state.Rows, state.Cost.LeafBytes);
        if (state.Rows <= WholeScanRows)
        {
            Scan(lease.Session, 0, int.MaxValue, tree, purge, sample);
            return sample;
        }

        for (var i = 0; i < Segments && !lease.ShouldYield; i++)
        {
            Scan(lease.Session, (long)((double)state.LastSeq * i / Segments), WholeScanRows / Segments, tree, purge, sample);
        }

        return sample;
    });

    private static void Scan(
        SqliteSession session, long after, int limit, BTree tree, TombstonePurge purge, Sample sample)
    {
        using var rows = session.Query(
            $"SELECT {RowHeader.Columns} FROM documents WHERE seq > ?1 ORDER BY seq LIMIT ?2", after, limit);
        long free = 0;
        while (rows.Read())
        {
            var row = RowHeader.Read(rows);
            var cost = RowCost.Of(row, tree);
            if (purge.Drops(row.Seq, row.DeletedAt))
            {
                sample.Drop(cost);
            }
            else
            {
                free = sample.Pack(cost, free, tree.LeafCapacity);
            }
        }

        // The last page is not full for want of rows only.
        sample.AddUnused(-free);
    }

    /// <summary>What a scan of some rows has found.</summary>
    private sealed class Sample(long stateRows, long stateLeafBytes)
    {
        private long kept;
        private long pages;

        public long Rows { get; private set; }

        public long DroppableRows { get; private set; }

        public RowCost Droppable { get; private set; }

        public double Fill => pages <= 0 ? 1 : Math.Clamp((double)kept / pages, 0.3, 1);

        public bool IsStale(DocumentsState state) =>
            Math.Abs(state.Rows - stateRows) > stateRows * Stale || Math.Abs(state.Cost.LeafBytes - stateLeafBytes) > stateLeafBytes * Stale;

        public void Drop(RowCost cost)
        {
            Rows++;
            DroppableRows++;
            Droppable += cost;
        }

        /// <summary>Puts a row onto the page, or onto the next one if it does not fit.</summary>
        /// <param name="free">Bytes that are free on the page.</param>
        /// <returns>Bytes that are free then.</returns>
        public long Pack(RowCost cost, long free, int capacity)
        {
            Rows++;
            kept += cost.LeafBytes;
            if (cost.LeafBytes > free)
            {
                pages += capacity;
                free = capacity;
            }

            return free - cost.LeafBytes;
        }

        public void AddUnused(long bytes) => pages += bytes;
    }
}
