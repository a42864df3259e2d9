using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>Chooses who follows a primary that steps down, from what is observed at that moment.</summary>
internal static class Successors
{
    /// <summary>
    /// The best successor; empty if no member can take over. Members that are done come first, so that the role need not
    /// move again; among those still to be compacted, the one whose turn comes last.
    /// </summary>
    /// <param name="wanted">The only one that will do; empty for any.</param>
    public static string Best(ExistingRun run, ReplicaSetSnapshot set, PlanStep step, string wanted) => set.Members
        .Select(member => member.Observation)
        .Where(seen => seen.Node != set.Primary
            && seen is { Role: MemberRole.Secondary, CannotLead: false }
            && seen.State == NodeState.Online
            && (wanted.Length == 0 || seen.Node == wanted))
        .OrderByDescending(seen => TurnOf(run, seen.Node))
        .ThenBy(seen => seen.Lag.Changes)
        .ThenBy(seen => seen.Lag.Seconds)
        .ThenBy(seen => PreferenceOf(step, seen.Node))
        .ThenBy(seen => seen.Node, StringComparer.Ordinal)
        .Select(seen => seen.Node)
        .FirstOrDefault("");

    private static int TurnOf(ExistingRun run, string node) => run.Steps
        .Where(state => state.Step is CompactMemberStep && state.Step.Node == node && !RunDecider.IsFinished(state))
        .Select(state => state.Step.Number)
        .DefaultIfEmpty(int.MaxValue)
        .Min();

    private static int PreferenceOf(PlanStep step, string node)
    {
        var index = step is StepDownStep stepDown ? stepDown.Candidates.ToList().IndexOf(node) : -1;
        return index < 0 ? int.MaxValue : index;
    }
}
