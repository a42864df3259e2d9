using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs.Checks;

/// <summary>
/// Checks that look beyond a step's own replica set, since a member may belong to several: at most one member of each of them is out at a
/// time, and a member has a limited number of compactions at work.
/// </summary>
internal static class NeighbourChecks
{
    /// <summary>What the run has at work in other replica sets leaves room for the step; null where no member belongs to several.</summary>
    public static CheckResult? MemberFree(RunDraft draft, RunLook look, CompactMemberStep step)
    {
        if (!look.HasSharedMembers)
        {
            return null;
        }

        var active = AtWorkElsewhere(draft, step).ToList();
        var here = active.Where(other => other.Node == step.Node).ToList();
        var most = draft.Options.EngineOptions.Whole(OptionCheck.MaxJobsPerMember, 1);
        if (here.Count >= most)
        {
            return new CheckResult(
                CheckNames.MemberFree,
                false,
                $"{step.Node} compacts for {string.Join(", ", here.Select(other => other.ReplicaSet))}; at most {most} at a time");
        }

        foreach (var other in active.Where(other => other.Node != step.Node))
        {
            if (look.SetsOf(step.Node).FirstOrDefault(set => TakesOut(look, step, set) && TakesOut(look, other, set)) is { } shared)
            {
                return new CheckResult(
                    CheckNames.MemberFree, false, $"{other.Node} compacts for {other.ReplicaSet} and is out of {shared} too: one member at a time may be out");
            }
        }

        return new CheckResult(CheckNames.MemberFree, true, $"nothing at work keeps {step.Node} back");
    }

    /// <summary>What the run has at work in other replica sets on the step's member may need so much more space meanwhile, in bytes.</summary>
    public static long TemporaryBeside(RunDraft draft, CompactMemberStep step) => AtWorkElsewhere(draft, step)
        .Where(other => other.Node == step.Node)
        .Sum(other => other.Units.Select(unit => unit.TemporaryBytes).DefaultIfEmpty(0).Max());

    private static IEnumerable<CompactMemberStep> AtWorkElsewhere(RunDraft draft, CompactMemberStep step) => draft.Run.Steps
        .Where(other => other.IsActive && other.Step.ReplicaSet != step.ReplicaSet)
        .Select(other => other.Step)
        .OfType<CompactMemberStep>();

    /// <summary><see cref="SetChecks.OneMemberOut"/> in every replica set of which the step takes its member out.</summary>
    public static CheckResult OneMemberOut(RunLook look, ReplicaSetSnapshot set, CompactMemberStep step) =>
        InEach(look, set, step, (each, own) => SetChecks.OneMemberOut(each, own ? "" : step.Node));

    /// <summary><see cref="SetChecks.MajorityKept"/> in every replica set of which the step takes its member out.</summary>
    public static CheckResult MajorityKept(RunLook look, ReplicaSetSnapshot set, CompactMemberStep step, bool force) =>
        InEach(look, set, step, (each, _) => SetChecks.MajorityKept(each, step.Node, force));

    /// <summary>The first that fails; else that of the step's own set.</summary>
    private static CheckResult InEach(RunLook look, ReplicaSetSnapshot set, CompactMemberStep step, Func<ReplicaSetSnapshot, bool, CheckResult> check)
    {
        var own = check(set, true);
        if (own.Failed || !look.HasSharedMembers)
        {
            return own;
        }

        return look.SetsOf(step.Node)
            .Where(name => name != step.ReplicaSet && TakesOut(look, step, name))
            .Select(name => check(look.SetFor(step, name), false))
            .FirstOrDefault(result => result.Failed) ?? own;
    }

    /// <summary>Whether a step takes its member out of a replica set.</summary>
    private static bool TakesOut(RunLook look, CompactMemberStep step, string replicaSet) =>
        step.ReplicaSet == replicaSet
        || (look.ReachOf(step.Node) == CompactionReach.Member && look.SetsOf(step.Node).Contains(replicaSet));
}
