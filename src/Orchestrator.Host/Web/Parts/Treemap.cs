namespace Orchestrator.Host.Web.Parts;

/// <summary>A rectangle of a treemap, in percent of its width and height.</summary>
internal sealed record Tile<T>(T Item, double Left, double Top, double Width, double Height);

/// <summary>Lays out a squarified treemap (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000): areas by size, nearly square.</summary>
internal static class Treemap
{
    /// <param name="items">The larger ones come first in the result; those without a size are left out.</param>
    /// <param name="aspect">Width of the whole divided by its height.</param>
    public static IReadOnlyList<Tile<T>> Of<T>(IEnumerable<T> items, Func<T, double> size, double aspect)
    {
        var rest = new Queue<(T Item, double Size)>(items.Select(item => (item, size(item))).Where(item => item.Item2 > 0).OrderByDescending(item => item.Item2));
        var total = rest.Sum(item => item.Size);
        var tiles = new List<Tile<T>>(rest.Count);
        var (left, top, width, height) = (0.0, 0.0, aspect, 1.0);
        var scale = total > 0 ? aspect / total : 0;
        while (rest.Count > 0)
        {
            var side = Math.Min(width, height);
            var row = new List<(T Item, double Area)> { Take() };
            while (rest.TryPeek(out var next) && Worst([.. row.Select(item => item.Area), next.Size * scale], side) <= Worst([.. row.Select(item => item.Area)], side))
            {
                row.Add(Take());
            }

            // The row fills the shorter side of what is left.
            var depth = row.Sum(item => item.Area) / side;
            var along = 0.0;
            foreach (var (item, area) in row)
            {
                var length = area / depth;
                tiles.Add(width >= height
                    ? Tile(item, left, top + along, depth, length)
                    : Tile(item, left + along, top, length, depth));
                along += length;
            }

            (left, top, width, height) = width >= height ? (left + depth, top, width - depth, height) : (left, top + depth, width, height - depth);
        }

        return tiles;

        (T Item, double Area) Take()
        {
            var (item, itemSize) = rest.Dequeue();
            return (item, itemSize * scale);
        }

        Tile<T> Tile(T item, double x, double y, double w, double h) => new(item, 100 * x / aspect, 100 * y, 100 * w / aspect, 100 * h);
    }

    /// <summary>The worst ratio of sides in a row.</summary>
    private static double Worst(double[] areas, double side)
    {
        var sum = areas.Sum();
        return Math.Max(side * side * areas.Max() / (sum * sum), sum * sum / (side * side * areas.Min()));
    }
}
