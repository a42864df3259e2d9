using AngleSharp.Dom;
using Bunit;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>Openings by the clock on the wall, across a change of daylight saving.</summary>
public sealed class WindowCardTests : IAsyncLifetime
{
    private readonly BunitContext _context = new();

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

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _context.DisposeAsync();
}
