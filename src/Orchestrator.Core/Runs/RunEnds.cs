using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>When a run has come to rest: ended, paused, cancelled or waiting.</summary>
internal static class RunEnds
{
    /// <summary>After an answer, without a look at the cluster: what needs none.</summary>
    public static void AfterReport(RunDraft draft)
    {
        if (draft.Run.Steps.Exists(step => step.IsActive))
        {
            return;
        }

        if (draft.Run is PausingRun or RunningRun or WaitingRun && draft.IsHalting)
        {
            Fail(draft);
        }
        else if (draft.Run is PausingRun && !draft.Run.Steps.TrueForAll(RunDecider.IsFinished))
        {
            draft.Add(new RunPaused(draft.Now));
        }
    }

    /// <summary>After a look at the cluster.</summary>
    /// <param name="starts">What came of the attempt to begin something.</param>
    public static void AfterLook(RunDraft draft, RunLook look, StartResult starts)
    {
        if (draft.Run.Steps.Exists(step => step.IsActive))
        {
            Wait(draft, starts);
        }
        else if (draft.Run is CancellingRun cancelling)
        {
            Cancel(draft, cancelling, look);
        }
        else if (draft.Run.Steps.TrueForAll(RunDecider.IsFinished) && !draft.IsHalting)
        {
            Complete(draft);
        }
        else
        {
            AfterReport(draft);
            Wait(draft, starts);
        }
    }

    private static void Complete(RunDraft draft)
    {
        var steps = draft.Run.Steps;
        if (steps.Exists(step => step is FailedStep) && !steps.Exists(step => step is CompactedStep))
        {
            Fail(draft);
        }
        else
        {
            draft.Add(new RunCompleted(steps.Exists(step => step is SkippedStep or FailedStep or CancelledStep), draft.Now));
        }
    }

    private static void Fail(RunDraft draft)
    {
        var failed = draft.Run.Steps.OfType<FailedStep>().First();
        CancelStarted(draft, "the run has failed");
        draft.Add(new RunFailed(FailureText(failed), draft.Now));
    }

    /// <summary>For example <c>step 2, compacting node-2, failed: no space left on device</c>.</summary>
    public static string FailureText(FailedStep failed) => failed.Step is StepDownStep
        ? $"step {failed.Step.Number}, stepping {failed.Step.Node} down, failed: {failed.Reason}"
        : $"step {failed.Step.Number}, compacting {failed.Step.Node}, failed: {failed.Reason}";

    /// <summary>
    /// A run is cancelled once every set that it has touched is seen in order again. What is out for another reason is
    /// waited for no longer than for a member that is gone.
    /// </summary>
    private static void Cancel(RunDraft draft, CancellingRun run, RunLook look)
    {
        CancelStarted(draft, $"{(run.By.Length == 0 ? "an operator" : run.By)} has cancelled the run");
        var begun = draft.Run.Steps.OfType<FinishedStep>().Where(step => step is not SkippedStep).ToList();
        var restingSince = begun.Select(step => step.FinishedAt).Append(run.Since).Max();
        if (draft.Now - restingSince >= draft.Policy.UnreachableGrace || begun.TrueForAll(step => IsInOrder(look.SetOf(step.Step))))
        {
            draft.Add(new RunCancelled(draft.Now));
        }
    }

    private static void CancelStarted(RunDraft draft, string reason)
    {
        foreach (var step in draft.Run.Steps.OfType<StartedStep>())
        {
            draft.Cancel(step, reason, []);
        }
    }

    private static bool IsInOrder(ReplicaSetSnapshot? set) => set is null
        || ((!set.HasPrimary || set.Primary.Length > 0)
            && set.Members.All(member => member.Observation.State == NodeState.Online || !member.Observation.State.IsReachable()));

    private static void Wait(RunDraft draft, StartResult starts)
    {
        if (draft.Run is not (RunningRun or WaitingRun))
        {
            return;
        }

        if (starts.Blocked.Count == 0 || starts.Busy > 0)
        {
            draft.GoOn();
            return;
        }

        var failing = draft.Run.Steps[starts.Blocked[0] - 1].Checks.Values.Where(check => check.Result.Failed).ToList();
        var names = string.Join(", ", failing.Select(check => check.Result.Check));
        if (draft.Run is not WaitingRun waiting || waiting.For != names)
        {
            draft.Add(new RunWaiting(names, string.Join("; ", failing.Select(check => check.Result.Message)), draft.Now));
        }
    }
}
