using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Orders the steps of one replica set: members that are not primary, largest gain first; then the step-down; then the
/// old primary. A member's name decides between equals.
/// </summary>
internal sealed class SetSteps(ReplicaSetSnapshot set, CompactionOptions options, CompactionPolicy policy, int firstNumber)
{
    private readonly List<PlanStep> _steps = [];

    private int Next => firstNumber + _steps.Count;

    public IReadOnlyList<PlanStep> Order(IReadOnlyList<Candidate> candidates, List<SkippedUnit> skipped)
    {
        var primary = set.HasPrimary ? set.Primary : "";
        var others = candidates
            .Where(candidate => candidate.Node != primary)
            .OrderByDescending(candidate => candidate.BytesFreed)
            .ThenBy(candidate => candidate.Node, StringComparer.Ordinal)
            .ToList();
        foreach (var candidate in others)
        {
            Compact(candidate, $"{RoleText(candidate.Observation.Role)}, would free {UnitEstimate.GainText(candidate.Units)}: "
                + (primary.Length > 0 ? "before the primary, largest gain first" : "largest gain first"));
        }

        if (candidates.FirstOrDefault(candidate => candidate.Node == primary) is { } last)
        {
            AddPrimary(last, others.Select(candidate => candidate.Node).ToList(), skipped);
        }

        return _steps;
    }

    private void AddPrimary(Candidate primary, IReadOnlyList<string> compacted, List<SkippedUnit> skipped)
    {
        if (options.Force)
        {
            Compact(primary, $"primary, would free {UnitEstimate.GainText(primary.Units)}: compacted in place, last (force)");
            return;
        }

        if (set.HasOneMember)
        {
            Compact(primary, $"primary and only member, would free {UnitEstimate.GainText(primary.Units)}: compacted in place, it keeps serving");
            return;
        }

        if (set.CapabilitiesOf(primary.Node).EstimatesWithoutCompacting && !options.SaysWhatIsWorthIt && primary.BytesFreed < policy.MinStepDownBytes)
        {
            skipped.Add(new SkippedUnit(primary.Node, "*",
                $"primary, would free {UnitEstimate.GainText(primary.Units)}, less than the {ByteText.Of(policy.MinStepDownBytes)} for which a primary steps down "
                + $"by default ({MemberChecks.Override} steps it down, option force compacts it in place)"));
            return;
        }

        var successors = Successors(primary.Node, compacted);
        if (successors.Count == 0)
        {
            skipped.Add(new SkippedUnit(primary.Node, "*",
                "primary, and no member can take over from it (option force compacts it in place)"));
            return;
        }

        _steps.Add(new StepDownStep(Next, set.Definition.Name, primary.Node,
            $"{primary.Node} is primary and must not be primary while it compacts; {successors[0]} is the best successor", successors));
        Compact(primary, $"old primary, would free {UnitEstimate.GainText(primary.Units)}: after it has stepped down");
        if (options.GiveBackPrimary)
        {
            _steps.Add(new StepDownStep(Next, set.Definition.Name, successors[0],
                $"gives the role of primary back to {primary.Node}", [primary.Node])
            {
                GivesBack = true,
            });
        }
    }

    /// <summary>
    /// Members that may become primary: those that this plan has compacted by then first, then the least behind. At
    /// the step itself the choice is made again among those that have caught up.
    /// </summary>
    private List<string> Successors(string primary, IReadOnlyList<string> compacted) => set.Members
        .Select(member => member.Observation)
        .Where(seen => seen.Node != primary && seen is { Role: MemberRole.Secondary, CannotLead: false } && seen.State.IsReachable())
        .OrderByDescending(seen => compacted.Contains(seen.Node))
        .ThenBy(seen => seen.Lag.Changes)
        .ThenBy(seen => seen.Lag.Seconds)
        .ThenBy(seen => seen.Node, StringComparer.Ordinal)
        .Select(seen => seen.Node)
        .ToList();

    private void Compact(Candidate candidate, string reason) => _steps.Add(new CompactMemberStep(
        Next,
        set.Definition.Name,
        candidate.Node,
        candidate.ModeReason.Length == 0 ? reason : $"{reason}; {candidate.ModeReason}",
        candidate.Observation.Role,
        candidate.Units)
    {
        Mode = candidate.Mode,
    });

    private static string RoleText(MemberRole role) => role.ToString().ToLowerInvariant();
}
