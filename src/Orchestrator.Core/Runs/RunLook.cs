using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>The cluster as a run looks at it: each replica set with what the run's mode costs there.</summary>
internal sealed class RunLook(ClusterSnapshot snapshot, CompactionOptions options)
{
    private readonly Dictionary<string, ReplicaSetSnapshot?> _sets = new(StringComparer.Ordinal);

    /// <summary>The step's replica set; null if that, or the step's member, is no longer configured.</summary>
    public ReplicaSetSnapshot? SetOf(PlanStep step)
    {
        var set = Find(step.ReplicaSet);
        if (set is null || !set.Definition.Members.Contains(step.Node))
        {
            return null;
        }

        var mode = step is CompactMemberStep { Mode.Length: > 0 } compact ? compact.Mode : options.Mode;
        return set.For(options, mode);
    }

    private ReplicaSetSnapshot? Find(string name)
    {
        if (!_sets.TryGetValue(name, out var set))
        {
            set = snapshot.Definition.ReplicaSets.Any(configured => configured.Name == name) ? ReplicaSetSnapshot.Of(snapshot, name) : null;
            _sets[name] = set;
        }

        return set;
    }
}
