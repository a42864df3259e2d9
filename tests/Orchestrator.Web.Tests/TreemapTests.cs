using Orchestrator.Host.Web.Parts;

namespace Orchestrator.Web.Tests;

/// <summary>Areas of the map of the space.</summary>
public sealed class TreemapTests
{
    [Fact]
    public void Areas_are_as_large_as_their_sizes_and_cover_everything_without_overlapping()
    {
        double[] sizes = [0, 600, 100, 300, 50, 25, 25, 1];

        var tiles = Treemap.Of(sizes, size => size, 3);

        Assert.Equal([600, 300, 100, 50, 25, 25, 1], tiles.Select(tile => tile.Item));
        Assert.All(tiles, tile => Assert.Equal(tile.Item / sizes.Sum(), tile.Width * tile.Height / 10_000, 6));
        Assert.All(tiles, tile => Assert.True(tile is { Left: > -1e-6, Top: > -1e-6 } && tile.Left + tile.Width < 100 + 1e-6 && tile.Top + tile.Height < 100 + 1e-6, $"{tile}"));
        Assert.All(
            tiles.SelectMany((a, i) => tiles.Skip(i + 1).Select(b => (a, b))),
            pair => Assert.True(
                Math.Min(pair.a.Left + pair.a.Width, pair.b.Left + pair.b.Width) - Math.Max(pair.a.Left, pair.b.Left) < 1e-6
                || Math.Min(pair.a.Top + pair.a.Height, pair.b.Top + pair.b.Height) - Math.Max(pair.a.Top, pair.b.Top) < 1e-6,
                $"{pair.a} overlaps {pair.b}"));
    }

    [Fact]
    public void Nothing_has_no_areas() => Assert.Empty(Treemap.Of(new double[] { 0, 0 }, size => size, 3));
}
