using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>Random histories of a schedule: ticks, looks, frozen or not, runs that end well, ill or never begin.</summary>
public class SchedulePropertyTests
{
    [Fact]
    public void A_schedule_never_starts_outside_its_windows_while_frozen_beside_its_own_run_or_beyond_its_pacing() => Seeds.ForAll(200, seed =>
    {
        var random = new Random(seed);
        var weekly = new WeeklySpan(random.Next(WeeklySpan.WeekMinutes), random.Next(60, WeeklySpan.WeekMinutes / 2));
        var window = MaintenanceWindow.Create("w", "Europe/Berlin", [weekly], [], [], WindowCloseRule.Finish, out _)!;
        var schedule = new Schedule(
            "s",
            true,
            ScheduleScope.Everything,
            new WindowCalendar([window]),
            ScheduleRules.Default with { TimeSinceLast = TimeSpan.FromHours(random.Next(3)) },
            SchedulePacing.Default with
            {
                MinPause = TimeSpan.FromMinutes(random.Next(120)),
                MaxRunsPerDay = random.Next(4),
                MaxRunsPerWindow = random.Next(4),
                MaxCollectionsPerRun = random.Next(1, 4),
                MissedWindow = (MissedWindowPolicy)random.Next(2),
            },
            false);
        var (state, now) = (ScheduleState.Initial, Some.Noon);
        var (active, starts, lastEnd) = ("", new List<DateTimeOffset>(), DateTimeOffset.MinValue);
        StartRun? started = null;
        for (var i = 0; i < 150; i++)
        {
            now += TimeSpan.FromMinutes(random.Next(1, 300));
            var frozen = random.Next(4) == 0;
            Carry(new NoteWindow(schedule, frozen, now));
            var before = active;
            Carry(Consider(random, schedule, frozen, now));
            if (active != before)
            {
                Assert.Equal("", before);
                Assert.False(frozen, "started while frozen");
                Assert.True(schedule.Windows.StatusAt(now).Open, "started outside of the window");
                Assert.True(now - lastEnd >= schedule.Pacing.MinPause || starts.Count == 0, "started without a pause");
                starts.Add(now);
                Assert.True(schedule.Pacing.MaxRunsPerDay == 0 || starts.Count(start => now - start < TimeSpan.FromDays(1)) <= schedule.Pacing.MaxRunsPerDay);
                Assert.True(started!.Request.Scope.Collections.Count <= schedule.Pacing.MaxCollectionsPerRun);
            }

            if (active.Length > 0 && random.Next(2) == 0)
            {
                Carry(random.Next(3) == 0
                    ? new NoteRefusal("s", active, "no", now)
                    : new NoteRun(new RunView(active, "failed", "", Plan(started!.Request), [], 0, now, now), true, now));
                (active, lastEnd) = ("", now);
            }

            var again = ScheduleHistory.Of(state).Aggregate(ScheduleState.Initial, ScheduleDecider.Apply);
            Assert.Equal(
                ScheduleDecider.Obstacle(state, schedule, now.AddMinutes(1)),
                ScheduleDecider.Obstacle(again, schedule, now.AddMinutes(1)));
        }

        void Carry(ScheduleCommand command)
        {
            var decision = ScheduleDecider.Decide(state, command);
            state = decision.Events.Aggregate(state, ScheduleDecider.Apply);
            foreach (var effect in decision.Effects.Cast<StartScheduledRun>())
            {
                (active, started) = (effect.Start.RunId, effect.Start);
            }
        }
    });

    private static CompactionPlan Plan(CompactionRequest request) => new(request, [], Some.Noon);

    private static ConsiderSchedule Consider(Random random, Schedule schedule, bool frozen, DateTimeOffset now)
    {
        var units = Enumerable.Range(0, 6).Select(i => Some.Documents("shop", $"c{i}", 1L << 30, random.NextInt64(1L << 30))).ToList();
        var members = Some.ThreeMembers.Members.Select((node, i) => new MemberSnapshot(
            Some.Observation(node, i == 0 ? MemberRole.Primary : MemberRole.Secondary), units));
        var sight = new ClusterSight(Some.Snapshot(Some.ThreeMembers, members, now), frozen ? "frozen" : "", new Dictionary<string, string>());
        return new ConsiderSchedule(schedule, [sight], CompactionPolicy.Default, now);
    }
}
