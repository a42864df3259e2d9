using Hocon.Tree;

namespace Hocon.Units;

/// <summary>Durations: a number with ns, us, ms, s, m, h, d or their long names; milliseconds without a unit.</summary>
internal static class Durations
{
    private const string Form = "a duration such as 500ms, 10s, 5 minutes or 2h";

    /// <exception cref="HoconException">The value is no duration, or one that TimeSpan cannot hold.</exception>
    public static TimeSpan Parse(ConfigNode node, bool allowInfinite)
    {
        var text = Scalars.Required(node, Form);
        if (allowInfinite && text == "infinite")
        {
            return Timeout.InfiniteTimeSpan;
        }

        if (!UnitText.TrySplit(text, out var number, out var unit) || TicksOf(unit) is not { } ticks)
        {
            throw Scalars.Expected(Form, node);
        }

        try
        {
            return TimeSpan.FromTicks((long)decimal.Round(number * ticks));
        }
        catch (OverflowException)
        {
            throw Scalars.Expected("a duration of less than 10,000,000 days", node);
        }
    }

    private static decimal? TicksOf(string unit) => unit switch
    {
        "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 0.01m,
        "us" or "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.TicksPerMicrosecond,
        "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
        "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
        "m" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
        "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
        "d" or "day" or "days" => TimeSpan.TicksPerDay,
        _ => null,
    };
}
