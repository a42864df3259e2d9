using System.Globalization;
using Hocon.Tree;

namespace Hocon.Units;

/// <summary>Conversions of values to the types that are asked for, by HOCON's rules. Errors are HoconException and name what was found.</summary>
internal static class Scalars
{
    private const NumberStyles Number = NumberStyles.Float;

    public static string? Text(ConfigNode node) => node switch
    {
        ScalarNode { IsNull: true } => null,
        ScalarNode scalar => scalar.Text,
        _ => throw Expected("a text", node),
    };

    public static bool Boolean(ConfigNode node) => Required(node, "true or false") switch
    {
        "true" or "on" or "yes" => true,
        "false" or "off" or "no" => false,
        _ => throw Expected("true, false, on, off, yes or no", node),
    };

    public static int Int32(ConfigNode node) => (int)Whole(node, int.MinValue, int.MaxValue);

    public static long Int64(ConfigNode node) => Whole(node, long.MinValue, long.MaxValue);

    public static double Double(ConfigNode node) =>
        double.TryParse(Required(node, "a number"), Number, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw Expected("a number", node);

    /// <summary>Elements of an array, or of an object whose keys are whole numbers.</summary>
    public static IReadOnlyList<ConfigNode> Items(ConfigNode node) => node switch
    {
        ArrayNode array => array.Items,
        ObjectNode fields when fields.AsArray() is { } array => array.Items,
        _ => throw Expected("an array", node),
    };

    /// <summary>A scalar's text where null will not do.</summary>
    public static string Required(ConfigNode node, string what) => node is ScalarNode { IsNull: false } scalar ? scalar.Text : throw Expected(what, node);

    public static HoconException Expected(string what, ConfigNode node) => new($"expected {what}, found {node.Description}");

    private static long Whole(ConfigNode node, long least, long most)
    {
        var text = Required(node, "a whole number");
        if (!decimal.TryParse(text, Number, CultureInfo.InvariantCulture, out var number) || number != decimal.Truncate(number))
        {
            throw Expected("a whole number", node);
        }

        return number >= least && number <= most ? (long)number : throw Expected($"a whole number from {least} to {most}", node);
    }
}
