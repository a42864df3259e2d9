using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>How long compactions will take: the estimates, corrected by what earlier steps of the run have measured.</summary>
internal static class Predictions
{
    private const double LeastCorrection = 0.1;
    private const double LargestCorrection = 10;

    // Below that the fixed costs of a unit say nothing about larger ones.
    private static readonly TimeSpan LeastEvidence = TimeSpan.FromSeconds(1);

    /// <param name="run">The run, with its limit of the copying rate.</param>
    /// <param name="units">The units in their order.</param>
    public static IReadOnlyList<TimeSpan> Of(ExistingRun run, IReadOnlyList<UnitEstimate> units)
    {
        var factor = Correction(run);
        var rate = run.Body.MaxBytesPerSecond;
        return [.. units.Select(unit => (unit with { Duration = unit.Duration * factor }).AtMost(rate).Duration)];
    }

    /// <summary>
    /// What the run's units took, by what they were estimated to take; 1 before enough was measured, and where the limit has changed since:
    /// what was measured under another one says nothing.
    /// </summary>
    private static double Correction(ExistingRun run)
    {
        if (run.Body.MaxBytesPerSecond != run.Plan.Request.Options.MaxBytesPerSecond)
        {
            return 1;
        }

        var (measured, estimated) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var (step, done) in run.Steps.Select(state => (state.Step, Done(state))))
        {
            if (done.Count == 0 || step is not CompactMemberStep planned)
            {
                continue;
            }

            var estimates = planned.Units.ToDictionary(unit => unit.Size.Unit, unit => unit.Duration);
            foreach (var unit in done.Where(unit => estimates.ContainsKey(unit.Unit)))
            {
                measured += unit.Duration;
                estimated += estimates[unit.Unit];
            }
        }

        return estimated < LeastEvidence ? 1 : Math.Clamp(measured / estimated, LeastCorrection, LargestCorrection);
    }

    private static IReadOnlyList<UnitCompacted> Done(StepState state) => state switch
    {
        StartedStep started => started.Units,
        CompactedStep compacted => compacted.Units,
        _ => [],
    };
}
