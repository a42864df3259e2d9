using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From flat inventories to the storage report's tree, with sums at every level.</summary>
internal static class ReportTranslation
{
    public static ReportDto ToDto(this StorageReport report)
    {
        var compactions = report.LastCompactions.ToLookup(unit => unit.Node, StringComparer.Ordinal);
        return new ReportDto(report.Cluster, report.TakenAt, [.. report.Nodes.Select(node => new NodeTree(node, compactions[node.Node]).ToDto())], report.Missing)
        {
            Databases = report.Nodes.Any(node => node.Units.Any(unit => unit.Size.ExternalBytes is not null || unit.Size.StaleIndexes is not null)) ? Totals(report) : null,
        };
    }

    private static IReadOnlyList<DatabaseTotalDto> Totals(StorageReport report) =>
    [
        .. report.Nodes
            .SelectMany(node => node.Units)
            .GroupBy(unit => unit.Size.Unit.Database, StringComparer.Ordinal)
            .OrderBy(database => database.Key, StringComparer.Ordinal)
            .Select(database =>
            {
                var views = database.Where(unit => unit.Size.Unit.IndexName is not null).ToList();
                var data = database.Where(unit => unit.Size.Unit.IndexName is null).ToList();
                return new DatabaseTotalDto(
                    database.Key, data.Count, Sum(data), views.Select(view => view.Size.Unit.IndexName).Distinct(StringComparer.Ordinal).Count(), Sum(views));
            }),
    ];

    /// <summary>The tree of one member.</summary>
    private sealed class NodeTree(NodeInventory inventory, IEnumerable<UnitLastCompaction> compactions)
    {
        private readonly Dictionary<StorageUnit, LastCompaction> _compactions = compactions.ToDictionary(unit => unit.Unit, unit => unit.Last);

        public NodeReportDto ToDto() => new(
            inventory.Node,
            Sum(inventory.Units),
            [.. inventory.Units.Where(unit => unit.Size.Unit is not NodeUnit).GroupBy(unit => unit.Size.Unit.Database, StringComparer.Ordinal).Select(ToDatabase)],
            inventory.TakenAt)
        {
            LastCompaction = Last(inventory.Units.FirstOrDefault(unit => unit.Size.Unit is NodeUnit)),
        };

        private DatabaseReportDto ToDatabase(IGrouping<string, UnitEstimate> database)
        {
            var whole = database.Where(unit => unit.Size.Unit.Collection.Length == 0).ToList();
            var indexes = Indexes(whole);
            var data = Data(whole);
            return new DatabaseReportDto(
                database.Key,
                Sum(database),
                [.. database.Except(whole).GroupBy(unit => unit.Size.Unit.Collection, StringComparer.Ordinal).Select(ToCollection)])
            {
                Indexes = indexes.Count == 0 ? null : indexes,
                LeftOut = data?.Refusal.NullIfEmpty(),
                LastCompaction = Last(data),
            };
        }

        private CollectionReportDto ToCollection(IGrouping<string, UnitEstimate> collection)
        {
            var data = Data(collection);
            return new CollectionReportDto(
                collection.Key,
                Sum(collection),
                Sum(collection.Where(unit => unit.Size.Unit.IndexName is null)),
                Indexes(collection))
            {
                Path = collection.First().Size.Unit.Home,
                LeftOut = data?.Refusal.NullIfEmpty(),
                LastCompaction = Last(data),
            };
        }

        private IReadOnlyList<IndexReportDto> Indexes(IEnumerable<UnitEstimate> units) =>
        [
            .. from unit in units
               let index = unit.Size.Unit.IndexName
               where index is not null
               select new IndexReportDto(index, Sum([unit])) { LeftOut = unit.Refusal.NullIfEmpty(), LastCompaction = Last(unit) },
        ];

        private LastCompactionDto? Last(UnitEstimate? unit) =>
            unit is not null && _compactions.TryGetValue(unit.Size.Unit, out var last) ? last.ToDto() : null;
    }

    /// <summary>What is not an index.</summary>
    private static UnitEstimate? Data(IEnumerable<UnitEstimate> units) => units.FirstOrDefault(unit => unit.Size.Unit.IndexName is null);

    private static SizeDto Sum(IEnumerable<UnitEstimate> units)
    {
        long file = 0, live = 0, physical = 0, reclaimable = 0;
        long? external = null;
        int? stale = null;
        var sampled = false;
        var notes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var unit in units)
        {
            file += unit.Size.FileBytes;
            live += unit.Size.LiveBytes;
            physical += unit.Size.PhysicalBytes;
            reclaimable += unit.BytesFreed;
            external = unit.Size.ExternalBytes is { } more ? (external ?? 0) + more : external;
            stale = unit.Size.StaleIndexes is { } count ? (stale ?? 0) + count : stale;
            sampled |= unit.Sampled;
            if (unit.Note is { } note)
            {
                notes.Add(note);
            }
        }

        return new SizeDto(file, live, physical, reclaimable, UnitEstimate.FragmentationOf(reclaimable, file))
        {
            Sampled = sampled ? true : null,
            ExternalBytes = external,
            StaleIndexes = stale,
            Note = notes.Count == 1 ? notes.Single() : null,
        };
    }
}
