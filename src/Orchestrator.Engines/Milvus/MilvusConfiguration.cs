using System.Globalization;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Milvus;

/// <summary>How Milvus is set, as far as it matters to what a compaction brings: told by Milvus itself, else by the operator.</summary>
/// <param name="Retention"><c>common.retentionDuration</c>: rows that were deleted within this time stay; null if nobody tells it.</param>
/// <param name="SegmentBytes"><c>dataCoord.segment.maxSize</c>, or what the run wants instead.</param>
/// <param name="SmallShare"><c>dataCoord.segment.smallProportion</c>: Milvus merges segments below this share of the greatest size.</param>
internal sealed record MilvusConfiguration(TimeSpan? Retention, long SegmentBytes, double SmallShare)
{
    private const double DefaultSmallShare = 0.5;
    private const double MiB = 1 << 20;

    public long SmallBytes => (long)(SegmentBytes * SmallShare);

    /// <summary>What the operator says, or Milvus's defaults.</summary>
    public static MilvusConfiguration Of(MilvusClusterOptions options) => new(options.Retention, options.SegmentMaxBytes, DefaultSmallShare);

    /// <param name="told">Milvus's own settings by their names, which it writes in several ways (<c>common.retentionduration</c>, <c>commonretentionduration</c>).</param>
    public MilvusConfiguration With(IReadOnlyDictionary<string, string> told)
    {
        var known = told.ToLookup(setting => Plain(setting.Key), setting => setting.Value, StringComparer.Ordinal);
        return new MilvusConfiguration(
            Number("common.retentionDuration") is >= 0 and < int.MaxValue and var seconds ? TimeSpan.FromSeconds(seconds) : Retention,
            Number("dataCoord.segment.maxSize") is > 0 and < int.MaxValue and var size ? (long)(size * MiB) : SegmentBytes,
            Number("dataCoord.segment.smallProportion") is > 0 and <= 1 and var share ? share : SmallShare);

        double Number(string name) => known[Plain(name)].Select(NumberOf).FirstOrDefault(number => !double.IsNaN(number), double.NaN);
    }

    /// <param name="mebibytes">0 where Milvus does not tell it.</param>
    public MilvusConfiguration WithSegmentSize(double mebibytes) => mebibytes is > 0 and < int.MaxValue ? this with { SegmentBytes = (long)(mebibytes * MiB) } : this;

    /// <summary>For a run that wants segments of another size.</summary>
    public MilvusConfiguration For(OptionValues options) => WithSegmentSize(options.Whole(MilvusCapabilities.TargetSize, 0));

    /// <summary>What follows from the retention, for the operator; empty if nobody tells it.</summary>
    public string DescribeRetention() => Retention switch
    {
        null => "",
        { Ticks: 0 } => "deleted rows are dropped whenever they were deleted (common.retentionDuration is 0)",
        { } time => $"rows that were deleted within the last {Text(time)} stay (common.retentionDuration), so that less may be freed",
    };

    private static string Text(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
    };

    private static string Plain(string name) => name.Replace(".", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Some versions add where a value comes from: <c>86400[FileSource]</c>.</summary>
    private static double NumberOf(string value) =>
        double.TryParse(value.Split('[')[0].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
