using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Operations;

public class ExplainerTests
{
    private const string Closed = "window-open: window nights is closed; next open at Mon 2026-03-02 00:00 UTC";

    private static readonly Schedule Nightly = new(
        "nightly",
        true,
        ScheduleScope.Everything,
        new WindowCalendar([MaintenanceWindow.Create("nights", "UTC", [new WeeklySpan(0, 60)], [], [], WindowCloseRule.Suspend, out _)!]),
        ScheduleRules.Default,
        SchedulePacing.Default,
        NeedsApproval: false);

    [Theory]
    [InlineData("paused", "paused by ann: lunch", "paused", "run r1 has stopped at a checkpoint of step 1: paused by ann: lunch; next: run r1 continues from the checkpoint when it is resumed")]
    [InlineData("waiting", "", "paused", "run r1 has stopped at a checkpoint of step 1: " + Closed + "; next: run r1 continues from the checkpoint at 2026-03-02 00:00")]
    [InlineData("waiting", "", "waiting", "it is planned in run r1, step 1: " + Closed + "; next: run r1 compacts it in step 1 at 2026-03-02 00:00")]
    [InlineData("pausing", "paused by ann", "pausing", "run r1 is compacting it and stops at the next checkpoint: paused by ann; next: run r1 continues with step 1 from there")]
    public void A_step_that_stands_still_in_a_run_is_told_with_its_run(string run, string reason, string step, string told)
    {
        var snapshot = Snapshot(NodeState.Online);
        var plan = ((PlanResult.Planned)Planner.Plan(snapshot, Some.Request(), CompactionPolicy.Default)).Plan;
        var first = plan.Steps.OfType<CompactMemberStep>().First();
        var views = plan.Steps.Select(planned => new StepView(
            planned.Number, planned.ReplicaSet, "compact", planned.Node, planned == first ? step : "pending", planned == first ? Closed : "", 1, 0.5, 0, 0, 0, "", [], Some.Noon, null)
        {
            Checks = [new CheckView("window-open", false, Closed, Some.Noon)],
        }).ToList();
        var view = new RunView("r1", run, reason, plan, views, 0, Some.Noon, null) { Origin = new RunOrigin("schedule nightly", "nightly", "", false) };

        Assert.Equal(told, Told(new ExplanationSources(snapshot, [Nightly], ScheduleState.Initial, [view], ""), first.Node));
    }

    [Fact]
    public void Units_of_a_member_that_does_not_answer_say_so()
    {
        Assert.Equal(
            "node-3 is unreachable: no contact for 9 s; its sizes are the last known; next: nothing, until node-3 is back",
            Told(new ExplanationSources(Snapshot(NodeState.Unreachable), [Nightly], ScheduleState.Initial, [], ""), "node-3"));
    }

    [Fact]
    public void Windows_are_asked_for_each_time_between_their_openings_not_for_each_unit()
    {
        const int Units = 400;
        var cron = new CountedCron();
        var windows = new WindowCalendar([MaintenanceWindow.Create("nights", "UTC", [], [new CronOpening(cron, TimeSpan.FromHours(8))], [], WindowCloseRule.Suspend, out _)!]);
        var schedule = Nightly with { Windows = windows, Rules = ScheduleRules.Default with { TimeSinceLast = TimeSpan.FromDays(10) } };
        var units = Enumerable.Range(0, Units).Select(i => Some.Documents("shop", $"c{i}", 1 << 30, 1 << 29)).ToList();
        var times = units.ToDictionary(unit => unit.Size.Unit, unit => Some.Noon - TimeSpan.FromMinutes(units.IndexOf(unit) * 7919 % (10 * 24 * 60)));
        var history = units.Aggregate(ScheduleState.Initial, (state, unit) => ScheduleDecider.Apply(state, new UnitsRemembered(
            Some.Cluster, "r0", "node-1", "completed", 0, [new UnitResult(unit.Size.Unit, 1, 1, TimeSpan.Zero)], times[unit.Size.Unit])));
        var snapshot = Some.Snapshot(Some.ThreeMembers, [new MemberSnapshot(Some.Observation("node-1", MemberRole.Secondary), units)], Some.Noon);

        var told = Explainer.Explain(new ExplanationSources(snapshot, [schedule], history, [], ""), new ExplainUnits(Some.Cluster, "", ""), Some.Noon).Answer!;

        Assert.InRange(cron.Asked, 1, Units / 4);
        Assert.All(told.Units, unit =>
        {
            var due = times[unit.Unit] + TimeSpan.FromDays(10);
            Assert.Equal(windows.StatusAt(due) is { Open: false } closed ? closed.OpensAt : due, unit.NextAt);
        });
    }

    private static string Told(ExplanationSources sources, string node)
    {
        var unit = Explainer.Explain(sources, new ExplainUnits(Some.Cluster, "", ""), Some.Noon).Answer!.Units.Single(unit => unit.Node == node);
        return $"{unit.WhyNotSince}; next: {unit.Next}{(unit.NextAt is { } at ? $" at {at:yyyy-MM-dd HH:mm}" : "")}";
    }

    private static ClusterSnapshot Snapshot(NodeState third) => Some.Snapshot(
        Some.ThreeMembers,
        Some.ThreeMembers.Members.Select((node, i) => new MemberSnapshot(
            Some.Observation(node, i == 0 ? MemberRole.Primary : MemberRole.Secondary, i == 2 ? third : NodeState.Online) with
            {
                Reason = i == 2 && third != NodeState.Online ? "no contact for 9 s" : "",
            },
            [Some.Documents("shop", "orders", 1 << 30, i == 2 && third != NodeState.Online ? 0 : 1 << 29)])),
        Some.Noon);

    private sealed class CountedCron : ICronTimes
    {
        public int Asked { get; private set; }

        public string Text => "0 22 * * *";

        public IReadOnlyList<TimeSpan> TimesOfDay { get; } = [TimeSpan.FromHours(22)];

        public IEnumerable<DateTime> Days(DateTime from, DateTime to)
        {
            Asked++;
            return Enumerable.Range(0, (int)Math.Ceiling((to - from).TotalDays)).Select(day => from.Date.AddDays(day));
        }
    }
}
