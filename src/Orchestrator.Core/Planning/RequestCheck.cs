using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>Finds everything that is wrong with a request, so that one answer names it all.</summary>
internal static class RequestCheck
{
    public static IReadOnlyList<PlanProblem> Problems(
        ClusterSnapshot snapshot,
        IReadOnlyList<ReplicaSetSnapshot> sets,
        CompactionRequest request,
        MemberOptions options)
    {
        var problems = new List<PlanProblem>();
        if (request.Cluster != snapshot.Definition.Name)
        {
            problems.Add(Missing(request.Cluster, $"there is no cluster '{request.Cluster}'"));
            return problems;
        }

        CheckOptions(request.Options, problems);
        problems.AddRange(options.Problems(snapshot, sets.Where(set => Covers(request.Scope, set)), request.Scope.Nodes));
        CheckMembers(sets, request.Scope, problems);
        CheckUnits(sets, request.Scope, problems);
        return problems;
    }

    /// <summary>Whether the scope touches the replica set.</summary>
    public static bool Covers(CompactionScope scope, ReplicaSetSnapshot set) =>
        (scope.ReplicaSets.Count == 0 || scope.ReplicaSets.Contains(set.Definition.Name))
        && (scope.Nodes.Count == 0 || set.Definition.Members.Any(scope.Nodes.Contains));

    private static void CheckOptions(CompactionOptions options, List<PlanProblem> problems)
    {
        Require(options.MaxBytesPerSecond >= 0, "maxBytesPerSecond", "maxBytesPerSecond must be at least 0");
        Require(options.MinReclaimableBytes >= 0, "minReclaimableBytes", "minReclaimableBytes must be at least 0");
        Require(options.MinFragmentation is >= 0 and <= 1, "minFragmentation", "minFragmentation must be between 0 and 1");
        Require(options.MaxParallelReplicaSets >= 1, "maxParallelReplicaSets", "maxParallelReplicaSets must be at least 1");

        void Require(bool holds, string field, string message)
        {
            if (!holds)
            {
                problems.Add(new PlanProblem(FailureCode.Invalid, field, message));
            }
        }
    }

    private static void CheckMembers(IReadOnlyList<ReplicaSetSnapshot> sets, CompactionScope scope, List<PlanProblem> problems)
    {
        if (sets.Count == 0)
        {
            problems.Add(new PlanProblem(FailureCode.Unavailable, "cluster", "the cluster has no replica sets"));
        }

        foreach (var name in scope.ReplicaSets.Distinct().Where(name => sets.All(set => set.Definition.Name != name)))
        {
            problems.Add(Missing(name, $"there is no replica set '{name}'; {KnownNames.Of(sets.Select(set => set.Definition.Name), "the cluster has none")}"));
        }

        foreach (var node in scope.Nodes.Distinct())
        {
            var homes = sets.Where(set => set.Definition.Members.Contains(node)).Select(set => set.Definition.Name).ToList();
            if (homes.Count == 0)
            {
                problems.Add(Missing(node, $"there is no node '{node}'; {KnownNames.Of(sets.SelectMany(set => set.Definition.Members), "the cluster has none")}"));
            }
            else if (scope.ReplicaSets.Count > 0 && !scope.ReplicaSets.Intersect(homes).Any())
            {
                problems.Add(new PlanProblem(FailureCode.Invalid, node,
                    $"node '{node}' is a member of replica set {string.Join(", ", homes)}, which is not in scope"));
            }
        }
    }

    private static void CheckUnits(IReadOnlyList<ReplicaSetSnapshot> sets, CompactionScope scope, List<PlanProblem> problems)
    {
        if (!scope.Documents && scope.Indexes is IndexSelection.NoIndexes)
        {
            problems.Add(new PlanProblem(FailureCode.Invalid, "scope", "the scope covers neither documents nor indexes"));
        }

        var named = scope.Indexes as IndexSelection.NamedIndexes;
        if (scope.Databases.Count == 0 && scope.Collections.Count == 0 && named is null)
        {
            return;
        }

        var reachable = sets.SelectMany(set => set.Members).Where(member => member.Observation.State.IsReachable()).ToList();
        if (reachable.All(member => member.Units.Count == 0))
        {
            problems.Add(new PlanProblem(FailureCode.Unavailable, "scope",
                "no node has reported what it stores, so the names in the scope cannot be checked: try again in a moment, or leave the names out; where nothing is stored yet, nothing is to be compacted"));
            return;
        }

        // System collections can be named, but are not spoken of: not everybody may see them.
        var spoken = reachable.SelectMany(member => member.Units).Select(unit => unit.Size.Unit).Where(unit => unit is not NodeUnit).ToHashSet();
        var units = reachable.SelectMany(member => member.Units.Concat(member.SystemUnits)).Select(unit => unit.Size.Unit).ToHashSet();
        foreach (var database in scope.Databases.Distinct().Where(name => !units.Any(unit => NamePattern.Matches(name, unit.Database))))
        {
            problems.Add(Missing(database, $"there is no database '{database}'; {KnownNames.Of(spoken.Select(unit => unit.Database), "there is none yet")}"));
        }

        var inDatabases = units
            .Where(unit => NamePattern.AnyMatches(scope.Databases, unit.Database))
            .ToList();
        var where = scope.Databases.Count == 0 ? "" : $" in {string.Join(", ", scope.Databases)}";
        var collections = inDatabases.SelectMany(UnitSelection.NamesOf).ToHashSet();
        foreach (var collection in scope.Collections.Distinct().Where(name => !collections.Contains(name)))
        {
            problems.Add(Missing(collection, $"there is no collection '{collection}'{where}; {Collections(spoken, scope)}"));
        }

        var indexes = Indexes(units, scope).ToHashSet();
        foreach (var index in (named?.Names ?? []).Distinct().Where(name => !indexes.Any(known => NamePattern.Matches(name, known))))
        {
            problems.Add(Missing(index, $"there is no index '{index}' in the collections in scope; {KnownNames.Of(Indexes(spoken, scope), "they have none")}"));
        }
    }

    private static IEnumerable<string> Indexes(IEnumerable<StorageUnit> units, CompactionScope scope) =>
        units.Where(unit => UnitSelection.CoversCollection(scope, unit)).Select(unit => unit.IndexName).OfType<string>();

    private static string Collections(IEnumerable<StorageUnit> units, CompactionScope scope) => KnownNames.Of(
        units.Where(unit => unit.Collection.Length > 0 && NamePattern.AnyMatches(scope.Databases, unit.Database))
            .Select(unit => unit.Home),
        "there is none");

    private static PlanProblem Missing(string subject, string message) => new(FailureCode.NotFound, subject, message);
}
