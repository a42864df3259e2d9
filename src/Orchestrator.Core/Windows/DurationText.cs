using System.Globalization;

namespace Orchestrator.Core.Windows;

/// <summary>Durations for people, as in settings: <c>90m</c> is <c>1h 30m</c>.</summary>
public static class DurationText
{
    /// <summary>The two largest units of a duration; parts of a second only where nothing larger is there.</summary>
    public static string Of(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
        {
            return "-" + Of(-time);
        }

        (int Value, string Unit)[] parts = [(time.Days, "d"), (time.Hours, "h"), (time.Minutes, "m"), (time.Seconds, "s")];
        var first = Array.FindIndex(parts, part => part.Value > 0);
        if (first < 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{time.Milliseconds}ms");
        }

        return string.Join(' ', parts.Skip(first).Take(2).Where(part => part.Value > 0)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Value}{part.Unit}")));
    }

    /// <summary>A duration in the largest unit in which it is whole, as a setting would have it.</summary>
    public static string Exact(TimeSpan time)
    {
        (long Ticks, string Name)[] units =
        [
            (TimeSpan.TicksPerDay, "d"), (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m"),
            (TimeSpan.TicksPerSecond, "s"), (TimeSpan.TicksPerMillisecond, "ms"),
        ];
        foreach (var (ticks, name) in units)
        {
            if (time.Ticks != 0 && time.Ticks % ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / ticks}{name}");
            }
        }

        return time == TimeSpan.Zero ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds}ms");
    }
}
