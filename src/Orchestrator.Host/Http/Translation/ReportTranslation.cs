using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Translation;

/// <summary>From flat inventories to the storage report's tree, with sums at every level.</summary>
internal static class ReportTranslation
{
    public static ReportDto ToDto(this StorageReport report) =>
        new(report.Cluster, report.TakenAt, [.. report.Nodes.Select(ToDto)], report.Missing);

    private static NodeReportDto ToDto(NodeInventory inventory) => new(
        inventory.Node,
        Sum(inventory.Units),
        [.. inventory.Units.Where(unit => unit.Size.Unit is not NodeUnit).GroupBy(unit => unit.Size.Unit.Database, StringComparer.Ordinal).Select(ToDatabase)],
        inventory.TakenAt);

    private static DatabaseReportDto ToDatabase(IGrouping<string, UnitEstimate> database)
    {
        var whole = database.Where(unit => unit.Size.Unit.Collection.Length == 0).ToList();
        var indexes = Indexes(whole);
        return new DatabaseReportDto(
            database.Key,
            Sum(database),
            [.. database.Except(whole).GroupBy(unit => unit.Size.Unit.Collection, StringComparer.Ordinal).Select(ToCollection)])
        {
            Indexes = indexes.Count == 0 ? null : indexes,
            LeftOut = LeftOut(whole),
        };
    }

    private static CollectionReportDto ToCollection(IGrouping<string, UnitEstimate> collection) => new(
        collection.Key,
        Sum(collection),
        Sum(collection.Where(unit => unit.Size.Unit.IndexName is null)),
        Indexes(collection))
    {
        Path = collection.First().Size.Unit.Home,
        LeftOut = LeftOut(collection),
    };

    private static IReadOnlyList<IndexReportDto> Indexes(IEnumerable<UnitEstimate> units) =>
    [
        .. from unit in units
           let index = unit.Size.Unit.IndexName
           where index is not null
           select new IndexReportDto(index, Sum([unit])) { LeftOut = unit.Refusal.NullIfEmpty() },
    ];

    private static string? LeftOut(IEnumerable<UnitEstimate> units) =>
        units.FirstOrDefault(unit => unit.Size.Unit.IndexName is null)?.Refusal.NullIfEmpty();

    private static SizeDto Sum(IEnumerable<UnitEstimate> units)
    {
        long file = 0, live = 0, physical = 0, reclaimable = 0;
        var sampled = false;
        var notes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var unit in units)
        {
            file += unit.Size.FileBytes;
            live += unit.Size.LiveBytes;
            physical += unit.Size.PhysicalBytes;
            reclaimable += unit.BytesFreed;
            sampled |= unit.Sampled;
            notes.UnionWith(unit.Note is { } note ? [note] : []);
        }

        return new SizeDto(file, live, physical, reclaimable, UnitEstimate.FragmentationOf(reclaimable, file))
        {
            Sampled = sampled ? true : null,
            Note = notes.Count == 1 ? notes.Single() : null,
        };
    }
}
