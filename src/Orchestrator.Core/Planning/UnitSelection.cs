using System.Runtime.CompilerServices;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs.Checks;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Planning;

/// <summary>Which units of a member are compacted, and in what order.</summary>
internal static class UnitSelection
{
    // A schedule may name thousands of collections, and each unit is looked up; lists do not change.
    private static readonly ConditionalWeakTable<IReadOnlyList<string>, HashSet<string>> Wanted = [];

    /// <summary>Why a unit of the member's own databases is left out.</summary>
    public const string SystemReason = "system collection: compacted only if an administrator names it";

    /// <summary>
    /// The units worth compacting: the database with the largest gain first, in it the collection with the largest gain,
    /// of which the documents come before the indexes. Every other unit goes to <paramref name="skipped"/> with its reason.
    /// </summary>
    /// <param name="estimates">Whether the engine can estimate; if not, every unit in scope is taken.</param>
    public static IReadOnlyList<UnitEstimate> Choose(
        MemberSnapshot member,
        CompactionRequest request,
        CompactionPolicy policy,
        bool estimates,
        List<SkippedUnit> skipped)
    {
        var chosen = new List<UnitEstimate>();
        foreach (var unit in member.Units.Concat(member.SystemUnits.Where(unit => request.Scope.NamesSystem(unit.Size.Unit))))
        {
            var against = ScopeReason(request.Scope, unit.Size.Unit);
            if (against.Length == 0)
            {
                against = estimates ? MemberChecks.ReasonAgainst(unit, request.Options, policy) : unit.Refusal;
            }

            if (against.Length == 0)
            {
                chosen.Add(unit);
            }
            else
            {
                skipped.Add(new SkippedUnit(member.Observation.Node, unit.Size.Unit.Path, against));
            }
        }

        foreach (var unit in member.SystemUnits.Where(unit =>
            !request.Scope.NamesSystem(unit.Size.Unit) && ScopeReason(request.Scope, unit.Size.Unit).Length == 0))
        {
            skipped.Add(new SkippedUnit(member.Observation.Node, unit.Size.Unit.Path, SystemReason));
        }

        return chosen
            .GroupBy(unit => unit.Size.Unit.Database, StringComparer.Ordinal)
            .OrderByDescending(Gain)
            .ThenBy(database => database.Key, StringComparer.Ordinal)
            .SelectMany(database => database
                .GroupBy(unit => unit.Size.Unit.Collection, StringComparer.Ordinal)
                .OrderByDescending(Gain)
                .ThenBy(collection => collection.Key, StringComparer.Ordinal)
                .SelectMany(collection => collection
                    .OrderBy(unit => unit.Size.Unit.IndexName is not null)
                    .ThenByDescending(unit => unit.BytesFreed)
                    .ThenBy(unit => unit.Size.Unit.Path, StringComparer.Ordinal)))
            .ToList();
    }

    /// <summary>What a scope can call the unit's collection or shard range: plain, or with its database.</summary>
    public static IEnumerable<string> NamesOf(StorageUnit unit) => unit.Collection.Length == 0 ? [] : [unit.Collection, unit.Home];

    /// <summary>Whether database and collection are in scope; documents and indexes apart.</summary>
    public static bool CoversCollection(CompactionScope scope, StorageUnit unit) =>
        NamePattern.AnyMatches(scope.Databases, unit.Database)
        && (scope.Collections.Count == 0 || NamesOf(unit).Any(Wanted.GetValue(scope.Collections, names => names.ToHashSet(StringComparer.Ordinal)).Contains));

    /// <summary>Whether the unit is in scope.</summary>
    public static bool Covers(CompactionScope scope, StorageUnit unit) =>
        CoversCollection(scope, unit) && (unit.IndexName is { } index ? scope.Indexes.Covers(index) : scope.Documents);

    private static string ScopeReason(CompactionScope scope, StorageUnit unit) => Covers(scope, unit) ? "" : "not in scope";

    private static long Gain(IEnumerable<UnitEstimate> units) => units.Sum(unit => unit.BytesFreed);
}
