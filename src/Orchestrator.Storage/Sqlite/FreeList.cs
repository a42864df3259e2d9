using System.Buffers.Binary;
using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Sqlite;

/// <summary>
/// The pages of a SQLite file that hold nothing, read from the file itself. Source: "Database File Format", sections
/// 1.3 and 1.5 (https://sqlite.org/fileformat2.html): trunk pages form a list, each names leaf pages; "leaf pages contain no
/// information", and SQLite neither reads them nor keeps what is in them.
/// </summary>
internal static class FreeList
{
    private const int FirstTrunkOffset = 32;
    private const int CountOffset = 36;
    private const int HeaderBytes = 40;
    private const int TrunkHeaderBytes = 8;
    private const int EntryBytes = 4;

    /// <summary>
    /// The numbers of the leaf pages above <paramref name="after"/>, ascending; the first page is 1. The file must not change meanwhile,
    /// nor have a log.
    /// </summary>
    /// <exception cref="CorruptFileException">The list is not one.</exception>
    public static List<uint> Leaves(HoleFile file, int pageSize, long pages, long after)
    {
        var header = new byte[HeaderBytes];
        file.Read(0, header);
        var trunk = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(FirstTrunkOffset));
        var left = (long)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(CountOffset));
        var leaves = new List<uint>((int)Math.Clamp(left, 0, pages));
        var page = new byte[pageSize];
        while (trunk != 0)
        {
            Require(file, trunk <= pages && trunk > 1 && left > 0, $"page {trunk} cannot be a trunk of the free list");
            file.Read((trunk - 1L) * pageSize, page);
            var count = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(EntryBytes));
            Require(file, count <= (pageSize - TrunkHeaderBytes) / EntryBytes && count < left, $"the free list's trunk {trunk} has {count} leaves");
            for (var i = 0; i < count; i++)
            {
                var leaf = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(TrunkHeaderBytes + (i * EntryBytes)));
                Require(file, leaf <= pages && leaf > 1, $"page {leaf} cannot be free");
                if (leaf > after)
                {
                    leaves.Add(leaf);
                }
            }

            left -= count + 1;
            trunk = BinaryPrimitives.ReadUInt32BigEndian(page);
        }

        Require(file, left == 0, $"the free list lacks {left} pages");
        leaves.Sort();
        return leaves;
    }

    /// <summary>The whole blocks within runs of pages, as offset and length in bytes.</summary>
    /// <param name="leaves">Page numbers, ascending.</param>
    public static IEnumerable<(uint LastPage, long Offset, long Length)> Blocks(IReadOnlyList<uint> leaves, int pageSize, int blockBytes)
    {
        for (var first = 0; first < leaves.Count;)
        {
            var last = first;
            while (last + 1 < leaves.Count && leaves[last + 1] == leaves[last] + 1)
            {
                last++;
            }

            // A page can be smaller than a block: then only blocks of which every page is free.
            var from = RoundUp((leaves[first] - 1L) * pageSize, blockBytes);
            var to = (long)leaves[last] * pageSize / blockBytes * blockBytes;
            if (to > from)
            {
                yield return (leaves[last], from, to - from);
            }

            first = last + 1;
        }
    }

    private static long RoundUp(long value, int unit) => (value + unit - 1) / unit * unit;

    private static void Require(HoleFile file, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new CorruptFileException(file.Path, otherwise);
        }
    }
}
