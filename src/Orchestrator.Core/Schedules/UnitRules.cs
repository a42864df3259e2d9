using System.Globalization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Schedules;

/// <summary>What one rule says of a unit.</summary>
/// <param name="Rule">Its name in the settings.</param>
/// <param name="Seen">The value seen and the one that is wanted, in words.</param>
/// <param name="HoldsFrom">When it holds by the passing of time alone; null if that does not help.</param>
internal sealed record RuleVerdict(string Rule, bool Holds, string Seen, DateTimeOffset? HoldsFrom = null);

/// <summary>The rules by which a unit can be due, each for itself. Those that are switched off are left out.</summary>
internal static class UnitRules
{
    /// <param name="estimates">Whether the engine can tell what a compaction would free; if not, the rules on sizes say nothing.</param>
    public static IReadOnlyList<RuleVerdict> Of(
        ScheduleRules rules, NodeObservation member, UnitEstimate unit, UnitHistory? history, bool estimates, DateTimeOffset now)
    {
        var verdicts = new List<RuleVerdict>();
        if (estimates && rules.MinReclaimableBytes > 0)
        {
            var holds = unit.BytesFreed >= rules.MinReclaimableBytes;
            verdicts.Add(new RuleVerdict(
                "min-reclaimable-bytes",
                holds,
                $"would free {UnitEstimate.GainText([unit])}, {(holds ? "at least" : "less than")} {ByteText.Of(rules.MinReclaimableBytes)}"));
        }

        if (estimates && rules.MinFragmentation > 0)
        {
            var holds = unit.Fragmentation >= rules.MinFragmentation;
            verdicts.Add(new RuleVerdict(
                "min-fragmentation",
                holds,
                $"is {Percent(unit.Fragmentation)} fragmented, {(holds ? "at least" : "less than")} {Percent(rules.MinFragmentation)}"));
        }

        if (rules.DiskUsedAbove > 0)
        {
            verdicts.Add(Disk(rules, member));
        }

        if (rules.QuotaUsedAbove > 0)
        {
            verdicts.Add(Quota(rules, member, unit));
        }

        if (rules.TimeSinceLast > TimeSpan.Zero)
        {
            verdicts.Add(Time(rules, history, now));
        }

        return verdicts;
    }

    private static RuleVerdict Disk(ScheduleRules rules, NodeObservation member)
    {
        if (member.Disk.TotalBytes <= 0)
        {
            return new RuleVerdict("disk-used-above", false, $"the disk usage of {member.Node} is unknown");
        }

        var used = 1 - ((double)member.Disk.FreeBytes / member.Disk.TotalBytes);
        var holds = used > rules.DiskUsedAbove;
        return new RuleVerdict(
            "disk-used-above", holds, $"the disk of {member.Node} is {Percent(used)} used, {(holds ? "more" : "not more")} than {Percent(rules.DiskUsedAbove)}");
    }

    private static RuleVerdict Quota(ScheduleRules rules, NodeObservation member, UnitEstimate unit)
    {
        const string rule = "quota-used-above";
        if (member.QuotaBytes <= 0)
        {
            return new RuleVerdict(rule, false, $"{member.Node} has no storage quota, or does not report it");
        }

        var used = (double)unit.Size.FileBytes / member.QuotaBytes;
        var holds = used > rules.QuotaUsedAbove;
        return new RuleVerdict(
            rule, holds, $"it takes {Percent(used)} of the quota of {member.Node}, {(holds ? "more" : "not more")} than {Percent(rules.QuotaUsedAbove)}");
    }

    private static RuleVerdict Time(ScheduleRules rules, UnitHistory? history, DateTimeOffset now)
    {
        const string rule = "time-since-last";
        if (history is null)
        {
            return new RuleVerdict(rule, true, "no compaction of it is remembered");
        }

        var holds = now - history.At >= rules.TimeSinceLast;
        return new RuleVerdict(
            rule,
            holds,
            $"it was compacted {DurationText.Of(now - history.At)} ago, {(holds ? "at least" : "less than")} {DurationText.Of(rules.TimeSinceLast)}",
            history.At + rules.TimeSinceLast);
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
