using System.Globalization;
using System.Runtime.CompilerServices;
using NodaTime;

namespace Orchestrator.Core.Windows;

/// <summary>One or several windows taken together: open while any of them is. Without any there is no restriction.</summary>
/// <param name="Windows">The windows.</param>
public sealed record WindowCalendar(IReadOnlyList<MaintenanceWindow> Windows)
{
    // The first are enough for most windows; only rare openings need the last.
    private static readonly int[] HorizonDays = [1, 9, 70, 400, 3660];

    // A window that does not close for so long never does.
    private const int NeverClosesDays = 400;

    private const long PieceTicks = 7 * TimeSpan.TicksPerDay;

    // An opening that began before that is as good as open for ever.
    private static readonly int[] LookBackDays = [1, 32];

    // Schedules and runs ask twice a second, and each time all openings of a day are computed.
    private static readonly ConditionalWeakTable<object, LastStatus> Known = [];

    /// <summary>No restriction.</summary>
    public static WindowCalendar Always { get; } = new([]);

    /// <summary>Whether the windows are open now, since and until when, or when next.</summary>
    public WindowStatus StatusAt(DateTimeOffset now)
    {
        if (Windows.Count == 0)
        {
            return WindowStatus.Always;
        }

        // Calendars of one window are made anew all the time.
        var key = Windows.Count == 1 ? (object)Windows[0] : Windows;
        if (!Known.TryGetValue(key, out var last) || !last.HoldsAt(now))
        {
            last = new LastStatus(now, Compute(now));
            Known.AddOrUpdate(key, last);
        }

        return last.Status;
    }

    /// <summary>The same for a moment that is not the present one: always computed, and in nobody's way.</summary>
    public WindowStatus ForecastAt(DateTimeOffset moment) => Windows.Count == 0 ? WindowStatus.Always : Compute(moment);

    private WindowStatus Compute(DateTimeOffset now)
    {
        var ticks = Ticks(now);
        foreach (var days in HorizonDays)
        {
            var to = ticks + (days * TimeSpan.TicksPerDay);
            var stretches = Union(ticks, to);
            var next = stretches.FindIndex(stretch => stretch.To > ticks);
            if (next < 0)
            {
                continue;
            }

            if (stretches[next].From > ticks)
            {
                return Closed(Moment(stretches[next].From));
            }

            if (stretches[next].To < to || days >= NeverClosesDays)
            {
                return Open(ticks, stretches[next].To, to);
            }
        }

        return Closed(null);
    }

    /// <summary>The next times at which the windows open, the soonest first; fewer than asked for if there are no more.</summary>
    public IReadOnlyList<DateTimeOffset> NextOpenings(DateTimeOffset now, int count)
    {
        var ticks = Ticks(now);
        IReadOnlyList<DateTimeOffset> found = [];
        foreach (var days in HorizonDays)
        {
            if (Windows.Count == 0 || found.Count >= count)
            {
                break;
            }

            found = Union(ticks - TimeSpan.TicksPerMinute, ticks + (days * TimeSpan.TicksPerDay))
                .Where(stretch => stretch.From > ticks)
                .Take(count)
                .Select(stretch => Moment(stretch.From))
                .ToList();
        }

        return found;
    }

    /// <summary>How many openings lie wholly between two moments; at most <paramref name="most"/> are counted.</summary>
    public int OpeningsWithin(DateTimeOffset from, DateTimeOffset to, int most)
    {
        var (start, end) = (Ticks(from), Ticks(to));
        return Windows.Count == 0 || end - start > NeverClosesDays * TimeSpan.TicksPerDay
            ? 0
            : InPieces(start, end).Where(stretch => stretch.From > start && stretch.To < end).Take(most).Count();
    }

    /// <summary>How long the windows are open between two moments; without any window all of it.</summary>
    public TimeSpan OpenBetween(DateTimeOffset from, DateTimeOffset to) =>
        TimeSpan.FromTicks(OpenTimesBetween(from, to).Sum(open => (open.To - open.From).Ticks));

    /// <summary>When the windows are open between two moments, cut off at these; without any window, and over more than 400 days, all of it.</summary>
    public IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> OpenTimesBetween(DateTimeOffset from, DateTimeOffset to)
    {
        var (start, end) = (Ticks(from), Ticks(to));
        return Windows.Count == 0 || end - start > NeverClosesDays * TimeSpan.TicksPerDay
            ? [(from, to)]
            : [.. InPieces(start, end).Select(stretch => (Moment(stretch.From), Moment(stretch.To)))];
    }

    /// <summary>The stretches between two moments, of which no more are computed than are taken.</summary>
    private IEnumerable<Stretch> InPieces(long start, long end)
    {
        Stretch? open = null;
        for (var from = start; from < end; from += PieceTicks)
        {
            foreach (var stretch in Union(from, Math.Min(end, from + PieceTicks)))
            {
                if (open is { } earlier && earlier.To < stretch.From)
                {
                    yield return earlier;
                    open = null;
                }

                open = new Stretch(open?.From ?? stretch.From, stretch.To);
            }
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    private List<Stretch> Union(long from, long to) =>
        OpenTimes.Join([.. Windows.SelectMany(window => OpenTimes.Of(window, from, to))]);

    private WindowStatus Open(long now, long closesAt, long horizon)
    {
        DateTimeOffset? closes = closesAt < horizon ? Moment(closesAt) : null;

        // What happens at the close is for the window to say that closes last.
        var last = Windows.FirstOrDefault(window => OpenTimes.Of(window, closesAt - 1, closesAt).Count > 0) ?? Windows[0];
        return new WindowStatus(
            true,
            closes is { } at ? $"{Names()} open until {Text(at, last)}" : $"{Names()} open at any time",
            closes,
            null,
            last.OnClose)
        {
            OpenedAt = OpenedAt(now),
        };
    }

    private DateTimeOffset? OpenedAt(long now)
    {
        foreach (var days in LookBackDays)
        {
            var from = now - (days * TimeSpan.TicksPerDay);
            if (Union(from, now + 1)[^1].From is var opened && opened > from)
            {
                return Moment(opened);
            }
        }

        return null;
    }

    private WindowStatus Closed(DateTimeOffset? opens) => new(
        false,
        opens is { } at ? $"{Names()} closed; next open at {Text(at, Windows[0])}" : $"{Names()} closed and will not open again",
        null,
        opens,
        Windows[0].OnClose);

    private string Names() => Windows.Count == 1
        ? $"window {Windows[0].Name} is"
        : $"windows {string.Join(", ", Windows.Select(window => window.Name))} are";

    private static string Text(DateTimeOffset at, MaintenanceWindow window)
    {
        var local = Instant.FromDateTimeOffset(at).InZone(TimeZones.Get(window.TimeZone));
        return $"{local.ToString("ddd yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} {window.TimeZone}";
    }

    private static long Ticks(DateTimeOffset at) => at.UtcTicks - DateTime.UnixEpoch.Ticks;

    private static DateTimeOffset Moment(long ticks) => DateTimeOffset.UnixEpoch.AddTicks(ticks);

    /// <summary>What was answered at a moment: it holds until the windows open or close, but not for so long that how far is looked back and ahead would matter.</summary>
    private sealed record LastStatus(DateTimeOffset AskedAt, WindowStatus Status)
    {
        private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

        public bool HoldsAt(DateTimeOffset now) =>
            now >= AskedAt && now - AskedAt < Longest && (Status.ChangesAt is not { } until || now < until);
    }
}
