using System.Globalization;

namespace Orchestrator.Core;

/// <summary>Durations and times as people read them.</summary>
public static class TimeText
{
    /// <summary>For example <c>42 s</c>, <c>12 min</c> or <c>3.5 h</c>.</summary>
    public static string Of(TimeSpan duration) => duration switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.#} h"),
    };

    /// <summary>A moment, for example <c>2026-02-01 06:00:00Z</c>.</summary>
    public static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
