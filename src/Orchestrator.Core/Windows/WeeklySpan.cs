using System.Globalization;

namespace Orchestrator.Core.Windows;

/// <summary>A span of every week by the clock on the wall, as <c>SAT-22:00..SUN-04:00</c>; it may run over midnight and the week's end.</summary>
/// <param name="FromMinute">First minute of the week, from Monday 00:00; 0 to 10079.</param>
/// <param name="Minutes">Length, 1 to 10080.</param>
public sealed record WeeklySpan(int FromMinute, int Minutes)
{
    /// <summary>Minutes of a week.</summary>
    public const int WeekMinutes = 7 * DayMinutes;

    private const int DayMinutes = 24 * 60;
    private static readonly string[] Days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

    /// <summary>Reads a span.</summary>
    /// <param name="problem">What is wrong with the text, for the operator; empty if nothing is.</param>
    /// <returns>The span, or null.</returns>
    public static WeeklySpan? Parse(string text, out string problem)
    {
        var halves = text.Split("..", StringSplitOptions.TrimEntries);
        if (halves.Length != 2 || Minute(halves[0], isEnd: false) is not { } from || Minute(halves[1], isEnd: true) is not { } to)
        {
            problem = $"expected a weekly span such as MON-00:00..FRI-15:00, found \"{text}\"";
            return null;
        }

        // Over the week's end is meant where the days say so; on one day it is a slip of the pen.
        if (from.Day == to.Day && to.Minute <= from.Minute)
        {
            problem = from.Minute == to.Minute
                ? $"the span \"{text}\" is empty: it ends when it begins"
                : $"the span \"{text}\" ends before it begins";
            return null;
        }

        problem = "";
        return new WeeklySpan(from.Minute, (to.Minute - from.Minute + WeekMinutes) % WeekMinutes is var length and > 0 ? length : WeekMinutes);
    }

    /// <summary>Whether two spans have a minute of the week in common.</summary>
    public bool Overlaps(WeeklySpan other) =>
        (other.FromMinute - FromMinute + WeekMinutes) % WeekMinutes < Minutes
        || (FromMinute - other.FromMinute + WeekMinutes) % WeekMinutes < other.Minutes;

    /// <summary>As it is written in settings.</summary>
    public override string ToString()
    {
        var end = FromMinute + Minutes;

        // Midnight belongs to the day that it ends.
        return end % DayMinutes == 0
            ? $"{Text(FromMinute)}..{Days[((end / DayMinutes) + 6) % 7]}-24:00"
            : $"{Text(FromMinute)}..{Text(end % WeekMinutes)}";
    }

    private static string Text(int minute) => string.Create(
        CultureInfo.InvariantCulture, $"{Days[minute / DayMinutes]}-{minute % DayMinutes / 60:00}:{minute % 60:00}");

    /// <summary>A day with a time, as minute of the week. 24:00 is a time at which a span can end.</summary>
    private static (int Day, int Minute)? Minute(string text, bool isEnd)
    {
        if (text.Length != 9 || text[3] != '-' || text[6] != ':')
        {
            return null;
        }

        var day = Array.FindIndex(Days, name => text.AsSpan(0, 3).Equals(name, StringComparison.OrdinalIgnoreCase));
        return day >= 0
            && int.TryParse(text.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hour)
            && int.TryParse(text.AsSpan(7, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var minute)
            && minute < 60
            && (hour < 24 || (isEnd && hour == 24 && minute == 0))
                ? (day, (day * DayMinutes) + (hour * 60) + minute)
                : null;
    }
}
