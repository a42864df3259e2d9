using System.Runtime.CompilerServices;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Runs;

/// <summary>Shows a run's state as a <see cref="RunView"/>.</summary>
public static class RunProjection
{
    private static readonly Dictionary<(int Step, int Attempt), StepWork> NoProgress = [];

    // Views of steps at which nothing is done follow from the step alone; of thousands of steps most are such, at each of a run's changes.
    private static readonly ConditionalWeakTable<StepState, StepView> Resting = new();

    /// <summary>The view of an existing run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="observed">Compactions as last observed, for the progress of the running step.</param>
    public static RunView View(ExistingRun run, IEnumerable<CompactionStatus> observed)
    {
        var progress = observed
            .Where(status => status.Ticket.RunId == run.RunId)
            .GroupBy(status => (status.Ticket.Step, status.Ticket.Attempt))
            .ToDictionary(group => group.Key, group => group.Select(Work).MaxBy(work => work.Fraction)!);
        var steps = run.Steps.Select(step => step is PendingStep or FinishedStep
            ? Resting.GetValue(step, static resting => StepProjection.View(resting, NoProgress))
            : StepProjection.View(step, progress)).ToList();
        return new RunView(
            run.RunId,
            StateOf(run),
            ReasonOf(run, steps),
            run.Plan,
            steps,
            steps.Sum(step => step.BytesFreed),
            run.CreatedAt,
            (run as EndedRun)?.FinishedAt)
        {
            Origin = run.Body.Origin,
            WaitingFor = run is WaitingRun waiting ? waiting.For : "",
            Since = run switch
            {
                OpenRun open => open.Since,
                EndedRun ended => ended.FinishedAt,
                _ => run.CreatedAt,
            },
            ApprovedBy = run.Body.ApprovedBy,
            MaxBytesPerSecond = run.Body.MaxBytesPerSecond,
            EstimatedBytesFreed = steps.Sum(step => step.EstimatedBytesFreed),
            ReplicaSets = [.. run.Plan.ReplicaSets.Select(set => View(set.ReplicaSet, [.. set.Steps.Select(step => steps[step.Number - 1])]))],
        };
    }

    private static string StateOf(ExistingRun run) => run switch
    {
        PlannedRun => RunStates.Planned,
        WaitingRun => RunStates.Waiting,
        RunningRun => RunStates.Running,
        PausingRun => RunStates.Pausing,
        PausedRun => RunStates.Paused,
        CancellingRun => RunStates.Cancelling,
        CancelledRun => RunStates.Cancelled,
        CompletedRun { WithSkips: true } => RunStates.CompletedWithSkips,
        CompletedRun => RunStates.Completed,
        FailedRun => RunStates.Failed,
        _ => throw new InvalidOperationException($"unknown state {run.GetType().Name}"),
    };

    private static string ReasonOf(ExistingRun run, List<StepView> steps) => run switch
    {
        WaitingRun { For: RunWaiting.Approval } waiting => waiting.Reason,
        WaitingRun waiting => steps.Find(step => step.State is "waiting" or "paused")?.Reason ?? waiting.Reason,
        RunningRun => steps.Find(step => step.State == "waiting")?.Reason ?? "",
        PausingRun pausing => Ordered("paused", pausing.By, pausing.Reason),
        PausedRun paused => Ordered("paused", paused.By, paused.Reason),
        CancellingRun cancelling => Ordered("cancelled", cancelling.By, cancelling.Reason),
        CancelledRun cancelled => Ordered("cancelled", cancelled.By, cancelled.Reason),
        CompletedRun => string.Join("; ", run.Steps.OfType<FailedStep>().Select(RunEnds.FailureText)),
        FailedRun failed => failed.Reason,
        _ => "",
    };

    private static string Ordered(string what, string by, string reason) =>
        what + (by.Length == 0 ? "" : $" by {by}") + (reason.Length == 0 ? "" : $": {reason}");

    private static ReplicaSetProgress View(string name, List<StepView> steps)
    {
        var done = steps.Count(IsDone);
        var state = steps switch
        {
            _ when steps.Exists(step => step.State is "running" or "pausing") => "running",
            _ when steps.Exists(step => step.State == "paused") => "paused",
            _ when steps.Exists(step => step.State == "waiting") => "waiting",
            _ when steps.Exists(step => step.State == "failed") => "failed",
            _ when done == steps.Count => "completed",
            _ => "pending",
        };
        var fraction = steps.Count == 0 ? 1 : steps.Sum(step => IsDone(step) ? 1 : step.Fraction) / steps.Count;
        return new ReplicaSetProgress(name, state, done, steps.Count, fraction, steps.Sum(step => step.BytesFreed));
    }

    private static bool IsDone(StepView step) => step.State is "completed" or "skipped" or "failed" or "cancelled";

    /// <summary>An attempt that has ended well is at its end, also while the run has not recorded it yet.</summary>
    private static StepWork Work(CompactionStatus status) => status switch
    {
        CompactionRunning running => new StepWork(running.Progress.Fraction, running.Progress),
        CompactionPaused paused => new StepWork(paused.Progress.Fraction, paused.Progress),
        CompactionSucceeded => new StepWork(1, null),
        _ => new StepWork(0, null),
    };
}
