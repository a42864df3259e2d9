using FsCheck;

namespace Orchestrator.Tests;

/// <summary>How properties are checked. A failure names the seed ("Original:"), with which its values can be drawn again.</summary>
internal static class Properties
{
    /// <summary>
    /// The same values in every run, so that nothing is red by chance. With the environment variable SIMULATION_SEED, a number, set, other
    /// ones are drawn from that number.
    /// </summary>
    /// <param name="count">How many values are tried.</param>
    public static Config Repeatable(int count)
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("SIMULATION_SEED"), out var given) ? given : 20260301;
        return Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(seed, 1);
    }
}
