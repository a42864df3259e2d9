namespace Orchestrator.Storage.Sizes;

/// <summary>
/// How many bytes and pages rows take in SQLite's b-trees. Source: "Database File Format", sections 1.6 and 2.1
/// (https://sqlite.org/fileformat2.html).
/// </summary>
internal sealed class BTree(int pageSize)
{
    private const int LeafHeader = 8;
    private const int InteriorHeader = 12;
    private const int CellPointer = 2;
    private const int ChildPointer = 4;
    private const int OverflowPointer = 4;

    /// <summary>Bytes for cells and their pointers on a leaf page.</summary>
    public int LeafCapacity => pageSize - LeafHeader;

    public int PageSize => pageSize;

    /// <summary>A row of a rowid table: bytes on its leaf page, with the pointer, and whole overflow pages.</summary>
    public (int LeafBytes, int OverflowPages) TableCell(long payload, long rowid)
    {
        var (local, overflow) = Split(payload, pageSize - 35);
        var bytes = Varint(payload) + Varint(rowid) + local + (overflow > 0 ? OverflowPointer : 0);
        return (Math.Max(4, bytes) + CellPointer, overflow);
    }

    /// <summary>An entry of an index.</summary>
    public (int LeafBytes, int OverflowPages) IndexCell(long payload)
    {
        var (local, overflow) = Split(payload, ((pageSize - 12) * 64 / 255) - 23);
        var bytes = Varint(payload) + local + (overflow > 0 ? OverflowPointer : 0);
        return (Math.Max(4, bytes) + CellPointer, overflow);
    }

    /// <summary>Leaf and interior pages of a rowid table with leaves filled to <paramref name="fill"/> (0 to 1].</summary>
    public long TablePages(long leafBytes, double fill)
    {
        var leaves = Leaves(leafBytes, fill);
        return leaves + InteriorPages(leaves, ChildPointer + CellPointer + 4);
    }

    /// <summary>Leaf and interior pages of an index built in key order; its cells also serve as the interior ones.</summary>
    public long IndexPages(long leafBytes, long entries)
    {
        if (entries == 0)
        {
            return 1;
        }

        // A cell does not go across pages: on average half of one is left over.
        var average = (double)leafBytes / entries;
        var leaves = Leaves(leafBytes, Math.Max(0.5, 1 - (average / 2 / LeafCapacity)));
        return leaves + InteriorPages(leaves, average + ChildPointer);
    }

    /// <summary>Pages of the pointer map that auto-vacuum needs for a file with so many other pages.</summary>
    public long PointerMapPages(long pages) => (pages / (pageSize / 5)) + 1;

    /// <summary>Bytes of a variable-length integer.</summary>
    public static int Varint(long value)
    {
        var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value);
        return bits <= 7 ? 1 : Math.Min(9, (bits + 6) / 7);
    }

    /// <summary>Bytes of an integer in a record's body.</summary>
    public static int IntegerBytes(long value) => value switch
    {
        0 or 1 => 0,
        >= -128 and <= 127 => 1,
        >= -32768 and <= 32767 => 2,
        >= -8388608 and <= 8388607 => 3,
        >= int.MinValue and <= int.MaxValue => 4,
        >= -(1L << 47) and < 1L << 47 => 6,
        _ => 8,
    };

    /// <summary>Bytes of a text or blob in a record: its type in the header and itself.</summary>
    public static long BytesField(long length) => Varint((2 * length) + 13) + length;

    private static long InteriorPagesOfLevel(long children, double cellBytes, int pageSize) =>
        (long)Math.Ceiling(children * cellBytes / (pageSize - InteriorHeader));

    private long Leaves(long leafBytes, double fill) => Math.Max(1, (long)Math.Ceiling(leafBytes / (LeafCapacity * fill)));

    private long InteriorPages(long leaves, double cellBytes)
    {
        long total = 0;
        for (var level = leaves; level > 1;)
        {
            level = InteriorPagesOfLevel(level, cellBytes, pageSize);
            total += level;
        }

        return total;
    }

    /// <summary>What of a payload stays on the page, and the overflow pages for the rest.</summary>
    private (int Local, int OverflowPages) Split(long payload, int maxLocal)
    {
        if (payload <= maxLocal)
        {
            return ((int)payload, 0);
        }

        var minLocal = ((pageSize - 12) * 32 / 255) - 23;
        var perOverflowPage = pageSize - OverflowPointer;
        var candidate = minLocal + (int)((payload - minLocal) % perOverflowPage);
        var local = candidate <= maxLocal ? candidate : minLocal;
        return (local, (int)((payload - local + perOverflowPage - 1) / perOverflowPage));
    }
}
