using NodaTime;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Windows;

public class WindowTests
{
    private static readonly string[] Zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "Pacific/Apia", "Africa/Casablanca"];

    public static TheoryData<string> Cases => [.. Golden.Files("windows")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Windows_are_as_in_the_file(string file)
    {
        var cases = new WindowCases();
        Golden.Run("windows", file, cases.Execute);
    }

    /// <summary>The rule of the documentation, by itself: open is when the clock on the wall shows a time in a span and in no blackout.</summary>
    [Fact]
    public void A_weekly_window_is_open_exactly_when_the_clock_on_the_wall_shows_a_time_in_it() => Seeds.ForAll(300, seed =>
    {
        var random = new Random(seed);
        var zone = Zones[random.Next(Zones.Length)];
        var span = new WeeklySpan(random.Next(WeeklySpan.WeekMinutes), random.Next(1, WeeklySpan.WeekMinutes));
        var day = new DateTime(2026, 1, 1).AddMinutes(random.Next(365 * 24 * 60));
        var blackout = new Blackout(day, day.AddMinutes(random.Next(1, 20_000)), "some");
        var window = MaintenanceWindow.Create("w", zone, [span], [], [blackout], WindowCloseRule.Finish, out _)!;
        var calendar = new WindowCalendar([window]);
        for (var i = 0; i < 40; i++)
        {
            var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(365 * 24 * 60));
            Assert.Equal(OnTheWall(at), calendar.StatusAt(at).Open);
            var status = calendar.StatusAt(at);
            if ((status.Open ? status.ClosesAt : status.OpensAt) is { } change)
            {
                Assert.True(change > at);
                Assert.Equal(!status.Open, OnTheWall(change));
                Assert.Equal(status.Open, OnTheWall(change.AddTicks(-1)));
            }

            Assert.True(status.OpenedAt is not { } since || (since <= at && OnTheWall(since) && !OnTheWall(since.AddTicks(-1))));
        }

        bool OnTheWall(DateTimeOffset at)
        {
            var local = Instant.FromDateTimeOffset(at).InZone(DateTimeZoneProviders.Tzdb[zone]).LocalDateTime.ToDateTimeUnspecified();
            var minute = ((((int)local.DayOfWeek + 6) % 7) * 24 * 60) + local.TimeOfDay.TotalMinutes;
            var into = (minute - span.FromMinute + WeeklySpan.WeekMinutes) % WeeklySpan.WeekMinutes;
            return into < span.Minutes && (local < blackout.From || local >= blackout.To);
        }
    });

    [Theory]
    [InlineData("MON-00:00..FRI-15:00", 0, (4 * 1440) + 900)]
    [InlineData("SAT-22:00..SUN-04:00", (5 * 1440) + 1320, 360)]
    [InlineData("SUN-22:00..MON-04:00", (6 * 1440) + 1320, 360)]
    [InlineData("mon-00:00 .. sun-24:00", 0, 10080)]
    [InlineData("TUE-10:00..TUE-10:01", 1440 + 600, 1)]
    public void A_weekly_span_is_read_and_written(string text, int from, int minutes)
    {
        var span = WeeklySpan.Parse(text, out var problem);

        Assert.Equal("", problem);
        Assert.Equal(new WeeklySpan(from, minutes), span);
        Assert.Equal(span, WeeklySpan.Parse(span!.ToString(), out _));
    }

    [Fact]
    public void Openings_that_went_by_are_counted()
    {
        var window = MaintenanceWindow.Create(
            "w", "UTC", [new WeeklySpan(0, 60)], [], [], WindowCloseRule.Finish, out _)!;
        var monday = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(2, new WindowCalendar([window]).OpeningsWithin(monday.AddHours(1), monday.AddDays(21), 10));
        Assert.Equal(1, new WindowCalendar([window]).OpeningsWithin(monday.AddHours(1), monday.AddDays(21), 1));
        Assert.Equal(0, WindowCalendar.Always.OpeningsWithin(monday, monday.AddDays(21), 10));
    }

    [Fact]
    public void Openings_that_touch_cost_no_more_than_days()
    {
        var times = new Minutes(1);
        var calendar = new WindowCalendar([Window("always", "UTC", times, 1)]);
        var now = new DateTimeOffset(2026, 3, 4, 12, 0, 30, TimeSpan.Zero);

        times.Asked = 0;
        var status = calendar.StatusAt(now);
        Assert.Equal((true, "window always is open at any time", null), (status.Open, status.Sentence, status.ClosesAt));
        Assert.InRange(times.Asked, 1, 1000);

        times.Asked = 0;
        Assert.Empty(calendar.NextOpenings(now, 3));
        Assert.InRange(times.Asked, 1, 5000);

        Assert.Equal(7, new WindowCalendar([Window("w", "Europe/Berlin", new Minutes(5), 2)]).OpeningsWithin(now.AddDays(-300), now, 7));
    }

    /// <summary>However it is computed, each opening is that of its time on the wall: skipped ones when the clock has jumped, doubled ones once.</summary>
    [Fact]
    public void Frequent_openings_are_open_exactly_for_their_duration() => Seeds.ForAll(60, seed =>
    {
        var random = new Random(seed);
        var zone = Zones[random.Next(Zones.Length)];
        int[] steps = [3, 5, 8, 12, 15, 20, 36, 45, 60, 90];
        var step = steps[random.Next(steps.Length)];
        var minutes = random.Next(1, step + 1);
        var calendar = new WindowCalendar([Window("w", zone, new Minutes(step), minutes)]);
        var tzdb = DateTimeZoneProviders.Tzdb[zone];

        // Half of them on days on which the clock changes.
        var change = tzdb.GetZoneInterval(Instant.FromUtc(2026, 1, 1, 0, 0)) is { HasEnd: true } even && random.Next(2) == 0
            ? even.End.ToDateTimeOffset()
            : new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(365 * 24 * 60));
        for (var i = 0; i < 40; i++)
        {
            var at = change.AddMinutes(random.Next(-3000, 3000));
            var status = calendar.StatusAt(at);
            Assert.Equal(IsOpen(at), status.Open);
            if ((status.Open ? status.ClosesAt : status.OpensAt) is { } next)
            {
                Assert.Equal(status.Open, IsOpen(next.AddTicks(-1)));
                Assert.Equal(!status.Open, IsOpen(next));
            }
        }

        bool IsOpen(DateTimeOffset at) => Enumerable.Range(-2, 4).Any(days => new Minutes(step).TimesOfDay.Any(time =>
        {
            var mapped = tzdb.MapLocal(LocalDateTime.FromDateTime(DateTime.SpecifyKind(at.UtcDateTime.Date.AddDays(days) + time, DateTimeKind.Unspecified)));
            var begin = (mapped.Count == 0 ? mapped.LateInterval.Start : mapped.First().ToInstant()).ToDateTimeOffset();
            return begin <= at && at < begin.AddMinutes(minutes);
        }));
    });

    [Fact]
    public void A_status_is_computed_anew_when_the_windows_open_or_close()
    {
        var times = new Minutes(60);
        var window = Window("w", "UTC", times, 30);
        var noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.True(new WindowCalendar([window]).StatusAt(noon.AddMinutes(25)).Open);
        var asked = times.Asked;

        for (var i = 0; i < 100; i++)
        {
            Assert.True(new WindowCalendar([window]).StatusAt(noon.AddMinutes(25).AddSeconds(i)).Open);
        }

        Assert.Equal(asked, times.Asked);
        Assert.Equal(noon.AddHours(1), new WindowCalendar([window]).StatusAt(noon.AddMinutes(30)).OpensAt);
        Assert.True(new WindowCalendar([window]).StatusAt(noon.AddMinutes(29)).Open);
        Assert.Equal(noon, new WindowCalendar([window]).StatusAt(noon.AddMinutes(1)).OpenedAt);
    }

    [Fact]
    public void Open_times_are_cut_off_at_both_ends()
    {
        var noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var calendar = new WindowCalendar([Window("w", "UTC", new Minutes(60), 30)]);

        Assert.Equal(
            [(noon.AddMinutes(-40), noon.AddMinutes(-30)), (noon, noon.AddMinutes(30)), (noon.AddMinutes(60), noon.AddMinutes(70))],
            calendar.OpenTimesBetween(noon.AddMinutes(-40), noon.AddMinutes(70)));
        Assert.Equal([(noon, noon.AddDays(1))], WindowCalendar.Always.OpenTimesBetween(noon, noon.AddDays(1)));
    }

    private static MaintenanceWindow Window(string name, string zone, Minutes times, int minutes) => MaintenanceWindow.Create(
        name, zone, [], [new CronOpening(times, TimeSpan.FromMinutes(minutes))], [], WindowCloseRule.Finish, out _)!;

    /// <summary>Every so many minutes from each midnight; counts the days that it is asked for.</summary>
    private sealed class Minutes(int step) : ICronTimes
    {
        public int Asked { get; set; }

        public string Text => $"*/{step} * * * *";

        public IReadOnlyList<TimeSpan> TimesOfDay { get; } =
            [.. Enumerable.Range(0, (1440 + step - 1) / step).Select(i => TimeSpan.FromMinutes(i * step))];

        public IEnumerable<DateTime> Days(DateTime from, DateTime to)
        {
            for (var day = from; day < to; day = day.AddDays(1))
            {
                Asked++;
                yield return day;
            }
        }
    }
}
