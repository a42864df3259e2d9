using System.Globalization;
using Hocon;

namespace Orchestrator.Host.Configuration;

/// <summary>Durations, sizes and shares as they are written in settings.</summary>
internal static class Units
{
    private const string Key = "value";

    /// <summary>Reads a duration as HOCON does, for limits in code.</summary>
    public static TimeSpan Duration(string text) => HoconConfigurationFactory.ParseString($"a = {text}").GetTimeSpan("a");

    /// <summary>Reads a size as HOCON does, for limits in code.</summary>
    public static long Size(string text) => HoconConfigurationFactory.ParseString($"a = {text}").GetByteSize("a") ?? 0;

    /// <summary>Reads 10% or 0.1.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static double Share(string text)
    {
        var trimmed = text.Trim();
        var percent = trimmed.EndsWith('%');
        var number = percent ? trimmed[..^1].TrimEnd() : trimmed;
        return double.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var share)
            ? percent ? share / 100 : share
            : throw new FormatException($"expected a share such as 10% or 0.1, found \"{text}\"");
    }

    /// <summary>A size as people write it, with HOCON's units; null if it is none.</summary>
    public static long? TrySize(string text) => Try<long?>(text, config => config.GetByteSize(Key));

    /// <summary>A duration as people write it, with one of HOCON's units; null if it is none.</summary>
    public static TimeSpan? TryDuration(string text) =>
        text.Any(char.IsAsciiLetter) ? Try<TimeSpan?>(text, config => config.GetTimeSpan(Key, allowInfinite: false)) : null;

    /// <summary>A share as people write it, 10% or 0.1; null if it is none.</summary>
    public static double? TryShare(string text)
    {
        try
        {
            return Share(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static T? Try<T>(string text, Func<Config, T?> read)
    {
        // Nothing that could be more than one value of HOCON.
        if (text.Length is 0 or > 40 || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ' '))
        {
            return default;
        }

        try
        {
            return read(HoconConfigurationFactory.ParseString($"{Key} = \"{text}\""));
        }
        catch (Exception e) when (e is HoconException or FormatException or OverflowException)
        {
            return default;
        }
    }

    /// <summary>A size in the largest unit in which it is whole.</summary>
    public static string Format(long bytes)
    {
        string[] names = ["", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        var power = 0;
        while (bytes != 0 && bytes % 1024 == 0 && power < names.Length - 1)
        {
            bytes /= 1024;
            power++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}{names[power]}");
    }
}
