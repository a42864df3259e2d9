using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Checks;

namespace Orchestrator.Core.Planning;

/// <summary>What the checks of a plan's steps will ask and the engine does not tell: a plan says so before anything is begun.</summary>
internal static class UnansweredChecks
{
    public static IReadOnlyList<CheckResult> Of(ReplicaSetSnapshot set, IReadOnlyList<PlanStep> steps, CompactionPolicy policy)
    {
        var compactions = steps.OfType<CompactMemberStep>().ToList();
        var members = set.Members.Where(member => compactions.Exists(step => step.Node == member.Observation.Node)).ToList();
        return
        [
            .. compactions
                .Select(step => MemberChecks.DiskSpace(set.Member(step.Node).Observation, step.TemporaryBytes, policy))
                .Append(SetChecks.BackupIdle(set with { Members = members }))
                .Where(check => check.Passed is null),
        ];
    }
}
