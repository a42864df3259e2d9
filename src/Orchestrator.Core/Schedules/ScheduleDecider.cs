using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Windows;
using ScheduleDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Schedules.ScheduleEvent,
    Orchestrator.Core.Schedules.ScheduleEffect,
    Orchestrator.Core.Schedules.ScheduleVerdict>;

namespace Orchestrator.Core.Schedules;

/// <summary>
/// The rules of schedules. Invariants: a schedule starts a run only while its windows are open and the cluster is not
/// frozen, never while an earlier run of it is at work, and within its pacing; each step's results are noted once.
/// </summary>
public static class ScheduleDecider
{
    private const int MaxStarts = 1000;
    private const int MaxMissed = 100;

    /// <summary>What a command leads to. Changes nothing itself.</summary>
    public static ScheduleDecision Decide(ScheduleState state, ScheduleCommand command) => command switch
    {
        NoteWindow note => Note(state, note),
        ConsiderSchedule consider => Consider(state, consider),
        NoteRun note => ScheduleResults.Note(state, note),
        NoteRefusal refusal when state.Of(refusal.Schedule) is BusySchedule busy && busy.LastRun == refusal.RunId => new ScheduleDecision(
            [new ScheduledRunEnded(refusal.Schedule, refusal.RunId, refusal.Reason, refusal.Now)], [], ScheduleVerdict.None),
        NoteRefusal => Nothing(""),
        _ => throw new InvalidOperationException($"unknown command {command.GetType().Name}"),
    };

    /// <summary>The state after an event.</summary>
    public static ScheduleState Apply(ScheduleState state, ScheduleEvent @event) => @event switch
    {
        WindowEntered e => With(state, e.Schedule, state.Of(e.Schedule) with { Opening = new EnteredOpening(e.OpenedAt, e.ClosesAt, e.Missed) }),
        ScheduledRunStarted e => With(state, e.Schedule, new BusySchedule(
            Bounded(state.Of(e.Schedule).Starts.Add(e.At)), e.RunId, state.Of(e.Schedule).Opening, e.Cluster, e.At)),
        ScheduledRunEnded e when state.Of(e.Schedule) is BusySchedule busy && busy.LastRun == e.RunId =>
            With(state, e.Schedule, new IdleSchedule(busy.Starts, busy.LastRun, busy.Opening, e.At)),
        ScheduledRunEnded => state,
        UnitsCompacted e => ScheduleResults.Apply(state, e),
        UnitsRemembered e => state with
        {
            Units = state.Units.SetItems(e.Units.Select(unit => KeyValuePair.Create(
                new UnitKey(e.Cluster, e.Node, unit.Unit), new UnitHistory(e.RunId, e.At, e.Outcome, unit, e.Meagre)))),
        },
        StepsNoted e => state with { Noted = state.Noted.SetItem(e.RunId, [.. e.Steps]) },
        _ => throw new InvalidOperationException($"unknown event {@event.GetType().Name}"),
    };

    /// <summary>The state after a run has given its replica sets back: nothing more of it will be noted.</summary>
    public static ScheduleState Forget(ScheduleState state, string runId) =>
        state.Noted.ContainsKey(runId) ? state with { Noted = state.Noted.Remove(runId) } : state;

    /// <summary>Why a schedule does not even look for due units now; empty if it does.</summary>
    /// <param name="maySee">Which clusters may be named; null: all of them.</param>
    public static string Obstacle(ScheduleState state, Schedule schedule, DateTimeOffset now, Predicate<string>? maySee = null)
    {
        if (!schedule.Enabled)
        {
            return "it is switched off";
        }

        var progress = state.Of(schedule.Name);
        if (progress is BusySchedule busy)
        {
            return "it starts one run at a time, and "
                + (maySee is null || maySee(busy.Cluster) ? $"run {busy.LastRun} is running on {busy.Cluster}" : "one is running on another cluster")
                + (now - busy.StartedAt >= schedule.Pacing.LookInterval ? "; starts are skipped until that has ended" : "");
        }

        var window = schedule.Windows.StatusAt(now);
        if (!window.Open)
        {
            return window.Sentence;
        }

        return Pacing(progress, schedule, now, namesRun: maySee is null);
    }

    private static string Pacing(ScheduleProgress progress, Schedule schedule, DateTimeOffset now, bool namesRun)
    {
        var pacing = schedule.Pacing;
        if (progress is IdleSchedule { LastRun.Length: > 0 } idle && now - idle.LastEndedAt < pacing.MinPause)
        {
            return $"it pauses for {DurationText.Of(pacing.MinPause)} after {(namesRun ? $"run {idle.LastRun}" : "its last run")}";
        }

        var today = progress.Starts.Count(start => now - start < TimeSpan.FromDays(1));
        if (pacing.MaxRunsPerDay > 0 && today >= pacing.MaxRunsPerDay)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it has started {today} of {pacing.MaxRunsPerDay} runs in 24 hours");
        }

        var allowed = pacing.MaxRunsPerWindow
            * (progress.Opening.Missed > 0 && pacing.MissedWindow == MissedWindowPolicy.CatchUp ? 2 : 1);
        var inOpening = progress.Starts.Count(start => start >= progress.Opening.OpenedAt);
        return allowed > 0 && schedule.Windows.Windows.Count > 0 && inOpening >= allowed
            ? string.Create(CultureInfo.InvariantCulture, $"it has started {inOpening} of {allowed} runs in this window")
            : "";
    }

    private static ScheduleDecision Note(ScheduleState state, NoteWindow command)
    {
        var schedule = command.Schedule;
        if (!schedule.Enabled || command.Frozen || schedule.Windows.Windows.Count == 0)
        {
            return Nothing("");
        }

        var before = state.Of(schedule.Name).Opening;
        if (before.ClosesAt is null || before.ClosesAt > command.Now)
        {
            return Nothing("");
        }

        var window = schedule.Windows.StatusAt(command.Now);
        if (!window.Open)
        {
            return Nothing("");
        }

        var opened = window.OpenedAt ?? before.ClosesAt.Value;
        var missed = before == EnteredOpening.None ? 0 : schedule.Windows.OpeningsWithin(before.ClosesAt.Value, opened, MaxMissed);
        return new ScheduleDecision([new WindowEntered(schedule.Name, opened, window.ClosesAt, missed, command.Now)], [], ScheduleVerdict.None);
    }

    private static ScheduleDecision Consider(ScheduleState state, ConsiderSchedule command)
    {
        var schedule = command.Schedule;
        if (Obstacle(state, schedule, command.Now) is { Length: > 0 } obstacle)
        {
            return Nothing(obstacle);
        }

        var reasons = new List<string>();
        var refused = new Dictionary<string, string>(StringComparer.Ordinal);
        var due = command.Clusters
            .Select(cluster => (Cluster: cluster, Due: Due(state, schedule, cluster, command.Now, reasons)))
            .Where(pair => pair.Due is not null)
            .OrderByDescending(pair => pair.Due!.BytesExpected)
            .ThenBy(pair => pair.Cluster.Snapshot.Definition.Name, StringComparer.Ordinal);
        foreach (var (cluster, found) in due)
        {
            var plan = Planner.Plan(cluster.Snapshot, found!.Request, command.Policy);
            var problem = Problem(plan);
            if (problem.Length == 0)
            {
                var started = Start(state, schedule, found, command.Now);
                return started with { Reply = started.Reply with { Refused = refused } };
            }

            reasons.Add($"{cluster.Snapshot.Definition.Name}: {problem}");
            if (plan is PlanResult.Refused { Problems: var problems } && problems.Any(one => one.Code == Topology.FailureCode.Invalid))
            {
                refused[cluster.Snapshot.Definition.Name] = problem;
            }
        }

        var nothing = Nothing(reasons.Count > 0 ? string.Join("; ", reasons) : "nothing is due");
        return nothing with { Reply = nothing.Reply with { Refused = refused } };
    }

    private static ScheduleDecision Start(ScheduleState state, Schedule schedule, DueUnits due, DateTimeOffset now)
    {
        var runId = $"{schedule.Name}-{now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
        if (state.Of(schedule.Name).LastRun == runId)
        {
            return Nothing("it has started a run in this second");
        }

        var origin = new RunOrigin(schedule.Author, schedule.Name, "", schedule.NeedsApproval);
        var sentence = $"started run {runId} on {due.Request.Cluster}: {due.Collections} due, expected to free {ByteText.Of(due.BytesExpected)}"
            + (due.Left > 0 ? $"; {due.Left} more for later runs" : "");
        return new ScheduleDecision(
            [new ScheduledRunStarted(schedule.Name, due.Request.Cluster, runId, due.Collections, due.BytesExpected, now)],
            [new StartScheduledRun(schedule.Name, new StartRun(runId, due.Request) { Origin = origin })],
            new ScheduleVerdict(sentence));
    }

    private static DueUnits? Due(ScheduleState state, Schedule schedule, ClusterSight cluster, DateTimeOffset now, List<string> reasons)
    {
        var name = cluster.Snapshot.Definition.Name;
        if (cluster.Frozen.Length > 0)
        {
            reasons.Add($"{name}: {cluster.Frozen}");
            return null;
        }

        var units = new List<DueUnit>();
        var held = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var member in cluster.Snapshot.Members.Where(member => Topology.NodeStates.IsReachable(member.Observation.State)))
        {
            var seen = member.Observation;
            foreach (var unit in member.Units.Where(unit => schedule.Scope.CoversCollection(unit.Size.Unit.Database, unit.Size.Unit.Collection)))
            {
                var replicaSet = unit.ReplicaSet.Length > 0 ? unit.ReplicaSet : seen.ReplicaSet;
                var verdict = UnitJudge.Judge(
                    schedule.Rules, seen, unit, state.Of(name, seen.Node, unit.Size.Unit), cluster.Snapshot.CapabilitiesOf(member).EstimatesWithoutCompacting, now);
                if (verdict.Due && cluster.HeldSets.TryGetValue(replicaSet, out var run))
                {
                    held.Add($"{name}: run {run} is at work on {replicaSet}");
                }
                else if (verdict.Due)
                {
                    units.Add(new DueUnit(replicaSet, seen.Node, unit));
                }
            }
        }

        reasons.AddRange(held);
        return DueUnits.Choose(schedule, name, units);
    }

    private static string Problem(PlanResult result) => result switch
    {
        PlanResult.Planned planned when planned.Plan.Steps.Any() => "",
        PlanResult.Planned planned => planned.Plan.ReplicaSets.SelectMany(set => set.Skipped).OrderBy(unit => unit.Path != "*").FirstOrDefault() is { } skipped
            ? $"{skipped.Node}: {(skipped.Path == "*" ? "" : skipped.Path + ": ")}{skipped.Reason}"
            : "there is nothing that a run could do",
        PlanResult.Refused refused => refused.ToFailure().Message,
        _ => throw new InvalidOperationException($"unknown result {result.GetType().Name}"),
    };

    private static ScheduleState With(ScheduleState state, string schedule, ScheduleProgress progress) =>
        state with { Schedules = state.Schedules.SetItem(schedule, progress) };

    private static ImmutableList<DateTimeOffset> Bounded(ImmutableList<DateTimeOffset> starts) =>
        starts.RemoveRange(0, Math.Max(0, starts.Count - MaxStarts));

    private static ScheduleDecision Nothing(string sentence) => new([], [], new ScheduleVerdict(sentence));
}
