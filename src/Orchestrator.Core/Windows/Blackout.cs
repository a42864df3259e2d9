using System.Globalization;

namespace Orchestrator.Core.Windows;

/// <summary>When a window stays closed, by the clock on the wall: a date, several dates, or from a moment to a moment.</summary>
/// <param name="From">The first moment, without a zone.</param>
/// <param name="To">The first moment after it, without a zone; later than <paramref name="From"/>.</param>
/// <param name="Text">As it is written in settings.</param>
public sealed record Blackout(DateTime From, DateTime To, string Text)
{
    private const string Date = "yyyy-MM-dd";
    private const string Moment = "yyyy-MM-dd'T'HH:mm";

    /// <summary>Reads <c>2026-12-24</c>, <c>2026-12-24..2026-12-26</c> (the last day included) or <c>2026-11-27T18:00..2026-11-30T08:00</c>.</summary>
    /// <param name="problem">What is wrong with the text, for the operator; empty if nothing is.</param>
    /// <returns>The blackout, or null.</returns>
    public static Blackout? Parse(string text, out string problem)
    {
        var halves = text.Split("..", StringSplitOptions.TrimEntries);
        var from = Read(halves[0]);
        var to = Read(halves[^1]);
        if (halves.Length > 2 || from is null || to is null || (halves.Length == 1 && !from.Value.IsDate))
        {
            problem = $"expected a date or span such as 2026-12-24, 2026-12-24..2026-12-26 or 2026-12-24T18:00..2026-12-27T06:00, found \"{text}\"";
            return null;
        }

        var end = to.Value.IsDate ? to.Value.Time.AddDays(1) : to.Value.Time;
        if (end <= from.Value.Time)
        {
            problem = $"the blackout \"{text}\" ends before it begins";
            return null;
        }

        problem = "";
        return new Blackout(from.Value.Time, end, text);
    }

    private static (DateTime Time, bool IsDate)? Read(string text)
    {
        if (DateTime.TryParseExact(text, Date, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && IsNear(date))
        {
            return (date, true);
        }

        return DateTime.TryParseExact(text, Moment, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) && IsNear(moment)
            ? (moment, false)
            : null;
    }

    /// <summary>Calendars of zones are kept for these years; anything else is a slip of the pen.</summary>
    private static bool IsNear(DateTime time) => time.Year is >= 1970 and < 2200;
}
