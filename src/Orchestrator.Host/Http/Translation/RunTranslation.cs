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
        run.Plan.ToDto())
    {
        By = run.Origin.By.NullIfEmpty(),
        Schedule = run.Origin.Schedule.NullIfEmpty(),
        Window = run.Origin.Window.NullIfEmpty(),
        NeedsApproval = run.Origin.NeedsApproval,
        ApprovedBy = run.ApprovedBy.NullIfEmpty(),
        WaitingFor = run.WaitingFor.NullIfEmpty(),
        Since = run.Since,
        MaxBytesPerSecond = run.MaxBytesPerSecond,
        EstimatedBytesFreed = run.EstimatedBytesFreed,
        ReplicaSets = [.. run.ReplicaSets.Select(set => new ReplicaSetProgressDto(
            set.ReplicaSet, set.State, set.StepsDone, set.StepsTotal, set.Fraction, set.BytesFreed))],
    };

    public static RunProgressDto ToProgressDto(this RunView run) => new(
        run.State,
        run.Reason,
        run.BytesFreed,
        [.. run.Steps.Select(step => new StepProgressDto(
            step.Number, step.Kind, step.Node, step.State, step.Reason, step.Fraction, step.BytesFreed)
        {
            Progress = step.Progress?.ToDto(),
        })]);

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
        step.FinishedAt)
    {
        EstimatedBytesFreed = step.EstimatedBytesFreed,
        EstimatedDurationSeconds = step.EstimatedDuration.TotalSeconds,
        DurationSeconds = step.Duration.TotalSeconds,
        Progress = step.Progress?.ToDto(),
        Checks = [.. step.Checks.Select(check => new RecordedCheckDto(check.Check, check.Passed, check.Message, check.Since))],
    };
}
