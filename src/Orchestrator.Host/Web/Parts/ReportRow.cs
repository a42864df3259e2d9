using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Translation;

namespace Orchestrator.Host.Web.Parts;

/// <summary>A storage unit on one member.</summary>
/// <param name="Last">Its last compaction; null if none is remembered.</param>
internal sealed record ReportRow(string Node, UnitEstimate Estimate, LastCompaction? Last = null)
{
    public string Path => Estimate.Size.Unit.Path;

    /// <summary>What it is, whenever it is measured.</summary>
    public (string Node, StorageUnit Unit) Key => (Node, Estimate.Size.Unit);

    /// <summary>The collection, shard range or database that it belongs to; the member where that is the smallest thing.</summary>
    public string Home => Estimate.Size.Unit.Home is { Length: > 0 } home ? home : Node;

    public long File => Estimate.Size.FileBytes;

    public long Live => Estimate.Size.LiveBytes;

    /// <summary>What its engine tells beside the sizes that all engines have; null for nothing.</summary>
    public string? Told => string.Join(
        "; ",
        new[]
        {
            Estimate.Size.ExternalBytes is { } bytes ? $"{Human.Bytes(bytes)} uncompressed" : "",
            Estimate.Size.StaleIndexes is { } count and > 0 ? Human.Count(count, "stale index", "stale indexes") : "",
        }.Where(text => text.Length > 0)).NullIfEmpty();

    public long Freed => Estimate.BytesFreed;

    public double Share => Estimate.Fragmentation;

    /// <summary>What its files grew by since; null where that is not known.</summary>
    public long? Grown => Last?.BytesGrown;

    public bool Has(string text) =>
        Path.Contains(text, StringComparison.OrdinalIgnoreCase) || Node.Contains(text, StringComparison.OrdinalIgnoreCase);

    public static IReadOnlyList<ReportRow> Of(StorageReport report)
    {
        var last = report.LastCompactions.ToDictionary(unit => (unit.Node, unit.Unit), unit => unit.Last);
        return [.. report.Nodes.SelectMany(node => node.Units.Select(unit => new ReportRow(node.Node, unit, last.GetValueOrDefault((node.Node, unit.Size.Unit)))))];
    }

    /// <summary>Address of the plan for some rows of a cluster.</summary>
    public static string PlanAddress(string cluster, IReadOnlyList<ReportRow> rows)
    {
        var query = new List<(string Name, string Value)>();
        var units = rows.Select(row => row.Estimate.Size.Unit).ToList();
        query.AddRange(units.Where(unit => unit.Collection.Length > 0).Select(unit => ("collection", unit.Home)).Distinct());
        query.AddRange(units.Where(unit => unit is { Collection.Length: 0, Database.Length: > 0 }).Select(unit => ("database", unit.Database)).Distinct());
        if (units.Exists(unit => unit is NodeUnit))
        {
            query.AddRange(rows.Where(row => row.Estimate.Size.Unit is NodeUnit).Select(row => ("node", row.Node)).Distinct());
        }

        if (units.Count > 0 && units.TrueForAll(unit => unit.IndexName is not null))
        {
            query.AddRange(units.Select(unit => ("index", unit.IndexName!)).Distinct());
        }

        var text = string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        return $"/plan/{Uri.EscapeDataString(cluster)}{(text.Length > 0 ? "?" + text : "")}";
    }
}
