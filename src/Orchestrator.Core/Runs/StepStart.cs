using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>Begins a step if all its checks pass.</summary>
internal static class StepStart
{
    /// <summary>Gives whether the step was finished without being begun.</summary>
    public static bool TryStart(RunDraft draft, StepState state, ReplicaSetSnapshot set) => state.Step switch
    {
        CompactMemberStep compact => TryCompact(draft, state, compact, set),
        StepDownStep stepDown => TryStepDown(draft, state, stepDown, set),
        _ => throw new InvalidOperationException($"unknown step {state.Step.GetType().Name}"),
    };

    /// <summary>The mode in which a step compacts; empty for the engine's default.</summary>
    public static string ModeOf(RunDraft draft, PlanStep step) =>
        step is CompactMemberStep { Mode.Length: > 0 } chosen ? chosen.Mode : draft.Run.Plan.Request.Options.Mode;

    /// <summary>The order to compact, with the units that are still worth it.</summary>
    public static SendCompactUnits Order(
        RunDraft draft,
        CompactMemberStep step,
        MemberSnapshot member,
        CompactionTicket ticket,
        bool estimates)
    {
        var options = draft.Run.Plan.Request.Options;
        var present = Present(step, member);
        var worth = estimates
            ? present.Where(unit => MemberChecks.ReasonAgainst(unit, options, draft.Policy).Length == 0).ToList()
            : present;
        return new SendCompactUnits(
            step.Node,
            ticket,
            (worth.Count > 0 ? worth : step.Units).Select(unit => unit.Size.Unit).ToList(),
            options.ToSettings(step.Mode) with { DisarmNoSpace = options.DisarmNoSpace && IsLastOfItsSet(draft, step) });
    }

    /// <summary>Fails the step if a member has been gone for longer than the grace. Gives whether it did.</summary>
    public static bool GiveUpOnGone(RunDraft draft, StepState state, ReplicaSetSnapshot set)
    {
        if (!state.Checks.TryGetValue(CheckNames.MembersHealthy, out var check) || check.Result.Passed)
        {
            return false;
        }

        foreach (var seen in set.Members.Select(member => member.Observation).Where(seen => !seen.State.IsReachable()))
        {
            var since = draft.Run.NodeStates.TryGetValue(seen.Node, out var recorded)
                && recorded.State == seen.State && recorded.Since > check.Since ? recorded.Since : check.Since;
            if (draft.Now - since >= draft.Policy.UnreachableGrace)
            {
                draft.Fail(state, $"{seen.Node} has been {seen.State.ToText()} for {(draft.Now - since).TotalSeconds:0} s");
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether every other compaction of the step's replica set is done.</summary>
    private static bool IsLastOfItsSet(RunDraft draft, CompactMemberStep step) => draft.Run.Steps.All(other =>
        other.Step.Number == step.Number
        || other.Step is not CompactMemberStep
        || other.Step.ReplicaSet != step.ReplicaSet
        || other is CompactedStep or SkippedStep);

    private static bool TryCompact(RunDraft draft, StepState state, CompactMemberStep step, ReplicaSetSnapshot set)
    {
        var options = draft.Run.Plan.Request.Options;
        var member = set.Member(step.Node);
        var units = Present(step, member);
        var worthIt = MemberChecks.WorthIt(step.Node, units, options, draft.Policy, set.Capabilities.EstimatesWithoutCompacting);
        if (!draft.Check(step.Number, worthIt))
        {
            EndUnneeded(draft, state, worthIt.Message);
            return true;
        }

        var inPlace = options.Force || !set.Capabilities.HasPrimary;
        var ready = CheckSet(draft, step.Number, set)
            & draft.Check(step.Number, SetChecks.MajorityKept(set, step.Node, options.Force))
            & draft.Check(step.Number, MemberChecks.DiskSpace(
                member.Observation, TemporaryBytes(set, units), draft.Policy));
        if (!inPlace && !draft.Check(step.Number, SetChecks.PrimaryElsewhere(set, step.Node)))
        {
            // Somebody else moved the primary here since the plan was made: it must move on first.
            return ready && set.Primary == step.Node
                ? TryOrder(draft, state, set, "", false)
                : GiveUp(draft, set, step.Number);
        }

        if (!ready)
        {
            return GiveUp(draft, set, step.Number);
        }

        var attempt = NextAttempt(state);
        draft.Add(new StepStarted(step.Number, attempt, draft.Now));
        draft.Do(Order(
            draft, step, member, new CompactionTicket(draft.Run.RunId, step.Number, attempt), set.Capabilities.EstimatesWithoutCompacting));
        return false;
    }

    private static bool TryStepDown(RunDraft draft, StepState state, StepDownStep step, ReplicaSetSnapshot set)
    {
        var wanted = step.GivesBack ? step.Candidates[0] : "";
        if (step.GivesBack ? set.Primary == wanted : set.Primary.Length > 0 && set.Primary != step.Node)
        {
            draft.Add(new StepSkipped(
                step.Number,
                step.GivesBack ? $"{wanted} is primary already" : $"{step.Node} is no longer primary; {set.Primary} is",
                draft.Now));
            return true;
        }

        var expected = step.GivesBack
            ? SetChecks.PrimaryElsewhere(set, wanted)
            : SetChecks.ExpectedPrimary(set, step.Node);
        var ready = CheckSet(draft, step.Number, set) & draft.Check(step.Number, expected);
        return ready ? TryOrder(draft, state, set, wanted, true) : GiveUp(draft, set, step.Number);
    }

    private static bool TryOrder(RunDraft draft, StepState state, ReplicaSetSnapshot set, string wanted, bool ownStep)
    {
        var number = state.Step.Number;
        var successor = Successors.Best(draft.Run, set, state.Step, wanted);
        var ready = new CheckResult(
            CheckNames.SuccessorReady,
            successor.Length > 0,
            successor.Length > 0 ? $"{successor} can take over from {set.Primary}" : $"no member can take over from {set.Primary}");
        if (!draft.Check(number, ready))
        {
            return GiveUp(draft, set, number);
        }

        var attempt = NextAttempt(state);
        if (ownStep)
        {
            draft.Add(new StepStarted(number, attempt, draft.Now));
        }

        draft.Add(new StepDownOrdered(number, attempt, set.Primary, successor, draft.Now));
        draft.Do(new OrderStepDown(number, attempt, set.Definition.Name, set.Primary, successor));
        return false;
    }

    /// <summary>All are evaluated, and recorded, even if the first fails.</summary>
    private static bool CheckSet(RunDraft draft, int step, ReplicaSetSnapshot set) =>
        draft.Check(step, SetChecks.MembersHealthy(set, ""))
        & draft.Check(step, SetChecks.OneMemberOut(set, ""))
        & draft.Check(step, SetChecks.LagWithinLimit(set, draft.Policy, draft.Stopped(step, CheckNames.LagWithinLimit)));

    /// <summary>Fails a step that has waited long enough. Gives whether it did.</summary>
    private static bool GiveUp(RunDraft draft, ReplicaSetSnapshot set, int step)
    {
        var state = draft.Run.Steps[step - 1];
        if (GiveUpOnGone(draft, state, set))
        {
            return true;
        }

        var longest = state.Checks.Values.Where(check => !check.Result.Passed).OrderBy(check => check.Since).FirstOrDefault();
        if (longest is null || draft.Now - longest.Since < draft.Policy.CheckPatience)
        {
            return false;
        }

        draft.Fail(state, $"{longest.Result.Check} has failed for {draft.Policy.CheckPatience.TotalMinutes:0.#} min: {longest.Result.Message}");
        return true;
    }

    private static void EndUnneeded(RunDraft draft, StepState state, string reason)
    {
        // After a crash behind the last swap nothing is left to do, though the member never told so.
        if (state is RetryingStep { Attempt: > 0 } retrying)
        {
            draft.Add(new MemberCompacted(state.Step.Number, state.Step.Node, retrying.Units, draft.Now));
        }
        else
        {
            draft.Add(new StepSkipped(state.Step.Number, reason, draft.Now));
        }
    }

    /// <summary>The step's units that exist now with their present estimates; as planned if there is no inventory.</summary>
    private static IReadOnlyList<UnitEstimate> Present(CompactMemberStep step, MemberSnapshot member)
    {
        if (member.Units.Count == 0)
        {
            return step.Units;
        }

        var now = member.Units.ToDictionary(unit => unit.Size.Unit);
        return step.Units
            .Select(unit => now.GetValueOrDefault(unit.Size.Unit))
            .OfType<UnitEstimate>()
            .ToList();
    }

    /// <summary>Units are compacted one after another, so the largest counts; inventories may be of another mode.</summary>
    private static long TemporaryBytes(ReplicaSetSnapshot set, IReadOnlyList<UnitEstimate> units) =>
        set.Capabilities.TemporarySpace == TemporarySpaceRule.None ? 0 : units.Select(unit => unit.TemporaryBytes).DefaultIfEmpty(0).Max();

    private static int NextAttempt(StepState state) => state is RetryingStep retrying ? retrying.Attempt + 1 : 1;
}
