using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The end of a compaction whose units are all done: where the run asks for it, the member is verified first. Until that has ended well no
/// other step of its replica set begins.
/// </summary>
internal static class StepVerification
{
    /// <summary>The next look at the member orders the verification.</summary>
    /// <param name="units">What the last attempt compacted.</param>
    /// <param name="judged">By what it was judged that it is done; empty where the member told it.</param>
    public static void Finish(RunDraft draft, StartedStep step, IReadOnlyList<UnitCompacted> units, string judged = "")
    {
        var number = step.Step.Number;
        if (!draft.Options.Verify)
        {
            draft.Add(new MemberCompacted(number, step.Step.Node, [.. step.Units, .. units], draft.Now) { Judged = judged });
        }
        else if (draft.Run is CancellingRun)
        {
            draft.Cancel(step, "the run is being cancelled", units);
        }
        else
        {
            draft.GoOn();
            draft.Add(new StepVerificationStarted(number, step.Attempt, draft.Now) { Units = units, Judged = judged });
        }
    }

    /// <summary>Window and freeze do not end a verification: it only reads.</summary>
    public static void Watch(RunDraft draft, VerifyingStep step, ReplicaSetSnapshot set)
    {
        var number = step.Step.Number;
        if (draft.Run is CancellingRun)
        {
            draft.Cancel(step, "the run is being cancelled", []);
            return;
        }

        draft.Check(number, SetChecks.MembersHealthy(set, step.Step.Node));
        if (set.Member(step.Step.Node).Observation.State.IsReachable())
        {
            draft.Do(Order(step));
        }
        else
        {
            StepStart.GiveUpOnGone(draft, draft.Run.Steps[number - 1], set);
        }
    }

    /// <summary>What was found is final; what could not be looked at is tried again, as any step.</summary>
    public static void Report(RunDraft draft, VerifyingStep step, VerificationOutcome outcome)
    {
        var number = step.Step.Number;
        switch (outcome.Result)
        {
            case VerificationResult.Sound:
                draft.Add(new MemberCompacted(number, step.Step.Node, step.Units, draft.Now) { Verification = outcome.Text });
                break;
            case VerificationResult.Unsound:
                draft.Fail(step, outcome.Text);
                break;
            case VerificationResult.Different:
                draft.Add(new StepFailed(number, outcome.Text, draft.Now) { MembersDiffer = true });
                break;
            default:
                draft.Retry(step, $"{step.Step.Node} was compacted, but could not be verified: {outcome.Text}", []);
                break;
        }
    }

    /// <summary>The collections of what was compacted or, if a member that died never told that, of what was planned.</summary>
    private static VerifyMember Order(VerifyingStep step)
    {
        var units = step.Units.Count > 0
            ? step.Units.Select(unit => unit.Unit)
            : ((CompactMemberStep)step.Step).Units.Select(unit => unit.Size.Unit);
        return new VerifyMember(
            step.Step.Number,
            step.Attempt,
            step.Step.Node,
            [.. units.Select(unit => new DocumentsUnit(unit.Database, unit.Collection)).Distinct()]);
    }
}
