using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Documents;

/// <summary>
/// The running checksum of a feed at the ends of its last commits: who writes works it out, who follows takes it over with the changes, since a
/// feed does not hold what was replaced. In the table <c>history</c>, written in the transaction of each commit, and in memory.
/// </summary>
/// <remarks>
/// Positions of members are ends of commits of the primary, so between the first and the last point that is known there is no other end: a
/// member that stands elsewhere has another history. A file of an earlier version, or of a source that does not know its checksum, has none; then it
/// begins with the next commit, and says nothing of what was before.
/// </remarks>
internal sealed class FeedHistory : IDisposable
{
    /// <summary>Ends of commits that are kept at least.</summary>
    internal const int Window = 500;

    private readonly Lock _gate = new();
    private readonly List<HistoryPoint> _points = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[SHA256.HashSizeInBytes];

    public FeedHistory(SqliteSession session) => _points.AddRange(Read(session, 0, long.MaxValue));

    /// <summary>The checksum of a feed that ends at a seq, or null if it is not known. Any thread.</summary>
    public UInt128? At(long seq)
    {
        lock (_gate)
        {
            var last = _points.Count == 0 ? default : _points[^1];
            return seq == 0 ? UInt128.Zero : last.Seq == seq ? last.Checksum : null;
        }
    }

    /// <summary>Why a member that stands at a seq with a checksum has another history than this one; empty if nothing says so. Any thread.</summary>
    public string Difference(long seq, UInt128 checksum)
    {
        lock (_gate)
        {
            if (_points.Count == 0 || seq < _points[0].Seq || seq > _points[^1].Seq)
            {
                return "";
            }

            var index = _points.BinarySearch(new HistoryPoint(seq, default), BySeq.Instance);
            return index < 0 ? $"no commit ends at change {seq} here"
                : _points[index].Checksum != checksum ? $"the checksum of all changes through {seq} is {_points[index].Checksum:x32} here and {checksum:x32} there"
                : "";
        }
    }

    /// <summary>The checksum after one more change. For one thread at a time.</summary>
    public UInt128 Next(UInt128 before, ChangeRecord change)
    {
        Span<byte> numbers = stackalloc byte[16 + 8 + 8 + 8];
        BinaryPrimitives.WriteUInt128LittleEndian(numbers, before);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[16..], change.Seq);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[24..], change.Term);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[32..], change.DeletedAt?.ToUnixTimeMilliseconds() ?? 0);
        _hash.AppendData(numbers);
        Append(Encoding.UTF8.GetBytes(change.Id));
        Append(Encoding.UTF8.GetBytes(change.Rev));

        // White space around a body is not carried from member to member.
        Append(change.Body.Span.Trim(" \t\r\n"u8));
        _hash.GetHashAndReset(_buffer);
        return BinaryPrimitives.ReadUInt128LittleEndian(_buffer);
    }

    /// <summary>Writes what is to become of the points, in a transaction; <see cref="Committed"/> follows when it is committed.</summary>
    /// <param name="kept">Whether what is known so far leads to the new points without a gap.</param>
    public void Write(SqliteSession session, bool kept, IReadOnlyList<HistoryPoint> added)
    {
        if (!kept)
        {
            session.Run("DELETE FROM history");
        }

        foreach (var point in added)
        {
            var blob = new byte[16];
            BinaryPrimitives.WriteUInt128LittleEndian(blob, point.Checksum);
            session.Run("INSERT OR REPLACE INTO history (seq, checksum) VALUES (?1, ?2)", point.Seq, blob);
        }

        if (kept && _points.Count + added.Count > 2 * Window)
        {
            session.Run("DELETE FROM history WHERE seq NOT IN (SELECT seq FROM history ORDER BY seq DESC LIMIT ?1)", (long)Window);
        }
    }

    /// <summary>What <see cref="Write"/> was told is on disk.</summary>
    public void Committed(bool kept, IReadOnlyList<HistoryPoint> added)
    {
        lock (_gate)
        {
            if (!kept)
            {
                _points.Clear();
            }

            var trims = kept && _points.Count + added.Count > 2 * Window;
            _points.AddRange(added);
            if (trims)
            {
                _points.RemoveRange(0, _points.Count - Window);
            }
        }
    }

    /// <summary>Drops what comes after a seq, in a transaction; <see cref="RolledBack"/> follows when it is committed.</summary>
    public static void WriteRollBack(SqliteSession session, long afterSeq) =>
        session.Run("DELETE FROM history WHERE seq > ?1", afterSeq == 0 ? -1 : afterSeq);

    /// <summary>What <see cref="WriteRollBack"/> was told is on disk.</summary>
    public void RolledBack(long afterSeq)
    {
        lock (_gate)
        {
            _points.RemoveAll(point => point.Seq > afterSeq || afterSeq == 0);
        }
    }

    /// <summary>The last known point up to a seq, and all after it up to another one.</summary>
    public static List<HistoryPoint> Read(SqliteSession session, long since, long through)
    {
        var points = new List<HistoryPoint>();
        using var rows = session.Query(
            "SELECT seq, checksum FROM history WHERE seq >= coalesce((SELECT max(seq) FROM history WHERE seq <= ?1), ?1) AND seq <= ?2 ORDER BY seq",
            since, through);
        while (rows.Read())
        {
            points.Add(new HistoryPoint(rows.GetInt64(0), BinaryPrimitives.ReadUInt128LittleEndian(rows.GetFieldValue<byte[]>(1))));
        }

        return points;
    }

    /// <summary>A source's points, if they tell of the whole feed through a seq.</summary>
    public static List<HistoryPoint> PointsThrough(IReadOnlyList<HistoryPoint> source, long through) =>
        source.Count > 0 && source[^1].Seq == through ? [.. source] : [];

    public void Dispose() => _hash.Dispose();

    private void Append(ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, field.Length);
        _hash.AppendData(length);
        _hash.AppendData(field);
    }

    private sealed class BySeq : IComparer<HistoryPoint>
    {
        public static BySeq Instance { get; } = new();

        public int Compare(HistoryPoint x, HistoryPoint y) => x.Seq.CompareTo(y.Seq);
    }
}
