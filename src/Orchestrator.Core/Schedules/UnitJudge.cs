using Orchestrator.Core.Nodes;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Schedules;

/// <summary>Whether a schedule finds a unit due, and the reason.</summary>
/// <param name="Reason">One sentence, without a full stop: which rules hold or do not, with what was seen.</param>
/// <param name="NotBefore">Where only time stands against it: when that ends.</param>
public sealed record UnitVerdict(bool Due, string Reason, DateTimeOffset? NotBefore);

/// <summary>Applies a schedule's rules to units.</summary>
public static class UnitJudge
{
    /// <summary>The verdict on a unit that the schedule's scope covers.</summary>
    /// <param name="history">Its last compaction; null if none is remembered.</param>
    /// <param name="estimates">Whether the engine can tell what a compaction would free.</param>
    public static UnitVerdict Judge(
        ScheduleRules rules, NodeObservation member, UnitEstimate unit, UnitHistory? history, bool estimates, DateTimeOffset now)
    {
        if (unit.Refusal.Length > 0)
        {
            return new UnitVerdict(false, unit.Refusal, null);
        }

        if (estimates && unit.BytesFreed <= 0)
        {
            return new UnitVerdict(false, "nothing to free", null);
        }

        if (!estimates && rules.TimeSinceLast == TimeSpan.Zero)
        {
            return new UnitVerdict(false, "the engine gives no estimates, so a schedule needs rules.time-since-last", null);
        }

        var verdict = Join(rules.Match, UnitRules.Of(rules, member, unit, history, estimates, now), estimates ? UnitEstimate.GainText([unit]) : null);
        return history is null ? verdict : AfterBackOff(rules, verdict, history, now);
    }

    private static UnitVerdict Join(RuleMatch match, IReadOnlyList<RuleVerdict> rules, string? gain)
    {
        var (holding, failing) = (rules.Where(rule => rule.Holds).ToList(), rules.Where(rule => !rule.Holds).ToList());
        if (rules.Count == 0)
        {
            return new UnitVerdict(true, gain is not null ? $"would free {gain}" : "what it would free is unknown", null);
        }

        if (match == RuleMatch.Any ? holding.Count > 0 : failing.Count == 0)
        {
            return new UnitVerdict(true, Sentence(holding), null);
        }

        // With 'all' every failing rule has to come to hold, with 'any' the first one is enough.
        var times = failing.Select(rule => rule.HoldsFrom).ToList();
        var notBefore = match == RuleMatch.Any ? times.Min() : times.Contains(null) ? null : times.Max();
        var none = match == RuleMatch.Any && failing.Count > 1 ? "none of its rules holds: " : "";
        return new UnitVerdict(false, none + Sentence(failing), notBefore);
    }

    private static UnitVerdict AfterBackOff(ScheduleRules rules, UnitVerdict verdict, UnitHistory history, DateTimeOffset now)
    {
        var wait = rules.BackOffAfter(history.Meagre);
        var ends = history.At + wait;
        if (now >= ends || ends <= verdict.NotBefore || (!verdict.Due && verdict.NotBefore is null))
        {
            return verdict;
        }

        var (freed, expected) = (ByteText.Of(Math.Max(0, history.Result.BytesFreed)), ByteText.Of(history.Result.BytesExpected));
        return new UnitVerdict(
            false,
            $"back-off: its last compaction, {DurationText.Of(now - history.At)} ago, freed {freed} of {expected} expected; it waits {DurationText.Of(wait)} before the next",
            ends);
    }

    private static string Sentence(IEnumerable<RuleVerdict> rules) => string.Join("; ", rules.Select(rule => $"{rule.Rule}: {rule.Seen}"));
}
