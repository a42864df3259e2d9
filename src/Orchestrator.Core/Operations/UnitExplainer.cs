using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>Says of a unit why it was compacted, why not since, and what happens next. What is the same for all units is worked out once.</summary>
/// <param name="covering">The schedules that cover the cluster.</param>
internal sealed class UnitExplainer(ExplanationSources sources, IReadOnlyList<ScheduleOutlook> covering, DateTimeOffset now)
{
    private readonly List<(RunView Run, Dictionary<(string Node, StorageUnit Unit), StepView> Planned)> _runs = [.. sources.ActiveRuns.Select(run => (run, Planned(run)))];

    public UnitExplanation Explain(MemberSnapshot member, UnitEstimate unit)
    {
        var key = unit.Size.Unit;
        var seen = member.Observation;
        var history = sources.History.Of(sources.Snapshot.Definition.Name, seen.Node, key);
        var (why, next, nextAt) = InRun(seen.Node, key) ?? WhileAway(seen) ?? ByOthers(seen, unit) ?? BySchedules(member, unit, history);
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

    /// <summary>The first step of a run that compacts each unit.</summary>
    private static Dictionary<(string Node, StorageUnit Unit), StepView> Planned(RunView run)
    {
        var views = run.Steps.ToDictionary(step => step.Number);
        var planned = new Dictionary<(string Node, StorageUnit Unit), StepView>();
        foreach (var step in run.Plan.Steps.OfType<CompactMemberStep>().Where(step => views.ContainsKey(step.Number)))
        {
            foreach (var unit in step.Units)
            {
                planned.TryAdd((step.Node, unit.Size.Unit), views[step.Number]);
            }
        }

        return planned;
    }

    /// <summary>The unit's place in a run at work; null if it has none there, or is through.</summary>
    private (string Why, string Next, DateTimeOffset? At)? InRun(string node, StorageUnit unit)
    {
        foreach (var (run, planned) in _runs)
        {
            var view = planned.GetValueOrDefault((node, unit));
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
                        OpensAt(run, view));
                case "pending" or "waiting":
                    return ($"it is planned in run {run.Id}, step {view.Number}: {reason}", $"run {run.Id} compacts it in step {view.Number}", OpensAt(run, view));
                default:
                    continue;
            }
        }

        return null;
    }

    /// <summary>When the window of a step that waits for it opens; null if it waits for something else too, or that is not known here.</summary>
    private DateTimeOffset? OpensAt(RunView run, StepView step) =>
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

    private (string Why, string Next, DateTimeOffset? At) BySchedules(MemberSnapshot member, UnitEstimate unit, UnitHistory? history)
    {
        var key = unit.Size.Unit;
        var mine = covering.Where(outlook => outlook.Schedule.Scope.CoversCollection(key.Database, key.Collection)).ToList();
        if (mine.Count == 0)
        {
            return (
                unit.BytesFreed > 0 ? "no schedule covers it, and no run was started for it" : "there is nothing to free",
                "nothing, until someone starts a run",
                null);
        }

        // The schedule that gets to it first decides what is said.
        var candidates = mine
            .Select(outlook => (Outlook: outlook, Verdict: UnitJudge.Judge(
                outlook.Schedule.Rules, member.Observation, unit, history, sources.Snapshot.CapabilitiesOf(member).EstimatesWithoutCompacting, now)))
            .Select(pair => (pair.Outlook, pair.Verdict, At: pair.Outlook.When(pair.Verdict)))
            .OrderBy(candidate => candidate.At ?? DateTimeOffset.MaxValue)
            .ToList();
        var (outlook, verdict, at) = candidates[0];
        var first = outlook.Schedule;
        if (!verdict.Due && verdict.NotBefore is null)
        {
            return ($"{first.Author}: {verdict.Reason}", $"{first.Author} compacts it when its rules hold", null);
        }

        var why = (verdict.Due, sources.Frozen.Length, outlook.Obstacle.Length) switch
        {
            (false, _, _) => $"{first.Author}: {verdict.Reason}",
            (_, > 0, _) => sources.Frozen,
            (_, _, > 0) => $"{first.Author}: {outlook.Obstacle}",
            _ => $"{first.Author}: it is due ({verdict.Reason}) and waits for units with a larger gain",
        };
        return (why, first.Enabled ? $"{first.Author} compacts it" : $"nothing, since {first.Author} is switched off", first.Enabled ? at : null);
    }
}
