using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Which members have what a request asks for: the versions in a cluster may be mixed. A member that lacks it is left out; a request that no
/// member has is refused.
/// </summary>
/// <param name="isDefault">Whether the mode is the policy's: a member without it takes its own default.</param>
internal sealed class MemberOptions(string engine, CompactionOptions options, bool isDefault)
{
    /// <summary>Whether the request named no mode, and has the policy's.</summary>
    public bool IsDefault => isDefault;

    /// <summary>Why a member is left out, with its name and version; empty if it is not.</summary>
    public string Refusal(ReplicaSetSnapshot set, MemberSnapshot member)
    {
        var problems = Lacking(set.CapabilitiesOf(member.Observation.Node)).ToList();
        return problems.Count == 0 ? "" : Sentence(member.Observation, problems);
    }

    /// <summary>What is wrong with the request if no member has what it asks for; empty if one has.</summary>
    /// <param name="sets">The replica sets in scope.</param>
    public IReadOnlyList<PlanProblem> Problems(ClusterSnapshot snapshot, IEnumerable<ReplicaSetSnapshot> sets, IReadOnlyList<string> nodes)
    {
        var members = sets
            .SelectMany(set => set.Members.Select(member => (member.Observation, Lacks: Lacking(set.CapabilitiesOf(member.Observation.Node)).ToList())))
            .Where(member => member.Observation is { Role: not MemberRole.Arbiter } seen && seen.State.IsReachable() && (nodes.Count == 0 || nodes.Contains(seen.Node)))
            .ToList();
        if (members.Count == 0)
        {
            return [.. Lacking(snapshot.Capabilities)];
        }

        if (members.Exists(member => member.Lacks.Count == 0))
        {
            return [];
        }

        var shared = members[0].Lacks.Where(problem => members.TrueForAll(member => member.Lacks.Contains(problem))).ToList();
        return shared.Count > 0
            ? shared
            : [new PlanProblem(FailureCode.Invalid, "options", string.Join("; ", members.Select(member => Sentence(member.Observation, member.Lacks))))];
    }

    private IEnumerable<PlanProblem> Lacking(EngineCapabilities can)
    {
        if (options.Mode.Length > 0 && options.Mode != CompactionOptions.AutoMode && !isDefault && !can.Modes.Contains(options.Mode))
        {
            yield return new PlanProblem(
                FailureCode.Invalid, "mode", $"'{options.Mode}' is not a mode of this engine; known: {string.Join(", ", can.Modes)}, {CompactionOptions.AutoMode}");
        }

        foreach (var refused in OptionCheck.Problems(engine, can, options))
        {
            yield return refused;
        }
    }

    private static string Sentence(NodeObservation seen, IReadOnlyList<PlanProblem> problems) =>
        $"{seen.Node}{(seen.Version.Length > 0 ? $" (version {seen.Version})" : "")}: {string.Join("; ", problems.Select(problem => problem.Message))}";
}
