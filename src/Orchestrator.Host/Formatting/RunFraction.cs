using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Formatting;

/// <summary>One percentage over all steps of a run, by the time that the plan expected of them. It never goes back.</summary>
internal sealed class RunFraction(IReadOnlyList<StepDto> steps)
{
    /// <summary>Below this share done, the time so far says nothing about the rest.</summary>
    private const double LeastShare = 0.03;

    private readonly Dictionary<int, double> _weights = steps.ToDictionary(step => step.Number, Weight);

    /// <summary>0 to 1.</summary>
    public double Value { get; private set; }

    /// <summary>Notes how far the steps are.</summary>
    public void Advance(IEnumerable<(int Number, string State, double Fraction)> now)
    {
        var total = _weights.Values.Sum();
        var done = now.Sum(step => _weights.GetValueOrDefault(step.Number) * (IsOver(step.State) ? 1 : step.Fraction));
        Value = total > 0 ? Math.Max(Value, Math.Min(1, done / total)) : Value;
    }

    /// <summary>What is left at the speed so far; null while that says nothing.</summary>
    public TimeSpan? Left(TimeSpan elapsed) =>
        Value is >= LeastShare and < 1 && elapsed > TimeSpan.Zero ? elapsed * ((1 - Value) / Value) : null;

    /// <summary>Whether nothing is left to do in a step.</summary>
    public static bool IsOver(string state) => state is "completed" or "skipped" or "failed" or "cancelled";

    private static double Weight(StepDto step) => step.Kind == "compact" ? Math.Max(0.5, step.EstimatedDurationSeconds) : 0.5;
}
