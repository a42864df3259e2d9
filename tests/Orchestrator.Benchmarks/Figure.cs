namespace Orchestrator.Benchmarks;

/// <summary>One measured value.</summary>
/// <param name="Name">What was measured, stable from run to run.</param>
/// <param name="Value">The median of its repetitions.</param>
/// <param name="Unit">For example <c>messages/s</c>, <c>ratio</c> or <c>ms</c>.</param>
/// <param name="Target">What it must reach, for example <c>&gt;= 2000000</c>.</param>
/// <param name="Baseline">What it was measured against, or under which conditions.</param>
internal sealed record Figure(string Name, double Value, string Unit, string Target, string Baseline)
{
    /// <summary>What else the machine does: most figures only count where that is little.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}" : "load unknown";

    /// <summary>The middle one; of an even number the higher of the two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
