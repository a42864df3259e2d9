using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>Makes plans from what was observed. Pure: the same snapshot, request and policy give the same plan.</summary>
public static class Planner
{
    private const string WholeMember = "*";

    /// <summary>
    /// The plan for a request, or everything that stands against it. A replica set that cannot be compacted now is left
    /// out with the reason as long as another one can.
    /// </summary>
    public static PlanResult Plan(ClusterSnapshot snapshot, CompactionRequest request, CompactionPolicy policy)
    {
        (request, var options, var sets, var problems) = Check(snapshot, request, policy);
        if (problems.Count > 0)
        {
            return new PlanResult.Refused(problems);
        }

        var inScope = sets.Where(set => RequestCheck.Covers(request.Scope, set)).ToList();
        var obstacles = inScope.Select(Obstacle).ToList();
        if (obstacles.All(obstacle => obstacle is not null))
        {
            return new PlanResult.Refused(obstacles.OfType<PlanProblem>().ToList());
        }

        var plans = new List<ReplicaSetPlan>(inScope.Count);
        var number = 1;
        for (var i = 0; i < inScope.Count; i++)
        {
            var plan = obstacles[i] is { } obstacle
                ? LeftOut(inScope[i], obstacle.Message)
                : PlanSet(inScope[i], request, policy, number, options);
            plans.Add(plan);
            number += plan.Steps.Count;
        }

        return new PlanResult.Planned(new CompactionPlan(request, plans, snapshot.TakenAt));
    }

    /// <summary>
    /// What is wrong with a request in itself, whatever the present state allows: null if nothing is. Names are looked up in what was last
    /// measured, so a collection that was created since may be missing.
    /// </summary>
    public static RequestFailed? Mistakes(ClusterSnapshot snapshot, CompactionRequest request, CompactionPolicy policy)
    {
        var mistakes = Check(snapshot, request, policy).Problems.Where(problem => problem.Code == FailureCode.Invalid).ToList();
        return mistakes.Count == 0 ? null : new PlanResult.Refused(mistakes).ToFailure();
    }

    private static (CompactionRequest Request, MemberOptions Options, IReadOnlyList<ReplicaSetSnapshot> Sets, IReadOnlyList<PlanProblem> Problems) Check(
        ClusterSnapshot snapshot, CompactionRequest asked, CompactionPolicy policy)
    {
        var request = ModeChoice.WithDefault(asked, snapshot, policy);
        var options = new MemberOptions(snapshot.Definition.Engine, request.Options, isDefault: request != asked);
        var sets = ReplicaSetSnapshot.All(snapshot).Select(set => set.For(request.Options, request.Options.Mode)).ToList();
        return (request, options, sets, RequestCheck.Problems(snapshot, sets, request, options));
    }

    private static PlanProblem? Obstacle(ReplicaSetSnapshot set)
    {
        if (set.Members.All(member => !member.Observation.State.IsReachable()))
        {
            return new PlanProblem(FailureCode.Unavailable, set.Definition.Name,
                $"no member of replica set {set.Definition.Name} is reachable{WhoIsIll(set)}");
        }

        return set.HasPrimary && set.Primary.Length == 0
            ? new PlanProblem(FailureCode.Unavailable, set.Definition.Name, $"replica set {set.Definition.Name} has no primary{WhoIsIll(set)}")
            : null;
    }

    private static string WhoIsIll(ReplicaSetSnapshot set)
    {
        var ill = set.Members
            .Select(member => member.Observation)
            .Where(seen => seen.State != NodeState.Online && seen.Reason.Length > 0 && seen.ObservedAt > DateTimeOffset.UnixEpoch)
            .Select(seen => $"{seen.Node} is {seen.State.ToText()}: {seen.Reason}")
            .ToList();
        return ill.Count == 0 ? "" : $" ({string.Join("; ", ill)})";
    }

    private static ReplicaSetPlan LeftOut(ReplicaSetSnapshot set, string reason) => new(
        set.Definition.Name,
        "",
        [],
        set.Definition.Members.Select(node => new SkippedUnit(node, WholeMember, reason)).ToList());

    private static ReplicaSetPlan PlanSet(
        ReplicaSetSnapshot set, CompactionRequest request, CompactionPolicy policy, int firstNumber, MemberOptions options)
    {
        var skipped = new List<SkippedUnit>();
        var candidates = new List<Candidate>();
        foreach (var member in set.Members)
        {
            var node = member.Observation.Node;
            var against = MemberReason(set, member, request, options);
            if (against.Length > 0)
            {
                skipped.Add(new SkippedUnit(node, WholeMember, against));
                continue;
            }

            if (CandidateOf(set, member, request, policy, options, skipped) is { } candidate)
            {
                candidates.Add(candidate);
            }
            else if (!skipped.Exists(unit => unit.Node == node && (unit.Reason != UnitSelection.SystemReason || HoldsOnlySystemUnits(member))))
            {
                // Where its units have their reasons, these say more.
                skipped.Add(new SkippedUnit(node, WholeMember, WhyNothing(member)));
            }
        }

        var steps = new SetSteps(set, request.Options, policy, firstNumber).Order(candidates, skipped);
        return new ReplicaSetPlan(set.Definition.Name, set.HasPrimary ? set.Primary : "", steps, skipped)
        {
            Unanswered = UnansweredChecks.Of(set, steps, policy),
        };
    }

    /// <summary>What is worth compacting on a member, in its mode and with the estimates of that mode; null if nothing is.</summary>
    private static Candidate? CandidateOf(
        ReplicaSetSnapshot set, MemberSnapshot member, CompactionRequest request, CompactionPolicy policy, MemberOptions options, List<SkippedUnit> skipped)
    {
        var left = new List<SkippedUnit>();
        var can = set.CapabilitiesOf(member.Observation.Node);
        var units = Choose(member);
        var candidate = units.Count == 0 ? null : ModeChoice.For(new Candidate(member.Observation, units), can, request.Options, policy, options.IsDefault);
        if (candidate is { Mode.Length: > 0 } && candidate.Mode == ModeChoice.Frugal(can) && member.FrugalUnits is { } frugal)
        {
            left.Clear();
            units = Choose(member with { Units = frugal });
            candidate = units.Count == 0 ? null : candidate with { Units = units };
        }

        skipped.AddRange(left);
        return candidate is null
            ? null
            : candidate with { Units = [.. candidate.Units.Select(unit => unit.AtMost(request.Options.MaxBytesPerSecond))] };

        IReadOnlyList<UnitEstimate> Choose(MemberSnapshot from) =>
            UnitSelection.Choose(from, request, policy, can.EstimatesWithoutCompacting, left);
    }

    private static string WhyNothing(MemberSnapshot member) => member switch
    {
        { Units.Count: > 0 } => "nothing on this member is in scope",
        { Unmeasured.Length: > 0 } => $"its sizes could not be read: {member.Unmeasured}",
        _ => "it has not reported anything that it stores",
    };

    /// <summary>Whether the set is one of a system database's: then the member has told all that belongs to it.</summary>
    private static bool HoldsOnlySystemUnits(MemberSnapshot member) =>
        member.Units.Count == 0 && member.SystemUnits.Any(unit => unit.ReplicaSet.Length > 0);

    /// <summary>Why a whole member is left out; empty if it is not.</summary>
    private static string MemberReason(ReplicaSetSnapshot set, MemberSnapshot member, CompactionRequest request, MemberOptions options)
    {
        var seen = member.Observation;
        var can = set.CapabilitiesOf(seen.Node);
        if (request.Scope.Nodes.Count > 0 && !request.Scope.Nodes.Contains(seen.Node))
        {
            return "not in scope";
        }

        if (seen.Role == MemberRole.Arbiter)
        {
            return "arbiter: it holds no data";
        }

        if (seen.Role == MemberRole.Learner
            && can.Find(OptionCheck.IncludeLearners) is not null
            && !request.Options.IncludeLearners)
        {
            return "learner: left out unless the option includeLearners is given";
        }

        if (!seen.State.IsReachable())
        {
            return seen.Reason.Length > 0 ? $"{seen.State.ToText()}: {seen.Reason}" : seen.State.ToText();
        }

        var refusal = options.Refusal(set, member);
        if (refusal.Length > 0 || request.Options.Force)
        {
            return refusal;
        }

        var availability = can.Availability;
        if (set.HasOneMember && availability != CompactionAvailability.Serving)
        {
            return $"the only member of its replica set: it would be {Text(availability)} while it compacts, and no member can take over "
                + "(option force compacts it anyway)";
        }

        return !SetChecks.KeepsVoting(availability) && seen.Role != MemberRole.Learner && set.Voters.Count - 1 < set.MustStayWithout(seen.Node)
            ? $"it would be {Text(availability)} while it compacts, and "
                + $"{set.Voters.Count - 1} of {set.Voters.Count} members are not a majority (option force compacts it anyway)"
            : "";
    }

    private static string Text(CompactionAvailability availability) => availability switch
    {
        CompactionAvailability.ReadsOnly => "read-only",
        _ => availability.ToString().ToLowerInvariant(),
    };
}
