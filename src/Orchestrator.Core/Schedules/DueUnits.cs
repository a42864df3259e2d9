using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Schedules;

/// <summary>What is due in one cluster, the largest gain first, as the request of a run.</summary>
/// <param name="Collections">How many collections, databases or nodes the request covers.</param>
/// <param name="Left">How many more are due and left for a later run.</param>
/// <param name="BytesExpected">What the due units in the request would free.</param>
internal sealed record DueUnits(CompactionRequest Request, int Collections, int Left, long BytesExpected)
{
    /// <summary>Finds what is due.</summary>
    /// <param name="units">All units that are due, with their replica set and node.</param>
    /// <returns>Null if nothing is.</returns>
    public static DueUnits? Choose(Schedule schedule, string cluster, IReadOnlyList<DueUnit> units)
    {
        // A collection is compacted on all members of a set in one run: one step-down for all of it.
        var groups = units
            .GroupBy(unit => Group(unit))
            .Select(group => (group.Key, Gain: group.Sum(unit => unit.Estimate.BytesFreed), Units: group.ToList()))
            .OrderByDescending(group => group.Gain)
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .ToList();
        if (groups.Count == 0)
        {
            return null;
        }

        var most = schedule.Pacing.MaxCollectionsPerRun is 0 ? groups.Count : schedule.Pacing.MaxCollectionsPerRun;
        var chosen = groups.Take(most).ToList();
        var sample = units[0].Estimate.Size.Unit;
        var scope = CompactionScope.Everything with
        {
            Collections = sample.Collection.Length > 0 ? [.. chosen.Select(group => group.Key)] : [],
            Databases = sample is not NodeUnit && sample.Collection.Length == 0 ? [.. chosen.Select(group => group.Key)] : [],
            Nodes = sample is NodeUnit ? [.. chosen.Select(group => group.Key)] : [],
            ReplicaSets = [.. chosen.SelectMany(group => group.Units).Select(unit => unit.ReplicaSet).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
        var options = CompactionOptions.Default with
        {
            Mode = schedule.Mode,
            MaxBytesPerSecond = schedule.MaxBytesPerSecond,
            Verify = schedule.Verify,
            OnFailure = schedule.OnFailure,
            // The rules say what is worth it, not the policy. Where one rule is enough, a plan must not leave out what is due by another one.
            MinReclaimableBytes = schedule.Rules.Match == RuleMatch.All ? Math.Max(1, schedule.Rules.MinReclaimableBytes) : 1,
            MinFragmentation = schedule.Rules.Match == RuleMatch.All ? schedule.Rules.MinFragmentation : 0,
            MaxParallelReplicaSets = schedule.Pacing.MaxParallelReplicaSets,
            Comment = schedule.Author,
        };
        return new DueUnits(
            new CompactionRequest(cluster, scope, options), chosen.Count, groups.Count - chosen.Count, chosen.Sum(group => group.Gain));
    }

    private static string Group(DueUnit due) => due.Estimate.Size.Unit switch
    {
        NodeUnit => due.Node,
        var unit => unit.Home,
    };
}

/// <summary>A unit that is due on a node.</summary>
internal sealed record DueUnit(string ReplicaSet, string Node, Nodes.UnitEstimate Estimate);
