using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Cli;

/// <summary>Reads times as people type them.</summary>
internal static class Durations
{
    private static readonly TimeSpan Max = TimeSpan.FromDays(40);

    /// <summary>A number with a unit as in settings, such as ms, s, m, h or d; from more than 0 to 40 days.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = Units.TryDuration(text) ?? TimeSpan.Zero;
        return time > TimeSpan.Zero && time <= Max;
    }
}
