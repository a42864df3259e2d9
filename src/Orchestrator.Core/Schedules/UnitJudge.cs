using System.Globalization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Schedules;

/// <summary>Whether a schedule finds a unit due, and the reason.</summary>
/// <param name="Reason">One sentence, without a full stop.</param>
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
        if (unit.Against.Length > 0)
        {
            return new UnitVerdict(false, unit.Against, null);
        }

        if (Sizes(rules, unit, estimates) is { Length: > 0 } small)
        {
            return new UnitVerdict(false, small, null);
        }

        if (Disk(rules, member) is { Length: > 0 } roomy)
        {
            return new UnitVerdict(false, roomy, null);
        }

        var gain = estimates ? $"would free {ByteText.Of(unit.BytesFreed)}" : "what it would free is not known";
        if (history is null)
        {
            return new UnitVerdict(true, gain, null);
        }

        var backOff = rules.BackOffAfter(history.Meagre);
        var wait = backOff > rules.TimeSinceLast ? backOff : rules.TimeSinceLast;
        if (now - history.At >= wait)
        {
            return new UnitVerdict(true, gain, null);
        }

        var ago = DurationText.Of(now - history.At);
        return new UnitVerdict(
            false,
            backOff > rules.TimeSinceLast
                ? $"its last compaction, {ago} ago, freed {ByteText.Of(Math.Max(0, history.Result.BytesFreed))} of {ByteText.Of(history.Result.BytesExpected)} expected; it waits {DurationText.Of(wait)} before the next"
                : $"it was compacted {ago} ago, less than {DurationText.Of(wait)}",
            history.At + wait);
    }

    private static string Sizes(ScheduleRules rules, UnitEstimate unit, bool estimates)
    {
        if (!estimates)
        {
            return rules.TimeSinceLast == TimeSpan.Zero
                ? "the engine gives no estimates, so a schedule needs rules.time-since-last"
                : "";
        }

        if (unit.BytesFreed <= 0)
        {
            return "nothing to free";
        }

        if (unit.BytesFreed < rules.MinReclaimableBytes)
        {
            return $"would free {ByteText.Of(unit.BytesFreed)}, less than {ByteText.Of(rules.MinReclaimableBytes)}";
        }

        return unit.Size.Fragmentation < rules.MinFragmentation
            ? $"is {Percent(unit.Size.Fragmentation)} fragmented, less than {Percent(rules.MinFragmentation)}"
            : "";
    }

    private static string Disk(ScheduleRules rules, NodeObservation member)
    {
        if (rules.DiskUsedAbove <= 0)
        {
            return "";
        }

        if (member.Disk.TotalBytes <= 0)
        {
            return $"how full the disk of {member.Node} is is not known";
        }

        var used = 1 - ((double)member.Disk.FreeBytes / member.Disk.TotalBytes);
        return used > rules.DiskUsedAbove ? "" : $"the disk of {member.Node} is {Percent(used)} used, not more than {Percent(rules.DiskUsedAbove)}";
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
