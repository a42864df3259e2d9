using Bunit;
using MudBlazor.Services;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>Openings by the clock on the wall, across a change of daylight saving.</summary>
public sealed class WindowCardTests : IAsyncLifetime
{
    private readonly BunitContext _context = new();

    public WindowCardTests()
    {
        _context.Services.AddMudServices();
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Openings_stay_at_their_hour_in_their_zone_and_move_in_the_viewers()
    {
        var span = WeeklySpan.Parse("SAT-23:00..SUN-04:00", out _)!;
        var window = MaintenanceWindow.Create("nights", "Europe/Berlin", [span], [], [Blackout.Parse("2026-04-11", out _)!], WindowCloseRule.Finish, out _)!;

        var card = _context.Render<WindowCard>(parameters => parameters
            .Add(part => part.Window, window)
            .Add(part => part.Now, new DateTimeOffset(2026, 3, 20, 12, 0, 0, TimeSpan.Zero))
            .Add(part => part.Zone, "Asia/Tokyo"));

        Assert.Equal(
            [
                "Sat 2026-03-21 23:00 +01:00 | Sun 2026-03-22 07:00 +09:00 | Sun 2026-03-22 04:00 +01:00 | 5 h 00 min",
                "Sat 2026-03-28 23:00 +01:00 | Sun 2026-03-29 07:00 +09:00 | Sun 2026-03-29 04:00 +02:00 | 4 h 00 min",
                "Sat 2026-04-04 23:00 +02:00 | Sun 2026-04-05 06:00 +09:00 | Sun 2026-04-05 04:00 +02:00 | 5 h 00 min",
                "Sun 2026-04-12 00:00 +02:00 | Sun 2026-04-12 07:00 +09:00 | Sun 2026-04-12 04:00 +02:00 | 4 h 00 min",
                "Sat 2026-04-18 23:00 +02:00 | Sun 2026-04-19 06:00 +09:00 | Sun 2026-04-19 04:00 +02:00 | 5 h 00 min",
            ],
            card.FindAll("tbody tr").Select(row => string.Join(" | ", row.Children.Select(cell => cell.TextContent))));
        Assert.Equal("2026-04-11 00:00 to 2026-04-12 00:00", card.Find("li").TextContent);
    }

    [Fact]
    public void Runs_and_expected_ones_are_drawn_into_the_openings()
    {
        var window = MaintenanceWindow.Create("nights", "UTC", [.. Enum.GetNames<DayOfWeek>().Select(day => WeeklySpan.Parse($"{day[..3].ToUpperInvariant()}-22:00..{day[..3].ToUpperInvariant()}-24:00", out _)!)], [], [], WindowCloseRule.Finish, out _)!;
        var began = new DateTimeOffset(2026, 3, 16, 22, 0, 0, TimeSpan.Zero);
        var run = new RunSummaryDto("r-1", "main", "completed", "", "", began, began.AddMinutes(90), 0) { Schedule = "weekly" };
        var schedule = new ScheduleView("weekly", true, ["*"], [], [window.ToString()], "", [], "r-1", began) { Expected = new ExpectedRun("r-1", TimeSpan.FromMinutes(90)) };

        var card = _context.Render<WindowCard>(parameters => parameters
            .Add(part => part.Window, window)
            .Add(part => part.Now, new DateTimeOffset(2026, 3, 20, 12, 0, 0, TimeSpan.Zero))
            .Add(part => part.Schedules, [schedule])
            .Add(part => part.Runs, [run, run with { Id = "r-2", Schedule = null }])
            .Add(part => part.Zone, "UTC"));

        Assert.Equal("/runs/r-1", Assert.Single(card.FindAll("li a")).GetAttribute("href"));
        Assert.Equal((1, 14), (card.FindAll(".page-strip-run:not(.page-strip-expected)").Count, card.FindAll(".page-strip-expected").Count));
    }

    /// <summary>Three weeks of openings every ten minutes are drawn to their end, as strips that can be told apart.</summary>
    [Fact]
    public void Openings_that_are_near_to_each_other_are_drawn_as_one()
    {
        var times = CronTimes.Parse("*/10 * * * *", out _)!;
        var window = MaintenanceWindow.Create("often", "UTC", [], [new CronOpening(times, TimeSpan.FromMinutes(5))], [Blackout.Parse("2026-03-22", out _)!], WindowCloseRule.Finish, out _)!;

        var card = _context.Render<WindowCard>(parameters => parameters
            .Add(part => part.Window, window)
            .Add(part => part.Now, new DateTimeOffset(2026, 3, 20, 0, 0, 0, TimeSpan.Zero))
            .Add(part => part.Zone, "UTC"));

        Assert.Equal(2, card.FindAll(".page-strip-open").Count);
        Assert.StartsWith($"{20 * 24 * 6:#,0} openings", card.Find(".page-strip").GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _context.DisposeAsync();
}
