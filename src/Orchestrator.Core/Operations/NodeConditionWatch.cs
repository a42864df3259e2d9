using System.Collections.Immutable;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Operations;

/// <summary>
/// Which conditions hold that were told, and which are about to change. A change is told when it has lasted: whatever comes and goes within
/// the settling time is told to nobody, and a node that comes and goes more slowly is told of at most once in that time. Pure.
/// </summary>
/// <param name="Holding">What was told last; stored with the supervisor.</param>
/// <param name="Pending">What looks different now, and since when; forgotten with the reign.</param>
/// <param name="Known">The members that were seen in this reign, each with its cluster.</param>
public sealed record NodeConditionWatch(
    ImmutableHashSet<NodeConditionKey> Holding,
    ImmutableDictionary<NodeConditionKey, DateTimeOffset> Pending,
    ImmutableHashSet<(string Cluster, string Node)> Known)
{
    public static NodeConditionWatch Initial { get; } = new([], ImmutableDictionary<NodeConditionKey, DateTimeOffset>.Empty, []);

    /// <summary>The watch after a change was told.</summary>
    public NodeConditionWatch Apply(NodeConditionChange change)
    {
        var key = new NodeConditionKey(change.Cluster, change.Node, change.Condition);
        var next = this with
        {
            Holding = change.Holds ? Holding.Add(key) : Holding.Remove(key),
            Pending = Pending.Remove(key),
        };
        return change.Condition == NodeConditions.Removed
            ? next with
            {
                Holding = [.. Holding.Where(one => (one.Cluster, one.Node) != (change.Cluster, change.Node))],
                Known = Known.Remove((change.Cluster, change.Node)),
            }
            : next;
    }

    /// <summary>Looks at all clusters. The changes are to be told and then applied.</summary>
    /// <param name="clusters">Every configured one.</param>
    /// <param name="settle">How long a change must last.</param>
    /// <param name="diskLowShare">Free share below which a disk is nearly full; 0: never.</param>
    public (NodeConditionWatch Next, IReadOnlyList<NodeConditionChange> Changes) Look(
        IReadOnlyList<WatchedCluster> clusters, DateTimeOffset now, TimeSpan settle, double diskLowShare)
    {
        var known = Known.Union(clusters.SelectMany(cluster => cluster.Sightings.Members.Keys.Select(node => (cluster.Sightings.Definition.Name, node))));
        var pending = ImmutableDictionary.CreateBuilder<NodeConditionKey, DateTimeOffset>();
        var changes = new List<NodeConditionChange>();
        foreach (var (key, holds, describe) in clusters.SelectMany(cluster => See(cluster, diskLowShare)).Concat(Gone(clusters, known)))
        {
            if (holds == Holding.Contains(key))
            {
                continue;
            }

            var since = Pending.GetValueOrDefault(key, now);
            pending[key] = since;
            if (now - since >= settle)
            {
                changes.Add(new NodeConditionChange(key.Cluster, key.Node, key.Condition, holds && key.Condition != NodeConditions.Removed, describe(), since));
            }
        }

        return (this with { Pending = pending.ToImmutable(), Known = known }, changes);
    }

    private IEnumerable<Sight> See(WatchedCluster cluster, double diskLowShare)
    {
        var sightings = cluster.Sightings;
        var name = sightings.Definition.Name;
        yield return new Sight(
            new NodeConditionKey(name, "", NodeConditions.Unreachable), cluster.Trouble.Length > 0, () => cluster.Trouble.Length > 0 ? cluster.Trouble : "its members are known");
        foreach (var node in sightings.Definition.ReplicaSets.SelectMany(set => set.Members).Distinct(StringComparer.Ordinal))
        {
            if (!sightings.Members.TryGetValue(node, out var sighting))
            {
                yield return new Sight(new NodeConditionKey(name, node, NodeConditions.Unreachable), true, () => "this supervisor has not seen it yet");
                continue;
            }

            var seen = sighting.Observation;
            foreach (var (condition, holds) in NodeConditions.Of(seen, one => Holding.Contains(new NodeConditionKey(name, node, one)), diskLowShare))
            {
                yield return new Sight(new NodeConditionKey(name, node, condition), holds, () => NodeConditions.Describe(condition, holds, seen));
            }
        }
    }

    /// <summary>The members that were seen, or of which a condition holds, and that are members no more. A cluster whose members are not known at all has lost none.</summary>
    private IEnumerable<Sight> Gone(IReadOnlyList<WatchedCluster> clusters, ImmutableHashSet<(string Cluster, string Node)> known)
    {
        var members = clusters.ToDictionary(
            cluster => cluster.Sightings.Definition.Name,
            cluster => cluster.Sightings.Definition.ReplicaSets.SelectMany(set => set.Members).ToHashSet(StringComparer.Ordinal),
            StringComparer.Ordinal);
        return known
            .Concat(Holding.Where(one => one.Node.Length > 0).Select(one => (one.Cluster, one.Node)))
            .Where(one => !members.TryGetValue(one.Cluster, out var present) || (present.Count > 0 && !present.Contains(one.Node)))
            .Distinct()
            .Select(one => new Sight(new NodeConditionKey(one.Cluster, one.Node, NodeConditions.Removed), true, () => "it is no longer a member"));
    }

    /// <param name="Describe">What was seen, for people; asked for only when somebody is told.</param>
    private readonly record struct Sight(NodeConditionKey Key, bool Holds, Func<string> Describe);
}

/// <summary>A cluster as the supervisor sees it.</summary>
/// <param name="Trouble">Why its members are not known; empty where they are.</param>
public sealed record WatchedCluster(ClusterSightings Sightings, string Trouble);
