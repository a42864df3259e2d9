using System.Collections.Immutable;

namespace Orchestrator.Core.Operations;

/// <summary>
/// The audit trail: its last entries, and where the older ones are. These are stored away in segments, each in a journal of its own, so
/// that the trail reaches back further than anybody's memory.
/// </summary>
/// <param name="Entries">Oldest first; the last <see cref="Kept"/>, and those before them that are in no segment yet.</param>
/// <param name="Last">Number of the last entry; 0 before the first.</param>
public sealed record AuditLog(ImmutableList<AuditEntry> Entries, long Last)
{
    /// <summary>Entries that are in memory even if they are in a segment too.</summary>
    public const int Kept = 1000;

    /// <summary>Entries of a segment.</summary>
    public const int SegmentSize = 250;

    /// <summary>Entries in memory at most, however long segments cannot be stored; a store that takes entries but no segments is out of order for good.</summary>
    public const int MostInMemory = 20_000;

    private const int LongestDetail = 2000;

    public static AuditLog Initial { get; } = new([], 0);

    /// <summary>What is stored away and can be read, oldest first; together without gaps, unless segments could not be stored for long.</summary>
    public ImmutableList<AuditSegment> Segments { get; init; } = [];

    /// <summary>Number up to which entries are in segments.</summary>
    public long StoredThrough => Segments is [.., var newest] ? newest.Last : 0;

    /// <summary>Number of the oldest entry that can be read; 0 if there is none.</summary>
    public long First => Segments is [var oldest, ..] ? oldest.First : Entries is [var entry, ..] ? entry.Sequence : 0;

    /// <summary>The entry that comes next. Texts from outside are cut to a length that the journal can bear.</summary>
    /// <param name="refusal">Why the order was refused; empty if it was accepted.</param>
    public AuditEntry Next(DateTimeOffset at, string by, string action, string cluster, string subject, string detail, string refusal = "") =>
        new(Last + 1, at, Cut(by, 200), action, cluster, Cut(subject, 200), Cut(detail, LongestDetail))
        {
            Outcome = refusal.Length == 0 ? AuditEntry.Accepted : AuditEntry.Refused,
            Refusal = Cut(refusal, LongestDetail),
        };

    /// <summary>The log with one entry more.</summary>
    public AuditLog Add(AuditEntry entry) => (this with { Entries = Entries.Add(entry), Last = entry.Sequence }).Trimmed();

    /// <summary>The entries of the next segment, oldest first; empty while there are too few.</summary>
    public IReadOnlyList<AuditEntry> NextSegment()
    {
        var unstored = Entries.Count - FirstAfter(StoredThrough);
        return unstored < SegmentSize ? [] : [.. Entries.Skip(FirstAfter(StoredThrough)).Take(SegmentSize)];
    }

    /// <summary>The log after a segment was stored.</summary>
    public AuditLog With(AuditSegment segment) => (this with { Segments = Segments.Add(segment) }).Trimmed();

    /// <summary>The log after a segment was deleted.</summary>
    public AuditLog Without(long first) => this with { Segments = Segments.RemoveAll(segment => segment.First == first) };

    /// <summary>The oldest segment, if at least so many entries are left without it.</summary>
    public AuditSegment? Unneeded(int kept) => Segments is [var oldest, ..] && Last - oldest.Last >= kept ? oldest : null;

    /// <summary>How a question is answered.</summary>
    public AuditReading Begin(ReadAudit request)
    {
        var inMemory = Entries.Count > 0 ? Entries[0].Sequence : long.MaxValue;
        var segments = Segments.Where(segment => segment.First < inMemory && segment.MayHave(request));
        return new AuditReading(request, [.. request.NewestFirst ? segments.Reverse() : segments], Entries);
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length] + "…";

    /// <summary>Index of the first entry in memory with a higher number.</summary>
    private int FirstAfter(long sequence) => Entries.Count == 0 ? 0 : (int)Math.Clamp(sequence - Entries[0].Sequence + 1, 0, Entries.Count);

    private AuditLog Trimmed()
    {
        var surplus = Math.Max(Math.Min(Entries.Count - Kept, FirstAfter(StoredThrough)), Entries.Count - MostInMemory);
        return surplus <= 0 ? this : this with { Entries = Entries.RemoveRange(0, surplus) };
    }
}

/// <summary>Entries of the audit trail that are stored together.</summary>
/// <param name="First">Number of the first, which names the segment.</param>
/// <param name="Last">Number of the last.</param>
/// <param name="Since">The earliest time of an entry; clocks of different hosts differ.</param>
/// <param name="Until">The latest time of an entry.</param>
public sealed record AuditSegment(long First, long Last, DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>The segment that entries make, which are not none.</summary>
    public static AuditSegment Of(IReadOnlyList<AuditEntry> entries) =>
        new(entries[0].Sequence, entries[^1].Sequence, entries.Min(entry => entry.At), entries.Max(entry => entry.At));

    /// <summary>Whether any of its entries may answer a question.</summary>
    public bool MayHave(ReadAudit request) =>
        Last > request.After
        && (request.Before == 0 || First < request.Before)
        && !(request.Since > Until)
        && !(request.Until <= Since);
}
