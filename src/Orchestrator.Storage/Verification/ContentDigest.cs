using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage.Documents;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Verification;

/// <summary>
/// Digests of pieces of a feed, for comparing members. Reads one snapshot of bounded size each time and keeps one row in memory.
/// </summary>
internal sealed class ContentDigest(DocumentsReader documents, CancellationToken cancellation)
{
    /// <summary>Ranges that are chosen at once.</summary>
    public const int MaxRanges = 16;

    /// <summary>Rows of a range that is chosen.</summary>
    public const int RangeRows = 512;

    /// <summary>Bytes of bodies after which a range that is chosen ends.</summary>
    public const long RangeBytes = 2 << 20;

    /// <summary>Versions in one list.</summary>
    public const int MaxVersions = 512;

    /// <summary>Documents that are asked for by id at once.</summary>
    public const int MaxIds = 100;

    private const int CancelEvery = 64;
    private const string Rows = $"SELECT {DocumentsSchema.ChangeColumns} FROM documents";
    private const string InRange = $"{Rows} WHERE seq > ?1 AND seq <= ?2 AND (deleted = 0 OR seq > ?3) ORDER BY seq";

    private readonly ArrayBufferWriter<byte> buffer = new(4096);

    /// <summary>See <see cref="CollectionStore.Digest"/>.</summary>
    public RangeDigests Digest(long after, long through, IReadOnlyList<long> borders, long tombstonesAfter) =>
        InSnapshot((session, state) =>
        {
            var last = Math.Min(through, state.LastSeq);
            var ranges = borders.Count == 0
                ? Choose(session, after, last, tombstonesAfter)
                : Between(session, after, borders, tombstonesAfter);
            return new RangeDigests(state.LastSeq, state.PurgedThrough, ranges);
        });

    /// <summary>See <see cref="CollectionStore.Versions"/>.</summary>
    public VersionList Versions(long after, long through, long tombstonesAfter) => InSnapshot((session, state) =>
    {
        var versions = new List<HeldVersion>();
        using var rows = session.Query(InRange + $" LIMIT {MaxVersions}", after, through, tombstonesAfter);
        while (Next(rows, versions.Count))
        {
            versions.Add(Version(rows));
        }

        return new VersionList(state.LastSeq, state.PurgedThrough, versions.Count < MaxVersions ? through : versions[^1].Sequence, versions);
    });

    /// <summary>See <see cref="CollectionStore.VersionsOf"/>.</summary>
    public VersionList VersionsOf(IReadOnlyList<string> ids) => InSnapshot((session, state) =>
    {
        var versions = new List<HeldVersion>();
        foreach (var id in ids)
        {
            using var row = session.Query($"{Rows} WHERE id = ?1", id);
            if (row.Read())
            {
                versions.Add(Version(row));
            }
        }

        return new VersionList(state.LastSeq, state.PurgedThrough, state.LastSeq, [.. versions.OrderBy(version => version.Sequence)]);
    });

    private T InSnapshot<T>(Func<SqliteSession, DocumentsState, T> read) => documents.Read(lease =>
        lease.Session.InTransaction(write: false, () => read(lease.Session, DocumentsState.Read(lease.Session))));

    private List<RangeDigest> Choose(SqliteSession session, long after, long last, long tombstonesAfter)
    {
        var ranges = new List<RangeDigest>(MaxRanges);
        var (sum, count, bytes, from, seq) = (UInt128.Zero, 0L, 0L, after, after);
        using var rows = session.Query(InRange, after, last, tombstonesAfter);
        while (Next(rows, count))
        {
            seq = rows.GetInt64(0);
            var (digest, length) = RowDigest(rows);
            (sum, count, bytes) = (unchecked(sum + digest), count + 1, bytes + length);
            if (count < RangeRows && bytes < RangeBytes)
            {
                continue;
            }

            ranges.Add(new RangeDigest(from, seq, count, Text(sum)));
            (sum, count, bytes, from) = (UInt128.Zero, 0, 0, seq);
            if (ranges.Count == MaxRanges)
            {
                return ranges;
            }
        }

        if (last > from)
        {
            ranges.Add(new RangeDigest(from, last, count, Text(sum)));
        }

        return ranges;
    }

    private List<RangeDigest> Between(SqliteSession session, long after, IReadOnlyList<long> borders, long tombstonesAfter)
    {
        var ranges = new List<RangeDigest>(borders.Count);
        foreach (var border in borders)
        {
            var (sum, count) = (UInt128.Zero, 0L);
            using var rows = session.Query(InRange, after, border, tombstonesAfter);
            while (Next(rows, count))
            {
                (sum, count) = (unchecked(sum + RowDigest(rows).Digest), count + 1);
            }

            ranges.Add(new RangeDigest(after, border, count, Text(sum)));
            after = border;
        }

        return ranges;
    }

    private bool Next(SqliteRows rows, long count)
    {
        if (count % CancelEvery == 0)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return rows.Read();
    }

    private HeldVersion Version(SqliteRows row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetInt64(4) != 0, Text(RowDigest(row).Digest));

    /// <summary>A body that cannot be read counts as it is stored: it then differs from the others', which is what is to be found.</summary>
    private (UInt128 Digest, long Bytes) RowDigest(SqliteRows row)
    {
        buffer.ResetWrittenCount();
        Write(row.GetInt64(0));
        Write(row.GetInt64(3));
        Write(row.GetInt64(4) == 0 ? 0 : 1);
        Write(Encoding.UTF8.GetBytes(row.GetString(1)));
        Write(Encoding.UTF8.GetBytes(row.GetString(2)));
        var body = Body(row);
        Write(body.Span);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.WrittenSpan, hash);
        return (BinaryPrimitives.ReadUInt128BigEndian(hash), body.Length);
    }

    private static ReadOnlyMemory<byte> Body(SqliteRows row)
    {
        try
        {
            return DocumentsSchema.ReadBody(row, 5);
        }
        catch (StorageException)
        {
            return row.GetFieldValue<byte[]>(6);
        }
    }

    private void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(sizeof(long)), value);
        buffer.Advance(sizeof(long));
    }

    /// <summary>With its length before it, so that no two contents give the same bytes.</summary>
    private void Write(ReadOnlySpan<byte> field)
    {
        Write(field.Length);
        buffer.Write(field);
    }

    private static string Text(UInt128 sum) => sum.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>Digests of consecutive ranges of a feed, of one snapshot.</summary>
/// <param name="LastSeq">Where the feed ended.</param>
/// <param name="PurgedThrough">The last tombstone that was dropped.</param>
public sealed record RangeDigests(long LastSeq, long PurgedThrough, IReadOnlyList<RangeDigest> Ranges);

/// <summary>Versions that a feed holds, of one snapshot.</summary>
/// <param name="LastSeq">Where the feed ended.</param>
/// <param name="PurgedThrough">The last tombstone that was dropped.</param>
/// <param name="Through">The versions of a range are all up to this seq.</param>
public sealed record VersionList(long LastSeq, long PurgedThrough, long Through, IReadOnlyList<HeldVersion> Versions);
