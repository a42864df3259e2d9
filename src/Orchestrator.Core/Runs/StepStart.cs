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
    public static bool TryStart(RunDraft draft, StepState state, ReplicaSetSnapshot set, RunLook look)
    {
        // While the gate is shut nothing else is looked at: it would only fill the history.
        var open = draft.Check(state.Step.Number, GateChecks.WindowOpen(draft.Gate))
            & draft.Check(state.Step.Number, GateChecks.NotFrozen(draft.Gate));
        var number = state.Step.Number;
        if (open && GateChecks.NotHeld(draft.Gate, look.MembersBeside(state.Step), draft.Stopped(number, CheckNames.NotHeld)) is { } held)
        {
            open = draft.Check(number, held);
        }

        return open && state.Step switch
        {
            CompactMemberStep compact => TryCompact(draft, state, compact, set, look),
            StepDownStep stepDown => StepDownStart.Try(draft, state, stepDown, set),
            _ => throw new InvalidOperationException($"unknown step {state.Step.GetType().Name}"),
        };
    }

    /// <summary>The order of an attempt that has begun, with the units that are still worth it.</summary>
    public static SendCompactUnits Order(RunDraft draft, OrderedStep state, ReplicaSetSnapshot set)
    {
        var step = (CompactMemberStep)state.Step;
        var worth = Worth(draft, state, step, set).Select(unit => unit.Size.Unit).Except(state.Later).ToList();
        var measured = state.Measured.ToLookup(size => size.Unit);
        return new SendCompactUnits(
            step.Node,
            StepWatch.Ticket(draft.Run, state),
            worth.Count > 0 ? worth : [.. step.Units.Select(unit => unit.Size.Unit)],
            draft.Options.ToSettings(step.Mode) with
            {
                // Of an only member nobody can take the role over; the plan has it only where it serves meanwhile.
                Force = draft.Options.Force || set.HasOneMember,
                MaxBytesPerSecond = draft.Run.Body.MaxBytesPerSecond,
                EngineOptions = IsLastOfItsSet(draft, step) ? draft.Options.EngineOptions : ForEachMember(draft.Options.EngineOptions, set.CapabilitiesOf(step.Node)),
            })
        {
            Before = [.. step.Units.Select(unit => measured[unit.Size.Unit].FirstOrDefault(unit.Size))],
        };
    }

    /// <summary>Without the options that only the last member of a set is told.</summary>
    private static OptionValues ForEachMember(OptionValues options, EngineCapabilities capabilities) => options.Given.Keys
        .Where(name => capabilities.Find(name) is { ForLastMember: true })
        .Aggregate(options, (left, name) => left.Without(name));

    /// <summary>Fails the step if a member has been gone for longer than the grace. Gives whether it did.</summary>
    public static bool GiveUpOnGone(RunDraft draft, StepState state, ReplicaSetSnapshot set)
    {
        if (!state.Checks.TryGetValue(CheckNames.MembersHealthy, out var check) || !check.Result.Failed)
        {
            return false;
        }

        foreach (var seen in set.Members.Select(member => member.Observation).Where(seen => !seen.State.IsReachable()))
        {
            var noticed = NoticedAt(draft, state, check);
            var since = draft.Run.NodeStates.TryGetValue(seen.Node, out var recorded)
                && recorded.State == seen.State && recorded.Since > noticed ? recorded.Since : noticed;
            if (draft.Now - since >= draft.Policy.UnreachableGrace)
            {
                draft.Fail(state, $"{seen.Node} has been {seen.State.ToText()} for {(draft.Now - since).TotalSeconds:0} s");
                return true;
            }
        }

        return false;
    }

    /// <summary>Fails a step that has waited long enough. Gives whether it did.</summary>
    public static bool GiveUp(RunDraft draft, ReplicaSetSnapshot set, int step)
    {
        var state = draft.Run.Steps[step - 1];
        if (GiveUpOnGone(draft, state, set))
        {
            return true;
        }

        var longest = state.Checks.Values
            .Where(check => check.Result.Failed && !CheckNames.IsGate(check.Result.Check))
            .OrderBy(check => check.Since)
            .FirstOrDefault();
        if (longest is null || draft.Now - NoticedAt(draft, state, longest) < draft.Policy.CheckPatience)
        {
            return false;
        }

        draft.Fail(state, $"{longest.Result.Check} has failed for {draft.Policy.CheckPatience.TotalMinutes:0.#} min: {longest.Result.Message}");
        return true;
    }

    /// <summary>All are evaluated, and recorded, even if the first fails.</summary>
    /// <param name="oneOut">Who is out.</param>
    public static bool CheckSet(RunDraft draft, int step, ReplicaSetSnapshot set, CheckResult oneOut) =>
        draft.Check(step, SetChecks.MembersHealthy(set, ""))
        & draft.Check(step, oneOut)
        & draft.Check(step, SetChecks.LagWithinLimit(set, draft.Policy, draft.Stopped(step, CheckNames.LagWithinLimit)));

    public static int NextAttempt(StepState state) => state is StartedStep started ? started.Attempt + 1 : 1;

    private static bool TryCompact(RunDraft draft, StepState state, CompactMemberStep step, ReplicaSetSnapshot set, RunLook look)
    {
        var number = step.Number;
        if (NeighbourChecks.MemberFree(draft, look, step) is { } free && !draft.Check(number, free))
        {
            return false;
        }

        var member = set.Member(step.Node);
        var can = set.CapabilitiesOf(step.Node);
        var units = Present(state, step, member);
        var worthIt = MemberChecks.WorthIt(step.Node, units, draft.Options, draft.Policy, can.EstimatesWithoutCompacting);
        // The last sizes do for the other checks; only what is begun, or left out, needs those of now.
        var isPresent = Measurement.IsPresent(draft, state, member);
        if (worthIt.Failed && !isPresent)
        {
            draft.Measure(step, step.Mode);
            return false;
        }

        if (!draft.Check(number, worthIt))
        {
            EndUnneeded(draft, state, worthIt.Message);
            return true;
        }

        var worth = Worth(draft, state, step, set);
        var fits = GateChecks.FitsInWindow(
            draft.Gate, Predictions.Of(draft.Run, worth), can.CanPause, draft.Now, out var fitting);
        var kept = state is StartedStep started ? started.Tries.CopiedBytes : 0;

        // Units are compacted one after another, so the largest counts; inventories may be of another mode.
        var temporary = can.TemporarySpace == TemporarySpaceRule.None
            ? 0
            : worth.Select(unit => unit.TemporaryBytes).DefaultIfEmpty(0).Max() + NeighbourChecks.TemporaryBeside(draft, step);
        var ready = CheckSet(draft, number, set, NeighbourChecks.OneMemberOut(look, set, step))
            & draft.Check(number, NeighbourChecks.MajorityKept(look, set, step, draft.Options.Force))
            & draft.Check(number, MemberChecks.DiskSpace(member.Observation, Math.Max(0, temporary - kept), draft.Policy))
            & draft.Check(number, MemberChecks.BackupIdle(member.Observation));
        var inPlace = draft.Options.Force || set.HasOneMember || !set.HasPrimary;
        if (!inPlace && !draft.Check(number, SetChecks.PrimaryElsewhere(set, step.Node)))
        {
            // Somebody else moved the primary here since the plan was made: it must move on first.
            return ready && set.Primary == step.Node
                ? StepDownStart.TryOrder(draft, state, set, "", false)
                : GiveUp(draft, set, number);
        }

        if (!(draft.Check(number, fits) & ready))
        {
            return GiveUp(draft, set, number);
        }

        if (!isPresent)
        {
            draft.Measure(step, step.Mode);
            return false;
        }

        draft.GoOn();
        draft.Record(number, worthIt);
        draft.Record(number, fits);
        draft.Add(new StepStarted(number, NextAttempt(state), draft.Now)
        {
            Later = [.. worth.Skip(fitting).Select(unit => unit.Size.Unit)],
            Measured = [.. worth.Select(unit => unit.Size).Except(step.Units.Select(unit => unit.Size))],
        });
        draft.Do(Order(draft, (OrderedStep)draft.Run.Steps[number - 1], set));
        return false;
    }

    /// <summary>Whether every other compaction of the step's replica set is done.</summary>
    private static bool IsLastOfItsSet(RunDraft draft, CompactMemberStep step) => draft.Run.Steps.All(other =>
        other.Step.Number == step.Number
        || other.Step is not CompactMemberStep
        || other.Step.ReplicaSet != step.ReplicaSet
        || other is CompactedStep or SkippedStep);

    private static void EndUnneeded(RunDraft draft, StepState state, string reason)
    {
        // After a crash behind the last swap nothing is left to do, though the member never told so.
        if (state is StartedStep { Attempt: > 0 } started)
        {
            StepVerification.Finish(draft, started, []);
        }
        else
        {
            draft.Add(new StepSkipped(state.Step.Number, reason, draft.Now));
        }
    }

    /// <summary>
    /// The step's units that exist now and are not yet done, with their present estimates; as planned if there is no
    /// inventory.
    /// </summary>
    private static IReadOnlyList<UnitEstimate> Present(StepState state, CompactMemberStep step, MemberSnapshot member)
    {
        var done = state is StartedStep started ? started.Units.Select(unit => unit.Unit).ToHashSet() : [];
        var left = step.Units.Where(unit => !done.Contains(unit.Size.Unit));
        if (member.Units.Count == 0)
        {
            return [.. left];
        }

        var now = member.Units.ToDictionary(unit => unit.Size.Unit);
        return [.. left.Select(unit => now.GetValueOrDefault(unit.Size.Unit)).OfType<UnitEstimate>()];
    }

    private static IReadOnlyList<UnitEstimate> Worth(RunDraft draft, StepState state, CompactMemberStep step, ReplicaSetSnapshot set)
    {
        var present = Present(state, step, set.Member(step.Node));
        return set.CapabilitiesOf(step.Node).EstimatesWithoutCompacting
            ? [.. present.Where(unit => MemberChecks.ReasonAgainst(unit, draft.Options, draft.Policy).Length == 0)]
            : present;
    }

    /// <summary>Since when a check fails while the run could have gone on: a shut gate and a pause do not count.</summary>
    private static DateTimeOffset NoticedAt(RunDraft draft, StepState state, RecordedCheck check) => state.Checks.Values
        .Where(other => !other.Result.Failed && CheckNames.IsGate(other.Result.Check))
        .Select(other => other.Since)
        .Append(check.Since)
        .Append(draft.Run.Body.ResumedAt)
        .Max();
}
