using FsCheck;
using FsCheck.Fluent;

namespace Orchestrator.Core.Tests.Support;

/// <summary>Properties over seeded histories. A failure names the seed ("Original:"), with which the history can be played again.</summary>
internal static class Seeds
{
    /// <summary>
    /// Plays histories of the same seeds in every run. The environment variable SIMULATIONS multiplies how many; with
    /// SIMULATION_SEED set, other ones are drawn from that number.
    /// </summary>
    public static void ForAll(int count, Action<int> play)
    {
        var times = int.TryParse(Environment.GetEnvironmentVariable("SIMULATIONS"), out var more) ? more : 1;
        var start = ulong.TryParse(Environment.GetEnvironmentVariable("SIMULATION_SEED"), out var given) ? given : 20260301;
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), play)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(count * times).WithReplay(start, 1));
    }
}
