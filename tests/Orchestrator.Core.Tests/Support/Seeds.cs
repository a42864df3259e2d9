using FsCheck;
using FsCheck.Fluent;

namespace Orchestrator.Core.Tests.Support;

/// <summary>Properties over seeded histories.</summary>
internal static class Seeds
{
    /// <summary>
    /// Plays histories of the same seeds in every run, unless <see cref="Properties.Repeatable"/> is told others. The environment
    /// variable SIMULATIONS multiplies how many.
    /// </summary>
    public static void ForAll(int count, Action<int> play)
    {
        var times = int.TryParse(Environment.GetEnvironmentVariable("SIMULATIONS"), out var more) ? more : 1;
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), play).Check(Properties.Repeatable(count * times));
    }
}
