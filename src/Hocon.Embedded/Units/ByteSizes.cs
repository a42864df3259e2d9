using Hocon.Tree;

namespace Hocon.Units;

/// <summary>Sizes: a number with B, powers of ten (kB, MB, ...) or of two (K, KiB, M, MiB, ...); bytes without a unit.</summary>
internal static class ByteSizes
{
    private const string Form = "a size such as 512, 64K, 16MiB or 2 GB";
    private static readonly Dictionary<string, decimal> _units = MakeUnits();

    /// <exception cref="HoconException">The value is no size, is negative, or is above 2^63 - 1 bytes.</exception>
    public static long Parse(ConfigNode node)
    {
        if (!UnitText.TrySplit(Scalars.Required(node, Form), out var number, out var unit) || !_units.TryGetValue(unit, out var factor))
        {
            throw Scalars.Expected(Form, node);
        }

        // Compared by division first: the product of two decimals may not be representable.
        return number >= 0 && number <= long.MaxValue / factor
            ? (long)decimal.Truncate(number * factor)
            : throw Scalars.Expected("a size from 0 to 2^63 - 1 bytes", node);
    }

    private static Dictionary<string, decimal> MakeUnits()
    {
        (string Symbol, string Ten, string Two)[] powers =
        [
            ("K", "kilo", "kibi"), ("M", "mega", "mebi"), ("G", "giga", "gibi"), ("T", "tera", "tebi"),
            ("P", "peta", "pebi"), ("E", "exa", "exbi"), ("Z", "zetta", "zebi"), ("Y", "yotta", "yobi"),
        ];
        var units = new Dictionary<string, decimal> { [""] = 1, ["B"] = 1, ["b"] = 1, ["byte"] = 1, ["bytes"] = 1 };
        decimal ten = 1, two = 1;
        foreach (var (symbol, tenName, twoName) in powers)
        {
            ten *= 1000;
            two *= 1024;
            foreach (var name in (string[])[(symbol == "K" ? "k" : symbol) + "B", tenName + "byte", tenName + "bytes"])
            {
                units.Add(name, ten);
            }

            foreach (var name in (string[])[symbol, symbol.ToLowerInvariant(), symbol + "i", symbol + "iB", twoName + "byte", twoName + "bytes"])
            {
                units.Add(name, two);
            }
        }

        return units;
    }
}
