using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Web.Parts;

/// <summary>What happens to one member in a run, along the time.</summary>
/// <param name="Bars">In the order of the time.</param>
internal sealed record Lane(string ReplicaSet, string Node, IReadOnlyList<LaneBar> Bars);

/// <summary>A step in a lane.</summary>
/// <param name="State">Of the step; <c>expected</c> for what is still to come.</param>
/// <param name="From">0 to 1 of the width.</param>
/// <param name="To">0 to 1 of the width.</param>
internal sealed record LaneBar(int Step, string Kind, string State, double From, double To);

/// <summary>The lanes of a run from its beginning to its expected end.</summary>
/// <param name="Now">0 to 1 of the width; 1 for a run that has ended.</param>
/// <param name="End">The end, or the expected one.</param>
internal sealed record Lanes(IReadOnlyList<Lane> Members, double Now, DateTimeOffset Begin, DateTimeOffset End)
{
    private const double LeastSeconds = 0.5;

    public static Lanes Of(RunDto run, DateTimeOffset now)
    {
        var begin = run.CreatedAt;
        var present = run.FinishedAt ?? now;
        if (present < begin)
        {
            present = begin;
        }

        var spans = new List<(StepDto Step, DateTimeOffset From, DateTimeOffset To, string State)>();
        var end = present;
        foreach (var step in run.Steps.OrderBy(step => step.Number))
        {
            if (RunFraction.IsOver(step.State) && step is { StartedAt: { } started, FinishedAt: { } finished })
            {
                spans.Add((step, started, finished, step.State));
                continue;
            }

            if (step.StartedAt is { } since && !RunFraction.IsOver(step.State))
            {
                spans.Add((step, since, present, step.State));
            }

            if (run.FinishedAt is null && !RunFraction.IsOver(step.State))
            {
                var from = end;
                end += Left(step);
                spans.Add((step, from, end, "expected"));
            }
        }

        var whole = Math.Max(LeastSeconds, (end - begin).TotalSeconds);
        double At(DateTimeOffset at) => Math.Clamp((at - begin).TotalSeconds / whole, 0, 1);
        return new Lanes(
            [
                .. run.Steps.Select(step => (step.ReplicaSet, step.Node)).Distinct().Select(member => new Lane(
                    member.ReplicaSet,
                    member.Node,
                    [
                        .. spans.Where(span => span.Step.ReplicaSet == member.ReplicaSet && span.Step.Node == member.Node)
                            .Select(span => new LaneBar(span.Step.Number, span.Step.Kind, span.State, At(span.From), At(span.To))),
                    ])),
            ],
            At(present),
            begin,
            end);
    }

    private static TimeSpan Left(StepDto step) => step.Progress?.RemainingSeconds is { } remaining
        ? TimeSpan.FromSeconds(remaining)
        : TimeSpan.FromSeconds(Math.Max(LeastSeconds, step.EstimatedDurationSeconds * (1 - step.Fraction)));
}
