using System.Globalization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs.Checks;

/// <summary>Checks that look at one member and what is to be compacted there.</summary>
public static class MemberChecks
{
    /// <summary>What to give with a request so that everything that frees anything is worth it.</summary>
    public const string Override = "option min-reclaimable-bytes 1";

    /// <summary>There is room for what the compaction needs beside the files, and some to spare.</summary>
    /// <param name="temporaryBytes">From the estimates, by the engine's rule.</param>
    public static CheckResult DiskSpace(NodeObservation seen, long temporaryBytes, CompactionPolicy policy)
    {
        if (!seen.Disk.IsSeen)
        {
            return CheckResult.Unanswered(
                CheckNames.DiskSpace,
                $"the disk of {seen.Node} is unknown; the compaction needs up to {ByteText.Of(temporaryBytes)} in addition to its files");
        }

        var headroom = temporaryBytes == 0 ? 0 : (long)(seen.Disk.TotalBytes * policy.DiskHeadroomShare);
        var passed = seen.Disk.FreeBytes >= temporaryBytes + headroom;
        return new CheckResult(
            CheckNames.DiskSpace,
            passed,
            $"{seen.Node} has {ByteText.Of(seen.Disk.FreeBytes)} free; the compaction needs {ByteText.Of(temporaryBytes)} "
            + $"and {ByteText.Of(headroom)} must stay free");
    }

    /// <summary>While it compacts: what must stay free is free.</summary>
    public static CheckResult DiskHeadroom(NodeObservation seen, CompactionPolicy policy)
    {
        if (!seen.Disk.IsSeen)
        {
            return CheckResult.Unanswered(CheckNames.DiskSpace, $"the disk of {seen.Node} is unknown");
        }

        var headroom = (long)(seen.Disk.TotalBytes * policy.DiskHeadroomShare);
        return new CheckResult(
            CheckNames.DiskSpace,
            seen.Disk.FreeBytes >= headroom,
            $"{seen.Node} has {ByteText.Of(seen.Disk.FreeBytes)} free; {ByteText.Of(headroom)} must stay free");
    }

    /// <summary>No backup of the member is being taken.</summary>
    public static CheckResult BackupIdle(NodeObservation seen) => seen.BackupRunning switch
    {
        true => new CheckResult(CheckNames.BackupIdle, false, $"a backup of {seen.Node} is running"),
        false => new CheckResult(CheckNames.BackupIdle, true, $"no backup of {seen.Node} is running"),
        null => CheckResult.Unanswered(CheckNames.BackupIdle, $"{seen.Node} does not report whether a backup of it is running"),
    };

    /// <summary>The compaction frees enough.</summary>
    /// <param name="units">The units of the step that exist now, with fresh estimates.</param>
    public static CheckResult WorthIt(string node, IReadOnlyList<UnitEstimate> units, CompactionOptions options, CompactionPolicy policy, bool estimates)
    {
        if (!estimates && units.Count > 0)
        {
            return CheckResult.Unanswered(
                CheckNames.WorthIt, $"{node} gives no estimates; {units.Count} {(units.Count == 1 ? "unit is" : "units are")} compacted");
        }

        var worth = units.Where(unit => ReasonAgainst(unit, options, policy).Length == 0).ToList();
        return new CheckResult(
            CheckNames.WorthIt,
            worth.Count > 0,
            worth.Count > 0
                ? $"{worth.Count} of {units.Count} units on {node} would free {UnitEstimate.GainText(worth)}"
                : $"nothing on {node} is worth compacting any more");
    }

    /// <summary>Why compacting a unit is not worth it, with the values seen; empty if it is.</summary>
    public static string ReasonAgainst(UnitEstimate unit, CompactionOptions options, CompactionPolicy policy)
    {
        if (unit.Refusal.Length > 0)
        {
            return unit.Refusal;
        }

        // Who says one limit has said what is worth it: the default of the other one must not stand in the way.
        var isDefault = !options.SaysWhatIsWorthIt;
        var minBytes = isDefault ? policy.MinReclaimableBytes : Math.Max(1, options.MinReclaimableBytes);
        var minShare = isDefault ? policy.MinFragmentation : options.MinFragmentation;
        if (unit.BytesFreed == 0 && minBytes > 0)
        {
            return "nothing to free";
        }

        var why = unit.BytesFreed < minBytes
            ? $"would free {UnitEstimate.GainText([unit])}, less than {ByteText.Of(minBytes)}"
            : unit.Fragmentation < minShare
                ? string.Create(CultureInfo.InvariantCulture, $"is {unit.Fragmentation * 100:0.#} % fragmented, less than {minShare * 100:0.#} %")
                : "";
        return why.Length > 0 && isDefault ? $"{why}, the default ({Override} compacts it)" : why;
    }
}
