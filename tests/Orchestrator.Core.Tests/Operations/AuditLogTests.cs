using Orchestrator.Core.Operations;
using Orchestrator.Core.Tests.Support;

namespace Orchestrator.Core.Tests.Operations;

/// <summary>What of the audit trail is in memory, what is put into segments, and how a question is answered from both.</summary>
public sealed class AuditLogTests
{
    [Fact]
    public void Entries_stay_in_memory_until_they_are_in_a_segment()
    {
        var log = Filled(AuditLog.Kept + 600);
        Assert.Equal(AuditLog.Kept + 600, log.Entries.Count);

        var stored = log.NextSegment();
        log = log.With(AuditSegment.Of(stored));

        Assert.Equal((1, AuditLog.SegmentSize), (stored[0].Sequence, stored[^1].Sequence));
        Assert.Equal(AuditLog.SegmentSize + 1, log.Entries[0].Sequence);
        Assert.Equal(AuditLog.SegmentSize + 1, log.NextSegment()[0].Sequence);
        Assert.Equal(1, log.First);
    }

    [Fact]
    public void The_last_entries_stay_in_memory_although_they_are_in_segments()
    {
        var (log, _) = Stored(2600);

        Assert.Equal((AuditLog.Kept, 1601, 2600), (log.Entries.Count, log.Entries[0].Sequence, log.Last));
        Assert.Equal(2500, log.StoredThrough);
        Assert.Empty(log.NextSegment());
    }

    [Fact]
    public void Memory_is_bounded_even_if_no_segment_can_be_stored()
    {
        var log = Filled(AuditLog.MostInMemory + 30);

        Assert.Equal(AuditLog.MostInMemory, log.Entries.Count);
        Assert.Equal(31, log.First);
    }

    [Fact]
    public void The_oldest_segment_goes_once_enough_is_left_without_it()
    {
        var (log, _) = Stored(1500);

        Assert.Null(log.Unneeded(1251));
        Assert.Equal(1, log.Unneeded(1250)!.First);
        Assert.Equal(251, log.Without(1).First);
    }

    [Fact]
    public void Texts_from_outside_are_cut()
    {
        var entry = AuditLog.Initial.Next(Some.At(0), new string('b', 300), "freeze", "", new string('s', 300), new string('x', 3000), new string('r', 3000));

        Assert.Equal((201, 201, 2001, 2001), (entry.By.Length, entry.Subject.Length, entry.Detail.Length, entry.Refusal.Length));
    }

    [Theory]
    [InlineData(0, 0, false, 3, "1 2 3", 1, true)]
    [InlineData(0, 0, true, 3, "2600 2599 2598", 0, true)]
    [InlineData(1598, 0, false, 4, "1599 1600 1601 1602", 1, true)]
    [InlineData(0, 1603, true, 4, "1602 1601 1600 1599", 1, true)]
    [InlineData(2598, 0, false, 5, "2599 2600", 0, false)]
    [InlineData(0, 3, true, 5, "2 1", 1, false)]
    [InlineData(249, 253, false, 5, "250 251 252", 2, false)]
    [InlineData(2600, 0, false, 5, "", 0, false)]
    public void A_page_is_read_from_memory_and_from_the_segments_that_it_needs(
        long after, long before, bool newestFirst, int limit, string expected, int segmentsRead, bool hasMore)
    {
        var (log, stored) = Stored(2600);

        var (trail, read) = Read(log, stored, new ReadAudit(after, limit) { Before = before, NewestFirst = newestFirst });

        Assert.Equal(expected, string.Join(' ', trail.Entries.Select(entry => entry.Sequence)));
        Assert.Equal((segmentsRead, hasMore), (read, trail.HasMore));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Page_by_page_the_whole_trail_is_read_once(bool newestFirst)
    {
        var (log, stored) = Stored(2600);
        var all = new List<long>();
        var request = new ReadAudit(0, 70) { NewestFirst = newestFirst };
        while (true)
        {
            var (trail, read) = Read(log, stored, request);
            Assert.InRange(read, 0, 2);
            all.AddRange(trail.Entries.Select(entry => entry.Sequence));
            if (!trail.HasMore)
            {
                break;
            }

            request = newestFirst ? request with { Before = all[^1] } : request with { After = all[^1] };
        }

        Assert.Equal(Enumerable.Range(1, 2600).Select(number => (long)(newestFirst ? 2601 - number : number)), all);
    }

    [Fact]
    public void Times_choose_entries_and_the_segments_that_can_have_them()
    {
        var (log, stored) = Stored(2600);

        var (trail, read) = Read(log, stored, new ReadAudit(0, 100) { Since = Some.At(700), Until = Some.At(703) });
        var (none, readForNone) = Read(log, stored, new ReadAudit(0, 100) { Since = Some.At(99_999) });

        Assert.Equal("701 702 703", string.Join(' ', trail.Entries.Select(entry => entry.Sequence)));
        Assert.Equal((1, false), (read, trail.HasMore));
        Assert.Empty(none.Entries);
        Assert.Equal(0, readForNone);
    }

    [Fact]
    public void A_page_ends_before_it_is_too_large_for_a_message()
    {
        var log = AuditLog.Initial;
        for (var i = 0; i < 500; i++)
        {
            log = log.Add(log.Next(Some.At(i), "ann", "freeze", "", "", new string('x', 1990)));
        }

        var trail = log.Begin(new ReadAudit(0, 1000)).Answer();

        Assert.True(trail.HasMore);
        Assert.InRange(trail.Entries.Sum(entry => entry.Detail.Length), AuditReading.MaxCharacters / 2, AuditReading.MaxCharacters);
    }

    [Fact]
    public void A_segment_that_was_deleted_while_it_was_to_be_read_is_passed_over()
    {
        var (log, stored) = Stored(2600);
        stored.Remove(1);

        var (trail, _) = Read(log, stored, new ReadAudit(0, 2));

        Assert.Equal("251 252", string.Join(' ', trail.Entries.Select(entry => entry.Sequence)));
    }

    private static (AuditTrail Trail, int SegmentsRead) Read(AuditLog log, Dictionary<long, IReadOnlyList<AuditEntry>> stored, ReadAudit request)
    {
        var reading = log.Begin(request);
        var read = 0;
        while (reading.NextSegment() is { } segment)
        {
            read++;
            reading.Add(stored.GetValueOrDefault(segment.First, []));
        }

        return (reading.Answer(), read);
    }

    /// <summary>A log of which every full segment is stored.</summary>
    private static (AuditLog Log, Dictionary<long, IReadOnlyList<AuditEntry>> Stored) Stored(int entries)
    {
        var log = AuditLog.Initial;
        var stored = new Dictionary<long, IReadOnlyList<AuditEntry>>();
        for (var i = 0; i < entries; i++)
        {
            log = log.Add(log.Next(Some.At(i), "ann", "freeze", "", "", ""));
            if (log.NextSegment() is { Count: > 0 } segment)
            {
                stored[segment[0].Sequence] = segment;
                log = log.With(AuditSegment.Of(segment));
            }
        }

        return (log, stored);
    }

    private static AuditLog Filled(int entries)
    {
        var log = AuditLog.Initial;
        for (var i = 0; i < entries; i++)
        {
            log = log.Add(log.Next(Some.At(i), "ann", "freeze", "", "", ""));
        }

        return log;
    }
}
