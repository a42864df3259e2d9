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

    /// <summary>
    /// In a skipped hour a window opens when the clock has jumped; in a doubled hour once, at the first of both. On days without such an
    /// hour the openings are those of every other day, so that only days are counted, not openings.
    /// </summary>
    private static void AddCron(List<Stretch> open, CronOpening opening, DateTimeZone zone, long from, long to)
    {
        // No offset is more than a day; an opening before the stretch may reach into it.
        var earliest = DateTime.UnixEpoch.AddTicks(Math.Max(0, from - opening.Duration.Ticks - (2 * TimeSpan.TicksPerDay)));
        var latest = DateTime.UnixEpoch.AddTicks(to + TimeSpan.TicksPerDay);
        foreach (var day in opening.Times.Days(Unspecified(earliest.Date), Unspecified(latest)))
        {
            var midnight = LocalTicks(day);
            if (EvenOffset(zone, midnight) is { } offset)
            {
                foreach (var (begin, end) in opening.Joined)
                {
                    Add(open, midnight + begin - offset, midnight + end - offset, from, to);
                }

                continue;
            }

            foreach (var time in opening.Times.TimesOfDay)
            {
                var mapped = zone.MapLocal(LocalDateTime.FromDateTime(day + time));
                var begin = (mapped.Count == 0 ? mapped.LateInterval.Start : mapped.First().ToInstant()).ToUnixTimeTicks();
                Add(open, begin, begin + opening.Duration.Ticks, from, to);
            }
        }
    }

    /// <summary>The zone's offset in ticks during a day of the clock on the wall; null if it changes on that day or next to it.</summary>
    private static long? EvenOffset(DateTimeZone zone, long midnight)
    {
        var even = zone.GetZoneInterval(Instant.FromUnixTimeTicks(midnight));
        return (!even.HasStart || even.Start.ToUnixTimeTicks() <= midnight - TimeSpan.TicksPerDay)
            && (!even.HasEnd || even.End.ToUnixTimeTicks() >= midnight + (2 * TimeSpan.TicksPerDay))
                ? even.WallOffset.Ticks
                : null;
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
        var first = 0;
        foreach (var stretch in open)
        {
            while (first < closed.Count && closed[first].To <= stretch.From)
            {
                first++;
            }

            var from = stretch.From;
            for (var i = first; i < closed.Count && closed[i].From < stretch.To; i++)
            {
                Add(left, from, closed[i].From, from, stretch.To);
                from = Math.Max(from, closed[i].To);
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
