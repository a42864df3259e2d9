using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;
using RunDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Runs.RunEvent,
    Orchestrator.Core.Runs.RunEffect,
    Orchestrator.Core.Runs.RunReply>;

namespace Orchestrator.Core.Runs;

/// <summary>What operators' orders lead to. The same order again changes nothing; one that does not fit is refused with the reason.</summary>
internal static class RunControlDecisions
{
    public static RunDecision Decide(ExistingRun run, ControlRun control, CompactionPolicy policy)
    {
        var draft = new RunDraft(run, policy, RunGate.Open, control.Now);
        return control.Order switch
        {
            PauseRun order => Pause(draft, order),
            ResumeRun order => Resume(draft, order),
            CancelRun order => Cancel(draft, order),
            ApproveRun order => Approve(draft, order),
            ThrottleRun order => Throttle(draft, order, control.Snapshot),
            _ => throw new InvalidOperationException($"unknown order {control.Order.GetType().Name}"),
        };
    }

    private static RunDecision Pause(RunDraft draft, PauseRun order)
    {
        switch (draft.Run)
        {
            case EndedRun ended:
                return Refuse(draft, $"{Text(ended)}: there is nothing to pause");
            case CancellingRun:
                return Refuse(draft, $"{Text(draft.Run)}: it can no longer be paused");
            case PausingRun or PausedRun:
                return Accept(draft);
        }

        draft.Add(new RunPauseRequested(order.By, order.Reason, draft.Now));
        RunEnds.AfterReport(draft);
        return Accept(draft);
    }

    private static RunDecision Resume(RunDraft draft, ResumeRun order)
    {
        switch (draft.Run)
        {
            case EndedRun ended:
                return Refuse(draft, $"{Text(ended)}: start a new run instead");
            case CancellingRun:
                return Refuse(draft, $"{Text(draft.Run)}: start a new run instead");
            case PausingRun or PausedRun:
                draft.Add(new RunResumed(order.By, draft.Now));
                return Accept(draft);
            default:
                return Accept(draft);
        }
    }

    private static RunDecision Cancel(RunDraft draft, CancelRun order)
    {
        switch (draft.Run)
        {
            case CancellingRun or CancelledRun:
                return Accept(draft);
            case EndedRun ended:
                return Refuse(draft, $"{Text(ended)}: there is nothing to cancel");
        }

        draft.Add(new RunCancelRequested(order.By, order.Reason, draft.Now));

        // A run that has touched nothing leaves nothing to look after.
        if (draft.Run.Steps.TrueForAll(step => step is PendingStep or SkippedStep))
        {
            draft.Add(new RunCancelled(draft.Now));
        }

        return Accept(draft);
    }

    private static RunDecision Approve(RunDraft draft, ApproveRun order)
    {
        var origin = draft.Run.Body.Origin;
        switch (draft.Run)
        {
            case EndedRun or CancellingRun:
                return Refuse(draft, $"{Text(draft.Run)}: there is nothing to approve");
            case var run when !origin.NeedsApproval:
                return Refuse(draft, $"run {run.RunId} needs no approval");
            case { Body.LacksApproval: false }:
                return Accept(draft);
        }

        if (order.By == origin.By)
        {
            return RunDecider.Reject(
                FailureCode.Refused,
                $"{(order.By.Length == 0 ? "an unnamed user" : order.By)} started run {draft.Run.RunId}; another person must approve it",
                draft.Run.RunId);
        }

        draft.Add(new RunApproved(order.By, draft.Now));
        return Accept(draft);
    }

    private static RunDecision Throttle(RunDraft draft, ThrottleRun order, ClusterSnapshot? snapshot)
    {
        if (order.MaxBytesPerSecond < 0)
        {
            return RunDecider.Reject(FailureCode.Invalid, "maxBytesPerSecond must be at least 0", draft.Run.RunId);
        }

        if (draft.Run is EndedRun or CancellingRun)
        {
            return Refuse(draft, $"{Text(draft.Run)}: there is nothing to throttle");
        }

        if (snapshot?.AllCapabilities.Any(can => can.CanThrottle) == false)
        {
            return RunDecider.Reject(
                FailureCode.Invalid, $"engine '{snapshot.Definition.Engine}' cannot limit its copying rate", draft.Run.RunId);
        }

        if (draft.Run.Body.MaxBytesPerSecond != order.MaxBytesPerSecond)
        {
            draft.Add(new RunThrottled(order.By, order.MaxBytesPerSecond, draft.Now));
            foreach (var step in draft.Run.Steps.OfType<CompactingStep>())
            {
                draft.Do(new ThrottleNodeCompaction(step.Step.Node, StepWatch.Ticket(draft.Run, step), order.MaxBytesPerSecond));
            }
        }

        return Accept(draft);
    }

    private static string Text(ExistingRun run) => $"run {run.RunId} " + run switch
    {
        CompletedRun => "has completed",
        FailedRun => "has failed",
        CancelledRun => "has been cancelled",
        CancellingRun => "is being cancelled",
        _ => throw new InvalidOperationException($"no text for {run.GetType().Name}"),
    };

    private static RunDecision Accept(RunDraft draft) => draft.ToDecision(new RunReply.Accepted(draft.Run.RunId));

    private static RunDecision Refuse(RunDraft draft, string message) => RunDecider.Reject(FailureCode.Conflict, message, draft.Run.RunId);
}
