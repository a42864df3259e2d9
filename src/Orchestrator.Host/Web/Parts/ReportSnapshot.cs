using System.Collections.Concurrent;
using Orchestrator.Core.Topology;

namespace Orchestrator.Host.Web.Parts;

/// <summary>One measurement of a cluster, made ready once for all pages that show it: there may be 100,000 units.</summary>
internal sealed class ReportSnapshot
{
    private const int MaxTiles = 60;
    private const double Aspect = 3.5;

    /// <summary>Name of the tile for what has none of its own.</summary>
    public const string Others = "all others";

    private readonly IReadOnlyList<ReportRow> _rows;
    private readonly HashSet<string> _homes;
    private readonly ConcurrentDictionary<(ReportColumn Column, bool Descending), ReportRow[]> _sorted = new();

    public ReportSnapshot(StorageReport report)
    {
        (TakenAt, Missing, _rows) = (report.TakenAt, report.Missing, ReportRow.Of(report));
        var homes = _rows
            .GroupBy(row => row.Home, StringComparer.Ordinal)
            .Select(home => (Name: home.Key, File: home.Sum(row => row.File), Freed: home.Sum(row => row.Freed)))
            .OrderByDescending(home => home.File)
            .ToList();
        _homes = homes.Select(home => home.Name).ToHashSet(StringComparer.Ordinal);
        var rest = homes.Skip(MaxTiles).ToList();
        var all = homes.Take(MaxTiles).Concat(rest.Count > 0 ? [(Others, rest.Sum(home => home.File), rest.Sum(home => home.Freed))] : []);
        Tiles = Treemap.Of(all, home => home.File, Aspect);
    }

    public DateTimeOffset TakenAt { get; }

    /// <summary>Members that did not answer.</summary>
    public IReadOnlyList<string> Missing { get; }

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Collections and databases by the size of their files.</summary>
    public IReadOnlyList<Tile<(string Name, long File, long Freed)>> Tiles { get; }

    /// <summary>The rows in an order, and of them those with a text: a whole path with its blanks, or words in any order.</summary>
    public ReportRow[] Rows(ReportColumn column, bool descending, string filter)
    {
        var sorted = _sorted.GetOrAdd((column, descending), order => order.Column.Sorted(_rows, order.Descending));
        string[] words = _homes.Contains(filter) ? [filter] : filter.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? sorted : Array.FindAll(sorted, row => Array.TrueForAll(words, row.Has));
    }
}

/// <summary>A column by which a report is sorted.</summary>
/// <param name="Sorted">The rows in its order; the other way round if true.</param>
internal sealed record ReportColumn(string Title, bool IsNumber, Func<IReadOnlyList<ReportRow>, bool, ReportRow[]> Sorted)
{
    public static readonly ReportColumn Reclaimable = By("Reclaimable", true, row => row.Freed);

    public static readonly IReadOnlyList<ReportColumn> All =
    [
        By("Member", false, row => row.Node, StringComparer.Ordinal),
        By("Unit", false, row => row.Path, StringComparer.Ordinal),
        By("File", true, row => row.File),
        By("Live", true, row => row.Live),
        Reclaimable,
        By("Share", true, row => row.Share),
        By("Last compacted", false, row => row.Last?.At),
        By("Grown since", true, row => row.Grown),
    ];

    private static ReportColumn By<T>(string title, bool isNumber, Func<ReportRow, T> key, IComparer<T>? comparer = null) =>
        new(title, isNumber, (rows, descending) => [.. descending ? rows.OrderByDescending(key, comparer) : rows.OrderBy(key, comparer)]);
}
