using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>What a run does when it looks at the cluster.</summary>
internal static class RunAssessment
{
    public static Decision<RunEvent, RunEffect, RunReply> Assess(ExistingRun run, AssessRun command, CompactionPolicy policy)
    {
        var draft = new RunDraft(run, policy, command.Now);
        if (run is PlannedRun)
        {
            draft.Add(new RunStarted(command.Now));
        }

        // Each round finishes a step, so there are at most as many as steps.
        while (draft.Run is RunningRun running)
        {
            if (running.Steps.OfType<FailedStep>().FirstOrDefault() is { } failed)
            {
                draft.FailRun(failed.Step, failed.Reason);
            }
            else if (running.Steps.FirstOrDefault(step => !RunDecider.IsFinished(step)) is not { } next)
            {
                draft.Add(new RunCompleted(running.Steps.Any(step => step is SkippedStep), command.Now));
            }
            else if (!AssessStep(draft, next, command.Snapshot))
            {
                break;
            }
        }

        return draft.ToDecision();
    }

    /// <summary>Acts by what a member tells of an attempt. Gives whether that ended the step.</summary>
    public static bool Finish(RunDraft draft, CompactingStep step, CompactionStatus status)
    {
        switch (status)
        {
            case CompactionSucceeded succeeded:
                draft.Add(new MemberCompacted(step.Step.Number, step.Step.Node, [.. step.Units, .. succeeded.Units], draft.Now));
                return true;
            case CompactionFailed failed:
                draft.Retry(step, failed.Reason, failed.Units);
                return draft.Run is not RunningRun;
            default:
                return false;
        }
    }

    /// <summary>Gives whether the step is finished now.</summary>
    private static bool AssessStep(RunDraft draft, StepState state, ClusterSnapshot snapshot)
    {
        var configured = snapshot.Definition.ReplicaSets.FirstOrDefault(set => set.Name == state.Step.ReplicaSet);
        if (configured is null || !configured.Members.Contains(state.Step.Node))
        {
            draft.Fail(state, $"{state.Step.Node} is no longer a configured member of {state.Step.ReplicaSet}");
            return true;
        }

        var capabilities = snapshot.Capabilities.For(draft.Run.Plan.Request.Options);
        var set = ReplicaSetSnapshot.Of(
            snapshot with { Capabilities = capabilities }, state.Step.ReplicaSet, StepStart.ModeOf(draft, state.Step));
        return state switch
        {
            CompactingStep compacting => Watch(draft, compacting, set),
            SteppingDownStep steppingDown => Watch(draft, steppingDown, set),
            RetryingStep retrying when draft.Now < retrying.NotBefore => false,
            _ when Settles(draft) => false,
            _ => StepStart.TryStart(draft, state, set),
        };
    }

    private static bool Settles(RunDraft draft) =>
        draft.Run is RunningRun running
        && running.Steps.Any(RunDecider.IsFinished)
        && draft.Now - running.ProgressedAt < draft.Policy.Settle;

    private static bool Watch(RunDraft draft, CompactingStep step, ReplicaSetSnapshot set)
    {
        var number = step.Step.Number;
        var member = set.Member(step.Step.Node).Observation;
        var ticket = new CompactionTicket(draft.Run.RunId, number, step.Attempt);
        var status = member.Compactions.FirstOrDefault(compaction => compaction.Ticket == ticket);
        if (status is CompactionSucceeded or CompactionFailed)
        {
            return Finish(draft, step, status);
        }

        draft.Check(number, SetChecks.MembersHealthy(set, member.Node));
        draft.Check(number, SetChecks.LagWithinLimit(set, draft.Policy, draft.Stopped(number, CheckNames.LagWithinLimit)));
        var majority = draft.Check(number, SetChecks.MajorityKept(set, member.Node, draft.Run.Plan.Request.Options.Force));
        if (!member.State.IsReachable())
        {
            return StepStart.GiveUpOnGone(draft, draft.Run.Steps[number - 1], set);
        }

        if (status is CompactionRunning)
        {
            if (!step.Accepted)
            {
                draft.Add(new StepAccepted(number, step.Attempt, draft.Now));
            }

            // A member that is out while it compacts is called back when the others alone are no majority.
            if (!majority && set.Capabilities.CanCancel && !SetChecks.KeepsVoting(set.Capabilities.Availability))
            {
                draft.Do(new CancelNodeCompaction(member.Node, ticket));
            }

            return false;
        }

        return Resume(draft, step, set, ticket);
    }

    /// <summary>The member answers, but knows nothing of the attempt.</summary>
    private static bool Resume(RunDraft draft, CompactingStep step, ReplicaSetSnapshot set, CompactionTicket ticket)
    {
        var member = set.Member(step.Step.Node);
        if (step.Accepted)
        {
            draft.Retry(step, $"{step.Step.Node} restarted while it compacted", []);
            return draft.Run is not RunningRun;
        }

        if (draft.Now - step.StartedAt >= draft.Policy.UnreachableGrace)
        {
            draft.Retry(step, $"{step.Step.Node} did not begin within {draft.Policy.UnreachableGrace.TotalSeconds:0.#} s", []);
            return draft.Run is not RunningRun;
        }

        // The order or its answer was lost, or has not arrived: the ticket makes it harmless to send it again.
        if (member.Observation.State is NodeState.Online or NodeState.Compacting)
        {
            draft.Do(StepStart.Order(draft, (CompactMemberStep)step.Step, member, ticket, set.Capabilities.EstimatesWithoutCompacting));
        }

        return false;
    }

    private static bool Watch(RunDraft draft, SteppingDownStep step, ReplicaSetSnapshot set)
    {
        if (set.Primary.Length > 0 && set.Primary != step.ExpectedPrimary)
        {
            draft.Add(new PrimarySteppedDown(
                step.Step.Number, step.ExpectedPrimary, set.Primary, set.Member(set.Primary).Observation.Term, draft.Now));
            return true;
        }

        if (draft.Now - step.OrderedAt >= draft.Policy.StepDownTimeout)
        {
            draft.Retry(step, $"{step.ExpectedPrimary} did not step down within {draft.Policy.StepDownTimeout.TotalSeconds:0.#} s", []);
            return draft.Run is not RunningRun;
        }

        return false;
    }
}
