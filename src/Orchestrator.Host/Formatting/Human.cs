using System.Globalization;
using Orchestrator.Core;

namespace Orchestrator.Host.Formatting;

/// <summary>Numbers as people read them.</summary>
internal static class Human
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>What a compaction would free, for example <c>about 12.5 MiB</c>.</summary>
    /// <param name="sampled">Whether it was measured on some of the documents only.</param>
    public static string Gain(long bytes, bool? sampled) => $"{(sampled is true ? "about " : "")}{Bytes(bytes)}";

    /// <summary>For example <c>1.5 MiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        double value = Math.Abs((double)bytes);
        var unit = 0;
        while (value >= 1023.95 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var sign = bytes < 0 ? "-" : "";
        var format = unit == 0 ? "0" : "0.0";
        return $"{sign}{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>With its sign, for example <c>+1.5 MiB</c>.</summary>
    public static string Change(long bytes) => bytes > 0 ? $"+{Bytes(bytes)}" : Bytes(bytes);

    /// <summary>For example <c>850 ms</c>, <c>12.3 s</c>, <c>4 min 05 s</c>, <c>2 h 03 min</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.TotalMilliseconds):0} ms"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes:00} min"),
    };

    /// <summary>To whole seconds, for what is not known better: <c>12 s</c>; at least one second.</summary>
    public static string RoughDuration(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Ceiling(time.TotalSeconds)):0} s")
        : Duration(time);

    public static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{fraction * 100:0} %");

    /// <summary>In UTC, to the second.</summary>
    public static string Time(DateTimeOffset at) => TimeText.At(at);

    /// <summary>In UTC, to the minute.</summary>
    public static string Minute(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    /// <param name="plural">Where it is not the noun with an s.</param>
    public static string Count(long number, string noun, string? plural = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? noun : plural ?? noun + "s")}");
}
