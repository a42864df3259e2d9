using System.Globalization;

namespace Orchestrator.Host.Cli;

/// <summary>Reads times as people type them.</summary>
internal static class Durations
{
    private static readonly TimeSpan Max = TimeSpan.FromDays(40);

    /// <summary>A number with the unit ms, s, m, h or d; from more than 0 to 40 days.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        var digits = text.AsSpan().IndexOfAnyExcept("0123456789.");
        if (digits <= 0 || !double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        double? seconds = text[digits..] switch
        {
            "ms" => number / 1000,
            "s" => number,
            "m" => number * 60,
            "h" => number * 3600,
            "d" => number * 86400,
            _ => null,
        };
        if (seconds is null or <= 0 || seconds > Max.TotalSeconds)
        {
            return false;
        }

        time = TimeSpan.FromSeconds(seconds.Value);
        return true;
    }
}
