using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using RunDecision = Orchestrator.Core.Decision<
    Orchestrator.Core.Runs.RunEvent,
    Orchestrator.Core.Runs.RunEffect,
    Orchestrator.Core.Runs.RunReply>;

namespace Orchestrator.Core.Runs;

/// <summary>What a run does when it looks at the cluster: watches what is at work, then begins what can be begun.</summary>
internal static class RunAssessment
{
    public static RunDecision Assess(ExistingRun run, AssessRun command, CompactionPolicy policy)
    {
        var draft = new RunDraft(run, policy, command.Gate, command.Now);
        if (!Enter(draft))
        {
            return draft.ToDecision();
        }

        var look = new RunLook(command.Snapshot, draft.Options);
        foreach (var active in draft.Run.Steps.Where(step => step.IsActive).OfType<StartedStep>().ToList())
        {
            if (look.SetOf(active.Step) is { } set)
            {
                StepWatch.Watch(draft, active, set);
            }
            else
            {
                Lose(draft, look, active);
            }
        }

        RunEnds.AfterLook(draft, look, BeginWhatCan(draft, look));
        return draft.ToDecision();
    }

    /// <summary>Gives whether there is anything to look at.</summary>
    private static bool Enter(RunDraft draft)
    {
        switch (draft.Run)
        {
            case PausedRun:
                return false;
            case PlannedRun or RunningRun when draft.Run.Body.LacksApproval:
                draft.Add(new RunWaiting(
                    RunWaiting.Approval, $"a person other than {draft.Run.Body.Origin.By} must approve the plan", draft.Now));
                return false;
            case WaitingRun { For: RunWaiting.Approval } when draft.Run.Body.LacksApproval:
                return false;
            case PlannedRun or WaitingRun { For: RunWaiting.Approval }:
                draft.Add(new RunStarted(draft.Now));
                return true;
            default:
                return true;
        }
    }

    /// <summary>
    /// Sets in which something is at work, or rests between two steps, come first; what is left of the allowed number goes
    /// to the others in the plan's order. One that its checks keep back does not keep back the next.
    /// </summary>
    private static StartResult BeginWhatCan(RunDraft draft, RunLook look)
    {
        var result = new StartResult(0, []);
        if (draft.Run is not (RunningRun or WaitingRun) || draft.IsHalting)
        {
            return result;
        }

        var limit = Math.Max(1, draft.Options.MaxParallelReplicaSets);
        var open = draft.Run.Plan.ReplicaSets.Where(set => Current(draft, set) is not null).ToList();
        var busy = open.Where(set => IsBusy(draft, look, set, Current(draft, set)!)).ToList();
        result = result with { Busy = busy.Count };

        // So many are tried at most, else a cause that keeps all back would be recorded for each of them.
        var tries = limit * (draft.Gate.Window.Open && draft.Gate.Frozen.Length == 0 ? 4 : 1);
        foreach (var set in open.Except(busy).Take(tries).TakeWhile(_ => !draft.IsHalting))
        {
            if (result.Busy >= limit)
            {
                break;
            }

            if (BeginIn(draft, set, look) is not { } state)
            {
                continue;
            }

            result = IsBusy(draft, look, set, state) || draft.IsMeasuring(state.Step.Number)
                ? result with { Busy = result.Busy + 1 }
                : result with { Blocked = [.. result.Blocked, state.Step.Number] };
        }

        return result;
    }

    /// <summary>Ends the set's steps that need not be done and tries to begin the next. Gives it; null if none is left.</summary>
    private static StepState? BeginIn(RunDraft draft, ReplicaSetPlan plan, RunLook look)
    {
        // Each round finishes a step, so there are at most as many as steps.
        while (!draft.IsHalting && Current(draft, plan) is { } state)
        {
            if (IsBusy(draft, look, plan, state))
            {
                return state;
            }

            if (look.SetOf(state.Step) is not { } set)
            {
                Lose(draft, look, state);
            }
            else if (FailureRules.ReasonToSkip(draft, state, set) is { Length: > 0 } reason)
            {
                FailureRules.Skip(draft, state, reason);
            }
            else if (!StepStart.TryStart(draft, state, set, look))
            {
                return draft.Run.Steps[state.Step.Number - 1];
            }
        }

        return null;
    }

    private static StepState? Current(RunDraft draft, ReplicaSetPlan plan) => plan.Steps
        .Select(step => draft.Run.Steps[step.Number - 1])
        .FirstOrDefault(state => state is not FinishedStep);

    /// <summary>
    /// At work, waiting for another attempt, settling after the step before, or not yet seen since that ended: an older look may show a
    /// primary that has stepped down.
    /// </summary>
    private static bool IsBusy(RunDraft draft, RunLook look, ReplicaSetPlan plan, StepState state)
    {
        if (state.IsActive || (state is RetryingStep retrying && draft.Now < retrying.NotBefore))
        {
            return true;
        }

        var lastEnd = plan.Steps.Select(step => draft.Run.Steps[step.Number - 1]).OfType<FinishedStep>().Max(step => (DateTimeOffset?)step.FinishedAt);
        return lastEnd is { } ended && (draft.Now - ended < draft.Policy.Settle || look.IsOlderThan(ended, state.Step));
    }

    /// <summary>
    /// Copies come and go with their data: a database is deleted, a shard moves to another member, and nothing is left to do. Elsewhere a
    /// member that leaves its set is a failure.
    /// </summary>
    private static void Lose(RunDraft draft, RunLook look, StepState state)
    {
        if (look.ReachOf(state.Step.Node) == CompactionReach.ReplicaSet)
        {
            draft.Add(new StepSkipped(state.Step.Number, $"{state.Step.Node} no longer has a copy of {state.Step.ReplicaSet}", draft.Now));
        }
        else
        {
            draft.Fail(state, $"{state.Step.Node} is no longer a configured member of {state.Step.ReplicaSet}");
        }
    }
}

/// <summary>What came of the attempt to begin something.</summary>
/// <param name="Busy">Replica sets in which something is at work or rests for a moment.</param>
/// <param name="Blocked">Steps that their checks keep back.</param>
internal sealed record StartResult(int Busy, IReadOnlyList<int> Blocked);
