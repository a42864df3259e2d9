using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Cli;

/// <summary>Options whose values are written as in settings: sizes and lengths of time with units, shares with a percent sign.</summary>
internal static class UnitOptions
{
    /// <summary>An option for a size in bytes.</summary>
    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result => ReadSize(result, name),
    };

    /// <summary>An option for a share; limits are for the server to say.</summary>
    public static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SHARE",
        CustomParser = result => Units.TryShare(result.Tokens[^1].Value)
            ?? CommonOptions.Fail<double?>(result, $"{name} must be a share such as 30% or 0.3, not '{result.Tokens[^1].Value}'."),
    };

    /// <summary>An option for a length of time.</summary>
    /// <param name="examples">What the error names, for example <c>90s or 10m</c>.</param>
    /// <param name="longest">Null for no limit; with one it must be a second at least.</param>
    public static Option<TimeSpan?> Duration(string name, string description, string examples, TimeSpan? longest = null)
    {
        var wanted = longest is { } most ? $"from 1s to {most.TotalHours:0}h, such as {examples}" : $"such as {examples}";
        return new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result => Durations.TryParse(result.Tokens[^1].Value, out var parsed) && (longest is null || (parsed >= TimeSpan.FromSeconds(1) && parsed <= longest))
                ? parsed
                : CommonOptions.Fail<TimeSpan?>(result, $"{name} must be a length of time {wanted}, not '{result.Tokens[^1].Value}'."),
        };
    }

    /// <summary>An option for a whole number.</summary>
    public static Option<long?> Number(string name, string description, long min) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        CustomParser = result => long.TryParse(result.Tokens[^1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min
            ? number
            : CommonOptions.Fail<long?>(result, $"{name} must be a whole number of at least {min}, not '{result.Tokens[^1].Value}'."),
    };

    /// <summary>Reads a size in bytes.</summary>
    /// <param name="name">What the error calls it.</param>
    public static long? ReadSize(ArgumentResult result, string name) => Units.TrySize(result.Tokens[^1].Value) is { } size and >= 0
        ? size
        : CommonOptions.Fail<long?>(result, $"{name} must be a size such as 512, 64KiB or 16MiB, not '{result.Tokens[^1].Value}'.");
}
