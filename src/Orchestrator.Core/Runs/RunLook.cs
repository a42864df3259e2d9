using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Runs;

/// <summary>The cluster as a run looks at it: each replica set with what the run's mode costs there.</summary>
internal sealed class RunLook(ClusterSnapshot snapshot, CompactionOptions options)
{
    private readonly Lazy<Func<string, ReplicaSetSnapshot?>> _find = new(() => ReplicaSetSnapshot.Finder(snapshot));

    private readonly Lazy<ILookup<string, string>> _setsOf = new(() => snapshot.Definition.ReplicaSets
        .SelectMany(set => set.Members.Select(member => (member, set.Name)))
        .ToLookup(pair => pair.member, pair => pair.Name, StringComparer.Ordinal));

    private readonly Lazy<Dictionary<string, MemberSnapshot>> _members = new(() => snapshot.Members.ToDictionary(member => member.Observation.Node, StringComparer.Ordinal));

    /// <summary>Whether a member belongs to more than one replica set.</summary>
    public bool HasSharedMembers => _setsOf.Value.Any(sets => sets.Count() > 1);

    /// <summary>The replica sets of a member.</summary>
    public IEnumerable<string> SetsOf(string node) => _setsOf.Value[node];

    /// <summary>The members of the replica sets in which a step's member is.</summary>
    public IEnumerable<string> MembersBeside(PlanStep step) => snapshot.Definition.Beside(step.ReplicaSet, step.Node);

    /// <summary>Whether an answer of a member of the step's replica set, among those that answer at all, is older than a moment.</summary>
    public bool IsOlderThan(DateTimeOffset moment, PlanStep step) => Find(step.ReplicaSet) is { } set && set.Definition.Members.Any(node =>
        _members.Value.TryGetValue(node, out var member) && member.Observation.State.IsReachable() && member.HeardAt < moment);

    /// <summary>What is out while a member compacts.</summary>
    public CompactionReach ReachOf(string node) =>
        (_members.Value.TryGetValue(node, out var member) ? snapshot.CapabilitiesOf(member) : snapshot.Capabilities).Reach;

    /// <summary>One of the replica sets of a step's member, with what the step's mode costs.</summary>
    public ReplicaSetSnapshot SetFor(CompactMemberStep step, string replicaSet) => Find(replicaSet)!.For(options, ModeOf(step));

    /// <summary>The step's replica set; null if that, or the step's member, is no longer configured.</summary>
    public ReplicaSetSnapshot? SetOf(PlanStep step)
    {
        var set = Find(step.ReplicaSet);
        if (set is null || !set.Definition.Members.Contains(step.Node))
        {
            return null;
        }

        return set.For(options, ModeOf(step));
    }

    private string ModeOf(PlanStep step) => step is CompactMemberStep { Mode.Length: > 0 } compact ? compact.Mode : options.Mode;

    private ReplicaSetSnapshot? Find(string name) => _find.Value(name);
}
