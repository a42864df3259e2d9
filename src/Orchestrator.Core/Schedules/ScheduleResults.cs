using System.Collections.Immutable;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using ScheduleDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Schedules.ScheduleEvent,
    Orchestrator.Core.Schedules.ScheduleEffect,
    Orchestrator.Core.Schedules.ScheduleVerdict>;

namespace Orchestrator.Core.Schedules;

/// <summary>What runs gave: the memory behind back-off, time since last, and explanations.</summary>
internal static class ScheduleResults
{
    /// <summary>The steps of a run that have ended since it was last looked at, and its end if a schedule waits for it.</summary>
    public static ScheduleDecision Note(ScheduleState state, NoteRun command)
    {
        var run = command.Run;
        var noted = state.Noted.GetValueOrDefault(run.Id, []);
        var events = new List<ScheduleEvent>();
        foreach (var step in run.Steps)
        {
            var over = step.State is "completed" or "failed" or "skipped" || command.Ended;
            if (over && step.Units.Count > 0 && !noted.Contains(step.Number))
            {
                events.Add(new UnitsCompacted(
                    run.Plan.Request.Cluster, run.Id, step.Number, step.Node, Outcome(step), Results(run.Plan, step), step.FinishedAt ?? command.Now));
            }
        }

        if (command.Ended)
        {
            events.AddRange(state.Schedules
                .Where(entry => entry.Value is BusySchedule busy && busy.LastRun == run.Id)
                .Select(entry => new ScheduledRunEnded(
                    entry.Key, run.Id, run.Reason.Length > 0 ? $"{run.State}: {run.Reason}" : run.State, command.Now)));
        }

        return new ScheduleDecision(events, [], ScheduleVerdict.None);
    }

    /// <summary>The state with a step's results.</summary>
    public static ScheduleState Apply(ScheduleState state, UnitsCompacted fact)
    {
        var units = state.Units.ToBuilder();
        foreach (var result in fact.Units)
        {
            var key = new UnitKey(fact.Cluster, fact.Node, result.Unit);
            var meagre = IsMeagre(result) ? (units.TryGetValue(key, out var before) ? before.Meagre : 0) + 1 : 0;
            units[key] = new UnitHistory(fact.RunId, fact.At, fact.Outcome, result, meagre);
        }

        return state with
        {
            Units = Bounded(units),
            Noted = state.Noted.SetItem(fact.RunId, state.Noted.GetValueOrDefault(fact.RunId, []).Add(fact.Step)),
        };
    }

    /// <summary>Where nothing was expected, as with engines that cannot estimate, freeing nothing is no disappointment.</summary>
    private static bool IsMeagre(UnitResult result) =>
        result.BytesExpected > 0 && result.BytesFreed < result.BytesExpected * ScheduleRules.NextToNothing;

    private static ImmutableDictionary<UnitKey, UnitHistory> Bounded(ImmutableDictionary<UnitKey, UnitHistory>.Builder units)
    {
        if (units.Count > ScheduleState.MaxUnits)
        {
            // A tenth at once, so that it is seldom done.
            units.RemoveRange([.. units.OrderBy(unit => unit.Value.At).Take(units.Count - (ScheduleState.MaxUnits * 9 / 10)).Select(unit => unit.Key)]);
        }

        return units.ToImmutable();
    }

    private static string Outcome(StepView step) => step.State == "completed" ? "completed" : $"{step.State}: {step.Reason}";

    private static List<UnitResult> Results(CompactionPlan plan, StepView step)
    {
        var expected = plan.Steps.OfType<CompactMemberStep>().FirstOrDefault(planned => planned.Number == step.Number)?.Units
            .GroupBy(unit => unit.Size.Unit)
            .ToDictionary(group => group.Key, group => group.First().BytesFreed) ?? [];

        // A unit that several attempts compacted counts once, with all that they freed.
        return step.Units
            .GroupBy(unit => unit.Unit)
            .Select(unit => new UnitResult(
                unit.Key, expected.GetValueOrDefault(unit.Key), unit.Sum(one => one.BytesFreed), TimeSpan.FromTicks(unit.Sum(one => one.Duration.Ticks)))
            {
                FileBytesAfter = unit.Last() is { KeepsLength: false, BytesAfter: > 0 and var after } ? after : null,
            })
            .ToList();
    }
}
