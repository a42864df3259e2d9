using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.Checks;

namespace Orchestrator.Core.Runs;

/// <summary>Begins a step-down if all its checks pass.</summary>
internal static class StepDownStart
{
    /// <summary>Gives whether the step was finished without being begun.</summary>
    public static bool Try(RunDraft draft, StepState state, StepDownStep step, ReplicaSetSnapshot set)
    {
        var wanted = step.GivesBack ? step.Candidates[0] : "";
        if (step.GivesBack ? set.Primary == wanted : set.Primary.Length > 0 && set.Primary != step.Node)
        {
            if (state is RetryingStep { Attempt: > 0 })
            {
                // What an earlier attempt ordered was done, though its answer came too late or to nobody.
                draft.Add(new PrimarySteppedDown(step.Number, step.Node, set.Primary, set.Member(set.Primary).Observation.Term, draft.Now));
                return true;
            }

            var reason = step.GivesBack ? $"{wanted} is primary already" : $"{step.Node} is no longer primary; {set.Primary} is";
            draft.Add(new StepSkipped(step.Number, reason, draft.Now));
            return true;
        }

        var expected = step.GivesBack
            ? SetChecks.PrimaryElsewhere(set, wanted)
            : SetChecks.ExpectedPrimary(set, step.Node);
        var ready = StepStart.CheckSet(draft, step.Number, set, SetChecks.OneMemberOut(set, ""))
            & draft.Check(step.Number, SetChecks.BackupIdle(set))
            & draft.Check(step.Number, expected);
        return ready ? TryOrder(draft, state, set, wanted, true) : StepStart.GiveUp(draft, set, step.Number);
    }

    /// <summary>Orders the step-down once there is a successor and time for it. Gives whether the step was given up.</summary>
    /// <param name="wanted">The only successor that will do; empty for any.</param>
    /// <param name="ownStep">Whether it is a step of its own, not one ahead of a compaction.</param>
    public static bool TryOrder(RunDraft draft, StepState state, ReplicaSetSnapshot set, string wanted, bool ownStep)
    {
        var number = state.Step.Number;
        var successor = Successors.Best(draft.Run, set, state.Step, wanted);
        var ready = new CheckResult(
            CheckNames.SuccessorReady,
            successor.Length > 0,
            successor.Length > 0 ? $"{successor} can take over from {set.Primary}" : $"no member can take over from {set.Primary}");
        if (!(draft.Check(number, ready) & draft.Check(number, GateChecks.StepDownFits(draft.Gate, draft.Policy, draft.Now))))
        {
            return StepStart.GiveUp(draft, set, number);
        }

        draft.GoOn();
        var attempt = StepStart.NextAttempt(state);
        if (ownStep)
        {
            draft.Add(new StepStarted(number, attempt, draft.Now));
        }

        draft.Add(new StepDownOrdered(number, attempt, set.Primary, successor, draft.Now));
        draft.Do(new OrderStepDown(number, attempt, set.Definition.Name, set.Primary, successor));
        return false;
    }
}
