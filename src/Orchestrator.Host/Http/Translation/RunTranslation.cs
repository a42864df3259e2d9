using Orchestrator.Core.Runs;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From runs to what the API shows of them.</summary>
internal static class RunTranslation
{
    public static RunDto ToDto(this RunView run) => new(
        run.Id,
        run.Plan.Request.Cluster,
        run.State,
        run.Reason,
        run.Plan.Request.Options.Comment,
        run.CreatedAt,
        run.FinishedAt,
        run.BytesFreed,
        [.. run.Steps.Select(ToDto)],
        run.Plan.ToDto());

    public static RunProgressDto ToProgressDto(this RunView run) => new(
        run.State,
        run.Reason,
        run.BytesFreed,
        [.. run.Steps.Select(step => new StepProgressDto(
            step.Number, step.Kind, step.Node, step.State, step.Reason, step.Fraction, step.BytesFreed))]);

    private static StepDto ToDto(StepView step) => new(
        step.Number,
        step.ReplicaSet,
        step.Kind,
        step.Node,
        step.State,
        step.Reason,
        step.Attempt,
        step.Fraction,
        step.BytesBefore,
        step.BytesAfter,
        step.BytesFreed,
        step.NewPrimary.NullIfEmpty(),
        [.. step.Units.Select(unit => unit.ToDto())],
        step.StartedAt,
        step.FinishedAt);
}
