using System.Globalization;
using Orchestrator.Core.Windows;
using Quartz;

namespace Orchestrator.Host.Configuration;

/// <summary>
/// The times of a cron expression, by Quartz (https://www.quartz-scheduler.net/documentation/quartz-3.x/tutorial/crontriggers.html). It
/// is asked in UTC, which has every time of the clock on the wall once; zones are the window's matter.
/// </summary>
internal sealed class CronTimes : ICronTimes
{
    // Quartz takes larger numbers and then means something else.
    private static readonly (string Name, int Most)[] _fields = [("seconds", 59), ("minute", 59), ("hour", 23), ("day-of-month", 31), ("month", 12)];

    private static readonly string[] _weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private static readonly DateTime _anyDay = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Of its days alone, at midnight; null for every day.
    private readonly CronExpression? _days;

    private CronTimes(string text, IReadOnlyList<TimeSpan> timesOfDay, CronExpression? days)
    {
        Text = text;
        TimesOfDay = timesOfDay;
        _days = days;
    }

    public string Text { get; }

    public IReadOnlyList<TimeSpan> TimesOfDay { get; }

    /// <summary>Reads an expression of five fields, as cron has them, or of Quartz's six or seven.</summary>
    /// <param name="problem">What is wrong with it; empty if nothing is.</param>
    /// <returns>The times, or null.</returns>
    public static CronTimes? Parse(string text, out string problem)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            problem = fields.Length is >= 5 and <= 7 ? "" : $"it has {fields.Length} fields";
            if (problem.Length == 0 && fields.Length > 5 && !fields[0].All(char.IsAsciiDigit))
            {
                problem = "its seconds must be one number";
            }

            if (problem.Length == 0)
            {
                var quartz = fields.Length == 5 ? FromFive(fields) : text;
                var words = quartz.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                CheckNumbers(words);
                var days = string.Join(' ', words[3..]);
                var times = Between(new CronExpression($"{words[0]} {words[1]} {words[2]} * * ?") { TimeZone = TimeZoneInfo.Utc }, _anyDay, _anyDay.AddDays(1));
                return new CronTimes(
                    text,
                    [.. times.Select(time => time.TimeOfDay)],
                    days is "* * ?" or "? * *" ? null : new CronExpression($"0 0 0 {days}") { TimeZone = TimeZoneInfo.Utc });
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            problem = e.Message.TrimEnd('.');
        }

        problem = $"expected a cron expression such as \"0 22 * * SAT\" or \"0 0 2 ? * SAT#2\", found \"{text}\": {problem}";
        return null;
    }

    public IEnumerable<DateTime> Days(DateTime from, DateTime to)
    {
        if (_days is not null)
        {
            return Between(_days, from, to);
        }

        return Enumerable.Range(0, Math.Max(0, (int)Math.Ceiling((to - from).TotalDays))).Select(day => from.AddDays(day));
    }

    private static IEnumerable<DateTime> Between(CronExpression expression, DateTime from, DateTime to)
    {
        var last = new DateTimeOffset(to, TimeSpan.Zero);
        var next = expression.GetTimeAfter(new DateTimeOffset(from, TimeSpan.Zero).AddTicks(-1));
        while (next is { } time && time < last)
        {
            if (time.UtcDateTime >= from)
            {
                yield return DateTime.SpecifyKind(time.UtcDateTime, DateTimeKind.Unspecified);
            }

            next = expression.GetTimeAfter(time);
        }
    }

    public override string ToString() => Text;

    private static void CheckNumbers(string[] fields)
    {
        if (fields.SelectMany(field => field.Split(',')).Any(item => item.Split('/') is [_, { Length: > 0 } step] && step.All(digit => digit == '0')))
        {
            throw new FormatException("a step (the number after /) is at least 1");
        }

        for (var i = 0; i < _fields.Length; i++)
        {
            var (name, most) = _fields[i];
            foreach (var word in fields[i].Split(',', '-', '/'))
            {
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > most)
                {
                    throw new FormatException($"{name} is at most {most}, not {number}");
                }
            }
        }
    }

    /// <summary>
    /// Cron's five fields as Quartz's: seconds before them, one of the two kinds of days left open, and days of the week by name,
    /// since the numbers differ (cron counts Sunday as 0 or 7, Quartz as 1).
    /// </summary>
    private static string FromFive(string[] fields)
    {
        var (dayOfMonth, dayOfWeek) = (fields[2], DaysOfWeek(fields[4]));
        if (dayOfWeek is "*" or "?")
        {
            dayOfWeek = "?";
        }
        else if (dayOfMonth is "*" or "?")
        {
            dayOfMonth = "?";
        }
        else
        {
            throw new FormatException("days of the month and days of the week cannot both be given; use two expressions");
        }

        return $"0 {fields[0]} {fields[1]} {dayOfMonth} {fields[3]} {dayOfWeek}";
    }

    private static string DaysOfWeek(string field) => string.Join(',', field.Split(',').Select(item =>
    {
        var parts = item.Split('/', 2);
        var range = string.Join('-', parts[0].Split('-').Select(day => !int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? day
            : number <= 7 ? _weekdays[number % 7]
            : throw new FormatException($"the day of the week is at most 7, not {number}")));
        return parts.Length == 1 ? range : $"{range}/{parts[1]}";
    }));
}
