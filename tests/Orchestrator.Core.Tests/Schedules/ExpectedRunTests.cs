using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>What a schedule's runs take, and whether that fits into its windows.</summary>
public sealed class ExpectedRunTests
{
    private static readonly DateTimeOffset _monday = new(2026, 3, 16, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Open every night from 22 to 24 o'clock UTC.</summary>
    private static readonly WindowCalendar _nights = new([MaintenanceWindow.Create(
        "nights", "UTC", [.. Enumerable.Range(0, 7).Select(day => new WeeklySpan((day * 1440) + 1320, 120))], [], [], WindowCloseRule.Finish, out _)!]);

    [Theory]
    [InlineData(22.0, 23.5, "1h 30m", "")]
    [InlineData(22.0, 24.0, "2h", "")]
    [InlineData(21.0, 23.0, "1h", "")]
    [InlineData(22.0, 48.0, "4h", "it cannot finish in one opening at the speed seen: run last worked for 4h, the next opening lasts 2h")]
    public void Only_the_time_within_the_windows_counts_and_what_does_not_fit_is_warned_of(double began, double ended, string worked, string warning)
    {
        var expected = ExpectedRun.Of(_nights, [Run("last", "completed", began, ended)])!;

        Assert.Equal(worked, DurationText.Of(expected.Worked));
        Assert.Equal(warning, expected.Warning(_nights, _monday.AddDays(4)));
    }

    [Fact]
    public void The_last_completed_run_counts_from_its_first_step()
    {
        var waited = Run("waited", "completed", 22, 48) with { Steps = [Step(46.5), Step(47), Step(null)] };

        var expected = ExpectedRun.Of(_nights, [Run("older", "completed", 22, 23), waited, Run("cancelled", "cancelled", 70, 71), Run("at work", "running", 70, null)]);

        Assert.Equal(new ExpectedRun("waited", TimeSpan.FromMinutes(90)), expected);
    }

    [Fact]
    public void Nothing_is_expected_before_a_run_was_completed_and_nothing_warned_of_without_windows()
    {
        Assert.Null(ExpectedRun.Of(_nights, [Run("failed", "failed", 22, 23)]));
        Assert.Equal("", ExpectedRun.Of(WindowCalendar.Always, [Run("long", "completed", 0, 900)])!.Warning(WindowCalendar.Always, _monday));
    }

    private static RunView Run(string id, string state, double began, double? ended) => new(
        id,
        state,
        "",
        new CompactionPlan(new CompactionRequest("main", CompactionScope.Everything, CompactionOptions.Default), [], _monday),
        [],
        0,
        _monday.AddHours(began),
        ended is { } end ? _monday.AddHours(end) : null);

    private static StepView Step(double? began) =>
        new(1, "rs-1", "compact", "node-1", "completed", "", 1, 1, 0, 0, 0, "", [], began is { } start ? _monday.AddHours(start) : null, null);
}
