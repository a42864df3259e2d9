using Hocon.Tree;

namespace Hocon.Units;

/// <summary>A span of the calendar, whose length depends on where it begins.</summary>
internal readonly record struct Period(int Years, int Months, int Days);

/// <summary>Periods: a whole number with d, w, m (or mo), y or their long names; days without a unit.</summary>
internal static class Periods
{
    private const string Form = "a period such as 7d, 2 weeks, 3 months or 1y";

    /// <exception cref="HoconException">The value is no period, or is out of range.</exception>
    public static Period Parse(ConfigNode node)
    {
        if (!UnitText.TrySplit(Scalars.Required(node, Form), out var number, out var unit) || number != decimal.Truncate(number))
        {
            throw Scalars.Expected(Form, node);
        }

        if (Math.Abs(number) > 1_000_000)
        {
            throw Scalars.Expected("a period of at most 1000000 units", node);
        }

        var count = (int)number;
        return unit switch
        {
            "" or "d" or "day" or "days" => new Period(0, 0, count),
            "w" or "week" or "weeks" => new Period(0, 0, 7 * count),
            "m" or "mo" or "month" or "months" => new Period(0, count, 0),
            "y" or "year" or "years" => new Period(count, 0, 0),
            _ => throw Scalars.Expected(Form, node),
        };
    }
}
