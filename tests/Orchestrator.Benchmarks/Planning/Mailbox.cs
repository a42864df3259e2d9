using System.Diagnostics;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Windows;

namespace Orchestrator.Benchmarks.Planning;

/// <summary>
/// How long what the supervisor computes takes for 100,000 units: what is done on its mailbox must stay below 50 ms, since everything else
/// waits for it; the rest is done beside it.
/// </summary>
internal static class Mailbox
{
    private const int Repetitions = 5;
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);

    public static IReadOnlyList<Figure> Measure(TextWriter log)
    {
        var snapshot = BigPlan.Snapshot(sets: 100, now: Now);
        var schedule = new Schedule(
            "s", true, ScheduleScope.Everything, Always(), ScheduleRules.Default, SchedulePacing.Default, NeedsApproval: false);
        var sight = new ClusterSight(snapshot, "", new Dictionary<string, string>());
        var history = Remembered(snapshot);
        var sources = new ExplanationSources(snapshot, [schedule], history, [], "");
        var trail = Trail();
        var asked = 0;
        return
        [
            Timed(log, "mailbox-window-status", "openings every minute that touch, asked at another time each", () => schedule.Windows.StatusAt(Now.AddHours(asked++))),
            Timed(log, "mailbox-next-openings", "openings every 5 minutes", () => Often().NextOpenings(Now, 3)),
            Timed(log, "mailbox-missed-openings", "openings every 5 minutes, 300 days", () => Often().OpeningsWithin(Now.AddDays(-300), Now, 1000)),
            Timed(log, "mailbox-audit-page", $"a page of {trail.Entries.Count:N0} entries in memory", () => trail.Begin(new ReadAudit(0, 1000)).Answer()),
            Timed(log, "beside-schedule-look", "beside the mailbox, 100,000 units", () => ScheduleDecider.Decide(history, new ConsiderSchedule(schedule, [sight], CompactionPolicy.Default, Now)), target: "-"),
            Timed(log, "beside-explain", "beside the mailbox, 100,000 units", () => Explainer.Explain(sources, new ExplainUnits("big", "", ""), Now), target: "-"),
            Timed(log, "beside-plan", "beside the mailbox, 100,000 units", () => Planner.Plan(snapshot, new CompactionRequest("big", CompactionScope.Everything, CompactionOptions.Default), CompactionPolicy.Default), target: "-"),
        ];
    }

    private static Figure Timed(TextWriter log, string name, string conditions, Func<object> work, string target = "< 50")
    {
        var times = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            var watch = Stopwatch.StartNew();
            GC.KeepAlive(work());
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        var median = Figure.Median(times);
        log.WriteLine($"{name}: {median:0.0} ms");
        return new Figure(name, median, "ms", target, $"{conditions}, median of {Repetitions}");
    }

    private static ScheduleState Remembered(ClusterSnapshot snapshot) => snapshot.Members.Take(200).Aggregate(ScheduleState.Initial, (state, member) =>
        ScheduleDecider.Apply(state, new UnitsRemembered(
            "big", "run-1", member.Observation.Node, "completed", 0,
            [.. member.Units.Select(unit => new UnitResult(unit.Size.Unit, unit.BytesFreed, unit.BytesFreed, TimeSpan.FromSeconds(1)))], Now.AddDays(-1))));

    private static AuditLog Trail() => Enumerable.Range(0, AuditLog.Kept).Aggregate(
        AuditLog.Initial, (trail, _) => trail.Add(trail.Next(Now, "ann", "compact", "big", "run-1", "why", "")));

    private static WindowCalendar Always() => new([Window(1, 1)]);

    private static WindowCalendar Often() => new([Window(5, 2)]);

    private static MaintenanceWindow Window(int step, int minutes) => MaintenanceWindow.Create(
        "w", "Europe/Berlin", [], [new CronOpening(new Minutes(step), TimeSpan.FromMinutes(minutes))], [], WindowCloseRule.Finish, out _)!;

    private sealed class Minutes(int step) : ICronTimes
    {
        public string Text => $"*/{step} * * * *";

        public IReadOnlyList<TimeSpan> TimesOfDay { get; } = [.. Enumerable.Range(0, 1440 / step).Select(i => TimeSpan.FromMinutes(i * step))];

        public IEnumerable<DateTime> Days(DateTime from, DateTime to) =>
            Enumerable.Range(0, Math.Max(0, (int)Math.Ceiling((to - from).TotalDays))).Select(day => from.AddDays(day));
    }
}
