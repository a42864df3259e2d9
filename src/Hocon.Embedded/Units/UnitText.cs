using System.Globalization;

namespace Hocon.Units;

/// <summary>Reads "number unit", as in 10s or 16 MiB. The unit is letters only and may be missing.</summary>
internal static class UnitText
{
    /// <summary>Splits a text into its number and its unit ("" when there is none).</summary>
    /// <returns>Whether the text has that form.</returns>
    public static bool TrySplit(string text, out decimal number, out string unit)
    {
        var trimmed = text.AsSpan().Trim();
        var letters = trimmed.Length;
        while (letters > 0 && char.IsLetter(trimmed[letters - 1]))
        {
            letters--;
        }

        unit = trimmed[letters..].ToString();
        return decimal.TryParse(
            trimmed[..letters].TrimEnd(),
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out number);
    }
}
