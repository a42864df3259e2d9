using System.Globalization;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>What a member is doing, and what it has done, as text.</summary>
internal static class WorkText
{
    /// <summary>Below this the rate says nothing yet.</summary>
    private const double LeastRate = 1;

    /// <summary>Where a compaction stands, in one line that fits 80 columns unless the unit's name is long.</summary>
    public static string Now(ProgressDto progress) => Text(progress, isAtWork: true);

    /// <summary>The same of a step; while nothing is at work, without the pace that it last had.</summary>
    public static string Of(StepDto step) => Text(step.Progress!, step.State is "running" or "pausing" && !step.Checks.Any(check => check.Passed == false));

    private static string Text(ProgressDto progress, bool isAtWork)
    {
        string?[] parts =
        [
            progress.Unit.Length > 0 ? $"{progress.Stage} {progress.Unit}" : progress.Stage,
            progress.UnitsTotal > 1 ? $"unit {Math.Min(progress.UnitsDone + 1, progress.UnitsTotal)}/{progress.UnitsTotal}" : null,
            progress.BytesCopied > 0 ? Human.Bytes(progress.BytesCopied) : null,
            isAtWork && progress.BytesPerSecond >= LeastRate ? $"{Human.Bytes((long)progress.BytesPerSecond)}/s" : null,
            isAtWork && progress.RemainingSeconds is { } left ? $"{Human.RoughDuration(TimeSpan.FromSeconds(left))} left" : null,
            progress.LongestWritePauseSeconds > 0 ? $"pause {Human.Duration(TimeSpan.FromSeconds(progress.LongestWritePauseSeconds))}" : null,
        ];
        return string.Join(", ", parts.Where(part => part is { Length: > 0 }));
    }

    /// <summary>What was done, over all units of all members: a label and a sentence each.</summary>
    public static IEnumerable<(string Label, string Text)> Done(RunDto run)
    {
        var units = run.Steps.SelectMany(step => step.Units).ToList();
        if (units.Count == 0)
        {
            yield break;
        }

        yield return ("Files", Sizes(units.Sum(unit => unit.BytesBefore), units.Sum(unit => unit.BytesAfter)));
        if (units.Exists(unit => unit.PhysicalBytesBefore > 0))
        {
            yield return ("On disk", Sizes(units.Sum(unit => unit.PhysicalBytesBefore), units.Sum(unit => unit.PhysicalBytesAfter)));
        }

        var plan = run.EstimatedBytesFreed > 0 ? $", {Human.Bytes(run.EstimatedBytesFreed)} planned" : "";
        yield return ("Freed", Human.Bytes(run.BytesFreed) + plan);
        yield return ("Contents", Contents(units));
        var planned = run.Steps.Sum(step => step.EstimatedDurationSeconds);
        yield return ("Work", Seconds(units.Sum(unit => unit.DurationSeconds)) + (planned > 0 ? $", {Seconds(planned)} planned" : ""));
        var stages = units
            .SelectMany(unit => unit.Stages)
            .GroupBy(stage => stage.Stage, StringComparer.Ordinal)
            .Select(stage => $"{stage.Key} {Seconds(stage.Sum(each => each.Seconds))}")
            .ToList();
        if (stages.Count > 0)
        {
            yield return ("Stages", string.Join(", ", stages));
        }

        if (units.Max(unit => unit.LongestWritePauseSeconds) is > 0 and var longest)
        {
            yield return ("Longest write pause", Seconds(longest));
        }
    }

    private static string Sizes(long before, long after) => $"{Human.Bytes(before)} before, {Human.Bytes(after)} after";

    /// <summary>Most engines do not tell how many documents they have moved.</summary>
    private static string Contents(List<UnitCompactedDto> units)
    {
        if (!units.Exists(unit => unit.Rows > 0 || unit.TombstonesDropped > 0))
        {
            return Human.Count(units.Count, "unit");
        }

        var ratios = units.Where(unit => unit.CompressionRatio is > 0).ToList();
        var stored = ratios.Sum(unit => (double)unit.BytesAfter);
        var ratio = stored > 0 ? ratios.Sum(unit => unit.CompressionRatio!.Value * unit.BytesAfter) / stored : 0;
        var documents = units.Where(unit => !unit.Unit.Contains('#', StringComparison.Ordinal)).Sum(unit => unit.Rows);
        var entries = units.Sum(unit => unit.Rows) - documents;
        return Human.Count(documents, "document")
            + (entries > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {entries:N0} index entries") : "")
            + $" in {Human.Count(units.Count, "unit")}, {Human.Count(units.Sum(unit => unit.TombstonesDropped), "tombstone")} dropped"
            + (ratio > 0 ? string.Create(CultureInfo.InvariantCulture, $", compression ratio {ratio:0.00}") : "");
    }

    private static string Seconds(double seconds) => Human.Duration(TimeSpan.FromSeconds(seconds));
}
