using Orchestrator.Core.Runs;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From runs to what the API shows of them.</summary>
internal static class RunTranslation
{
    public static RunListDto ToDto(this RunPage page) => new([.. page.Runs.Select(ToDto)]) { Next = page.Next.NullIfEmpty() };

    public static RunDto ToDto(this RunView run)
    {
        var summary = RunSummary.Of(run);
        return Complete(
            new RunDto(
                summary.Id,
                summary.Cluster,
                summary.State,
                summary.Reason,
                summary.Comment,
                summary.CreatedAt,
                summary.FinishedAt,
                summary.BytesFreed,
                [.. run.Steps.Select(ToDto)],
                run.Plan.ToDto()),
            summary);
    }

    public static RunProgressDto ToProgressDto(this RunView run) => new(
        run.State,
        run.Reason,
        run.BytesFreed,
        [.. run.Steps.Select(step => new StepProgressDto(
            step.Number, step.Kind, step.Node, step.State, step.Reason, step.Fraction, step.BytesFreed)
        {
            Progress = step.Progress?.ToDto(),
        })]);

    private static RunSummaryDto ToDto(RunSummary run) => Complete(
        new RunSummaryDto(run.Id, run.Cluster, run.State, run.Reason, run.Comment, run.CreatedAt, run.FinishedAt, run.BytesFreed), run);

    private static TDto Complete<TDto>(TDto dto, RunSummary run)
        where TDto : RunSummaryDto => (TDto)(dto with
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
        });

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
