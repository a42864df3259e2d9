using Orchestrator.Host.Kubernetes;

namespace Orchestrator.Kubernetes.Tests;

public sealed class ScheduleTimesTests
{
    private static readonly DateTimeOffset Saturday = new(2026, 3, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_schedule_comes_at_its_times_in_its_zone_across_the_change_to_summer_time()
    {
        var times = ScheduleTimes.Read("30 3 * * *", "Europe/Berlin", out var problem)!;

        Assert.Equal("", problem);
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.Zero), times.NextAfter(Saturday));
        Assert.Equal(new DateTimeOffset(2026, 3, 30, 1, 30, 0, TimeSpan.Zero), times.NextAfter(times.NextAfter(Saturday)!.Value));
    }

    [Fact]
    public void Of_several_missed_times_the_last_one_counts()
    {
        var times = ScheduleTimes.Read("0 * * * *", "UTC", out _)!;

        Assert.Null(times.LastBetween(Saturday, Saturday.AddMinutes(59)));
        Assert.Equal(Saturday.AddHours(1), times.LastBetween(Saturday, Saturday.AddMinutes(60)));
        Assert.Equal(Saturday.AddHours(240), times.LastBetween(Saturday, Saturday.AddHours(240.5)));
    }

    [Theory]
    [InlineData("0 30 3 * * ?", "UTC", "spec.schedule: expected the five fields of cron")]
    [InlineData("@every 1h", "UTC", "spec.schedule: expected the five fields of cron")]
    [InlineData("70 * * * *", "UTC", "spec.schedule: ")]
    [InlineData("0 3 * * *", "Mars/Olympus", "spec.timeZone: ")]
    public void What_is_wrong_is_named_with_its_field(string schedule, string zone, string expected)
    {
        Assert.Null(ScheduleTimes.Read(schedule, zone, out var problem));
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }
}
