using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>Everything that explains a cluster's units at one moment.</summary>
/// <param name="Snapshot">The cluster with fresh inventories.</param>
/// <param name="Schedules">All schedules.</param>
/// <param name="History">What schedules and earlier runs did.</param>
/// <param name="ActiveRuns">The runs at work on the cluster.</param>
/// <param name="Frozen">Why nothing may start; empty when not frozen.</param>
public sealed record ExplanationSources(
    ClusterSnapshot Snapshot,
    IReadOnlyList<Schedule> Schedules,
    ScheduleState History,
    IReadOnlyList<RunView> ActiveRuns,
    string Frozen);

/// <summary>Says of each unit why it was compacted, why not since, and what happens next. Pure.</summary>
public static class Explainer
{
    /// <summary>The explanation; refused where the named database or collection does not exist.</summary>
    public static (Explanation? Answer, RequestFailed? Failure) Explain(ExplanationSources sources, ExplainUnits request, DateTimeOffset now)
    {
        var units = sources.Snapshot.Members
            .SelectMany(member => member.Units.Select(unit => (Member: member, Unit: unit)))
            .Where(pair => Covers(request, pair.Unit.Size.Unit))
            .ToList();
        if (units.Count == 0 && request.Database.Length > 0)
        {
            var what = request.Collection.Length > 0 ? $"collection '{request.Database}/{request.Collection}'" : $"database '{request.Database}'";
            return (null, new RequestFailed(
                FailureCode.NotFound, $"no node of cluster {request.Cluster} that can be reached has a {what}; {KnownNames.Of(Names(sources, request), "none is known")}", ""));
        }

        var covering = sources.Schedules.Where(schedule => CoversCluster(schedule, sources.Snapshot.Definition)).ToList();
        var explained = units
            .Select(pair => Explain(sources, covering, pair.Member, pair.Unit, now))
            .OrderByDescending(unit => unit.ReclaimableBytes)
            .ThenBy(unit => unit.Unit.Path, StringComparer.Ordinal)
            .ThenBy(unit => unit.Node, StringComparer.Ordinal)
            .ToList();
        return (new Explanation(request.Cluster, now, Next(sources, covering, now), explained), null);
    }

    /// <summary>The names that could have been meant: the database's collections, else the databases.</summary>
    private static IEnumerable<string> Names(ExplanationSources sources, ExplainUnits request)
    {
        var units = sources.Snapshot.Members.SelectMany(member => member.Units).Select(unit => unit.Size.Unit).Where(unit => unit is not NodeUnit).ToList();
        var inDatabase = units.Where(unit => unit.Database == request.Database && unit.Collection.Length > 0).Select(unit => unit.Home).ToList();
        return request.Collection.Length > 0 && inDatabase.Count > 0 ? inDatabase : units.Select(unit => unit.Database);
    }

    private static bool Covers(ExplainUnits request, StorageUnit unit) =>
        (request.Database.Length == 0 || unit.Database == request.Database)
        && (request.Collection.Length == 0 || unit.Collection == request.Collection);

    private static bool CoversCluster(Schedule schedule, ClusterDefinition cluster) =>
        schedule.Scope.CoversCluster(cluster.Name, cluster.Engine);

    /// <summary>What happens next on the cluster as a whole.</summary>
    private static string Next(ExplanationSources sources, List<Schedule> covering, DateTimeOffset now)
    {
        var parts = new List<string>();
        if (sources.Frozen.Length > 0)
        {
            parts.Add($"nothing starts: {sources.Frozen}");
        }

        parts.AddRange(sources.ActiveRuns.Select(run => $"run {run.Id} is {run.State}{ReasonText.InBrackets(run.Reason)}"));
        parts.AddRange(covering.Select(schedule => Obstacle(sources, schedule, now) is { Length: > 0 } obstacle
            ? $"{schedule.Author}: {obstacle}"
            : $"{schedule.Author} looks for due units every {Windows.DurationText.Of(schedule.Pacing.LookInterval)}"));
        parts.AddRange(sources.Snapshot.Members
            .Select(member => member.Observation)
            .Where(seen => seen is { State: NodeState.Online, Reason.Length: > 0 })
            .Select(seen => $"{seen.Node}: {seen.Reason}"));
        if (covering.Count == 0)
        {
            parts.Add("no schedule covers this cluster: units are compacted when someone starts a run");
        }

        return string.Join("; ", parts);
    }

    private static UnitExplanation Explain(
        ExplanationSources sources, List<Schedule> covering, MemberSnapshot member, UnitEstimate unit, DateTimeOffset now)
    {
        var key = unit.Size.Unit;
        var seen = member.Observation;
        var history = sources.History.Of(sources.Snapshot.Definition.Name, seen.Node, key);
        var (why, next, nextAt) = InRun(sources, seen.Node, key, now) ?? WhileAway(seen) ?? ByOthers(seen, unit) ?? BySchedules(sources, covering, member, unit, history, now);
        return new UnitExplanation(
            seen.Node,
            key,
            LastCompaction.Of(history, unit.Size),
            unit.BytesFreed,
            unit.Fragmentation,
            why,
            next,
            nextAt)
        {
            Sampled = unit.Sampled,
        };
    }

    /// <summary>The unit's place in a run at work; null if it has none there, or is through.</summary>
    private static (string Why, string Next, DateTimeOffset? At)? InRun(ExplanationSources sources, string node, StorageUnit unit, DateTimeOffset now)
    {
        foreach (var run in sources.ActiveRuns)
        {
            var planned = run.Plan.Steps.OfType<CompactMemberStep>()
                .FirstOrDefault(step => step.Node == node && step.Units.Any(candidate => candidate.Size.Unit == unit));
            var view = planned is null ? null : run.Steps.FirstOrDefault(step => step.Number == planned.Number);
            var reason = view?.State == "waiting" || run.Reason.Length == 0 ? view?.Reason : run.Reason;
            switch (view?.State)
            {
                case "running":
                    return ($"run {run.Id} is compacting it", $"step {view.Number} of run {run.Id} is running", null);
                case "pausing":
                    return ($"run {run.Id} is compacting it and stops at the next checkpoint: {reason}", $"run {run.Id} continues with step {view.Number} from there", null);
                case "paused":
                    return (
                        $"run {run.Id} has stopped at a checkpoint of step {view.Number}: {reason}",
                        $"run {run.Id} continues from the checkpoint{(run.State is "paused" or "pausing" ? " when it is resumed" : "")}",
                        OpensAt(sources, run, view, now));
                case "pending" or "waiting":
                    return ($"it is planned in run {run.Id}, step {view.Number}: {reason}", $"run {run.Id} compacts it in step {view.Number}", OpensAt(sources, run, view, now));
                default:
                    continue;
            }
        }

        return null;
    }

    /// <summary>When the window of a step that waits for it opens; null if it waits for something else too, or that is not known here.</summary>
    private static DateTimeOffset? OpensAt(ExplanationSources sources, RunView run, StepView step, DateTimeOffset now) =>
        run.State is not ("paused" or "pausing") && sources.Frozen.Length == 0
        && step.Checks.Any(check => check.Passed == false) && step.Checks.All(check => check.Passed != false || check.Check == CheckNames.WindowOpen)
            ? sources.Schedules.FirstOrDefault(schedule => schedule.Name == run.Origin.Schedule)?.Windows.StatusAt(now).OpensAt
            : null;

    /// <summary>What a member that does not answer has told of its units is old; null if it answers.</summary>
    private static (string Why, string Next, DateTimeOffset? At)? WhileAway(NodeObservation member) => member.State.IsReachable()
        ? null
        : (
            $"{member.Node} is {member.State.ToText()}{(member.Reason.Length > 0 ? $": {member.Reason}" : "")}; its sizes are the last known",
            $"nothing, until {member.Node} is back",
            null);

    /// <summary>The unit is being compacted, but by no run: by the engine itself, or by somebody else. Null if it is not.</summary>
    private static (string Why, string Next, DateTimeOffset? At)? ByOthers(NodeObservation member, UnitEstimate unit) =>
        unit.ReplicaSet.Length > 0
        && member.Memberships.FirstOrDefault(set => set.ReplicaSet == unit.ReplicaSet) is { State: NodeState.Compacting } busy
        && busy.Reason.StartsWith($"compacts {unit.Size.Unit.Path} ", StringComparison.Ordinal)
            ? ($"{member.Node} {busy.Reason}", "it is measured again when that has ended", null)
            : null;

    private static (string Why, string Next, DateTimeOffset? At) BySchedules(
        ExplanationSources sources, List<Schedule> covering, MemberSnapshot member, UnitEstimate unit, UnitHistory? history, DateTimeOffset now)
    {
        var key = unit.Size.Unit;
        var mine = covering.Where(schedule => schedule.Scope.CoversCollection(key.Database, key.Collection)).ToList();
        if (mine.Count == 0)
        {
            return (
                unit.BytesFreed > 0 ? "no schedule covers it, and no run was started for it" : "there is nothing to free",
                "nothing, until someone starts a run",
                null);
        }

        // The schedule that gets to it first decides what is said.
        var candidates = mine
            .Select(schedule => (Schedule: schedule, Verdict: UnitJudge.Judge(
                schedule.Rules, member.Observation, unit, history, sources.Snapshot.CapabilitiesOf(member).EstimatesWithoutCompacting, now)))
            .Select(pair => (pair.Schedule, pair.Verdict, At: When(sources, pair.Schedule, pair.Verdict, now)))
            .OrderBy(candidate => candidate.At ?? DateTimeOffset.MaxValue)
            .ToList();
        var (first, verdict, at) = candidates[0];
        if (!verdict.Due && verdict.NotBefore is null)
        {
            return ($"{first.Author}: {verdict.Reason}", $"{first.Author} compacts it when its rules hold", null);
        }

        var obstacle = Obstacle(sources, first, now);
        var why = (verdict.Due, sources.Frozen.Length, obstacle.Length) switch
        {
            (false, _, _) => $"{first.Author}: {verdict.Reason}",
            (_, > 0, _) => sources.Frozen,
            (_, _, > 0) => $"{first.Author}: {obstacle}",
            _ => $"{first.Author}: it is due ({verdict.Reason}) and waits for units with a larger gain",
        };
        return (why, first.Enabled ? $"{first.Author} compacts it" : $"nothing, since {first.Author} is switched off", first.Enabled ? at : null);
    }

    /// <summary>Says nothing of other clusters: who may see this one need not be allowed to see those.</summary>
    private static string Obstacle(ExplanationSources sources, Schedule schedule, DateTimeOffset now) =>
        ScheduleDecider.Obstacle(sources.History, schedule, now, cluster => cluster == sources.Snapshot.Definition.Name);

    /// <summary>When a schedule can get to a unit at the earliest; null where that is not a matter of time.</summary>
    private static DateTimeOffset? When(ExplanationSources sources, Schedule schedule, UnitVerdict verdict, DateTimeOffset now)
    {
        if (sources.History.Of(schedule.Name) is BusySchedule)
        {
            // It comes after the run at work, however long that takes.
            return null;
        }

        if (!schedule.Enabled || sources.Frozen.Length > 0 || (!verdict.Due && verdict.NotBefore is null))
        {
            return null;
        }

        var pauseEnds = sources.History.Of(schedule.Name) is IdleSchedule { LastRun.Length: > 0 } idle ? idle.LastEndedAt + schedule.Pacing.MinPause : now;
        var earliest = new[] { now, pauseEnds, verdict.NotBefore ?? now }.Max();
        var window = schedule.Windows.StatusAt(earliest);
        return window.Open ? earliest : window.OpensAt;
    }
}
