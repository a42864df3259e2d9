using System.Globalization;

namespace Orchestrator.Core;

/// <summary>Durations and times as text.</summary>
public static class TimeText
{
    /// <summary>For example <c>42 s</c>, <c>12 min</c> or <c>3.5 h</c>.</summary>
    public static string Of(TimeSpan duration) => duration switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.#} h"),
    };

    /// <summary>A moment for programs (RFC 3339), for example <c>2026-02-01T06:00:00Z</c>.</summary>
    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A moment, for example <c>2026-02-01 06:00:00Z</c>.</summary>
    public static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
