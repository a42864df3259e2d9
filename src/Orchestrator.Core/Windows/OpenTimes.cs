using NodaTime;

namespace Orchestrator.Core.Windows;

/// <summary>
/// When a window is open, as stretches of real time in ticks of Unix time. A weekly span and a blackout hold whenever the
/// clock on the wall shows a time in them: in a skipped hour never, in a doubled hour twice. Within a stretch of constant
/// offset that clock runs evenly, so there the spans are only moved by the offset.
/// </summary>
internal static class OpenTimes
{
    private const long WeekTicks = 7 * TimeSpan.TicksPerDay;

    // 1970-01-05 was a Monday.
    private const long FirstMonday = 4 * TimeSpan.TicksPerDay;

    /// <summary>The stretches of a window between two moments, in order, none touching the next.</summary>
    public static IReadOnlyList<Stretch> Of(MaintenanceWindow window, long from, long to)
    {
        var zone = TimeZones.Get(window.TimeZone);
        var open = new List<Stretch>();
        var closed = new List<Stretch>();
        var range = new Interval(Instant.FromUnixTimeTicks(from), Instant.FromUnixTimeTicks(to));
        foreach (var even in zone.GetZoneIntervals(range))
        {
            var start = even.HasStart ? Math.Max(from, even.Start.ToUnixTimeTicks()) : from;
            var end = even.HasEnd ? Math.Min(to, even.End.ToUnixTimeTicks()) : to;
            var offset = even.WallOffset.Ticks;
            foreach (var span in window.Weekly)
            {
                AddWeekly(open, span, start, end, offset);
            }

            foreach (var blackout in window.Blackouts)
            {
                Add(closed, LocalTicks(blackout.From) - offset, LocalTicks(blackout.To) - offset, start, end);
            }
        }

        foreach (var opening in window.Cron)
        {
            AddCron(open, opening, zone, from, to);
        }

        return Subtract(Join(open), Join(closed));
    }

    /// <summary>Stretches in order, with those that overlap or touch joined.</summary>
    public static List<Stretch> Join(List<Stretch> stretches)
    {
        stretches.Sort((left, right) => left.From.CompareTo(right.From));
        var joined = new List<Stretch>(stretches.Count);
        foreach (var next in stretches)
        {
            if (joined.Count > 0 && next.From <= joined[^1].To)
            {
                joined[^1] = joined[^1] with { To = Math.Max(joined[^1].To, next.To) };
            }
            else
            {
                joined.Add(next);
            }
        }

        return joined;
    }

    private static void AddWeekly(List<Stretch> open, WeeklySpan span, long start, long end, long offset)
    {
        var first = FirstMonday + (span.FromMinute * TimeSpan.TicksPerMinute) - offset;
        var length = span.Minutes * TimeSpan.TicksPerMinute;

        // From the last one that began before the stretch, which may reach into it.
        var week = (long)Math.Floor((double)(start - first) / WeekTicks) - 1;
        for (var begin = first + (week * WeekTicks); begin < end; begin += WeekTicks)
        {
            Add(open, begin, begin + length, start, end);
        }
    }

    /// <summary>In a skipped hour a window opens when the clock has jumped; in a doubled hour once, at the first of both.</summary>
    private static void AddCron(List<Stretch> open, CronOpening opening, DateTimeZone zone, long from, long to)
    {
        // No offset is more than a day; an opening before the stretch may reach into it.
        var earliest = DateTime.UnixEpoch.AddTicks(Math.Max(0, from - opening.Duration.Ticks - TimeSpan.TicksPerDay));
        var latest = DateTime.UnixEpoch.AddTicks(to + TimeSpan.TicksPerDay);
        foreach (var time in opening.Times.Between(Unspecified(earliest), Unspecified(latest)))
        {
            var mapped = zone.MapLocal(LocalDateTime.FromDateTime(time));
            var begin = (mapped.Count == 0 ? mapped.LateInterval.Start : mapped.First().ToInstant()).ToUnixTimeTicks();
            Add(open, begin, begin + opening.Duration.Ticks, from, to);
        }
    }

    private static void Add(List<Stretch> stretches, long from, long to, long start, long end)
    {
        var clipped = new Stretch(Math.Max(from, start), Math.Min(to, end));
        if (clipped.From < clipped.To)
        {
            stretches.Add(clipped);
        }
    }

    private static List<Stretch> Subtract(List<Stretch> open, List<Stretch> closed)
    {
        if (closed.Count == 0)
        {
            return open;
        }

        var left = new List<Stretch>(open.Count);
        foreach (var stretch in open)
        {
            var from = stretch.From;
            foreach (var hole in closed.Where(hole => hole.From < stretch.To && hole.To > stretch.From))
            {
                Add(left, from, hole.From, from, stretch.To);
                from = Math.Max(from, hole.To);
            }

            Add(left, from, stretch.To, stretch.From, stretch.To);
        }

        return left;
    }

    private static long LocalTicks(DateTime local) => local.Ticks - DateTime.UnixEpoch.Ticks;

    private static DateTime Unspecified(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);
}

/// <summary>A stretch of real time, in ticks of Unix time.</summary>
/// <param name="To">The first tick after it; more than <paramref name="From"/>.</param>
internal readonly record struct Stretch(long From, long To);
