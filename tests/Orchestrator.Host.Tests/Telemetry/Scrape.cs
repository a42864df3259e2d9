using System.Globalization;

namespace Orchestrator.Host.Tests.Telemetry;

/// <summary>What <c>/metrics</c> answered.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<string, double> _series = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _types = new(StringComparer.Ordinal);

    /// <summary>Type of each family, by name.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public static async Task<Scrape> Of(HttpClient client)
    {
        var scrape = new Scrape();
        foreach (var line in (await client.GetStringAsync("/metrics")).Split('\n').Where(line => line.Length > 0))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal) && line.Split(' ') is [_, _, var name, var type])
            {
                scrape._types[name] = type;
            }
            else if (line[0] != '#')
            {
                var space = line.LastIndexOf(' ');
                scrape._series[Sorted(line[..space])] = double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return scrape;
    }

    /// <summary>All series of a family, as name and labels in order of their names.</summary>
    public IReadOnlyList<string> Series(string name) =>
        [.. _series.Keys.Where(series => series == name || series.StartsWith(name + "{", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <param name="series">For example <c>name{a="1",b="2"}</c>, labels in order of their names.</param>
    /// <returns>Not a number if there is no such series.</returns>
    public double Value(string series) => _series.GetValueOrDefault(series, double.NaN);

    /// <summary>No label of these tests has a comma or a brace in it.</summary>
    private static string Sorted(string series)
    {
        var brace = series.IndexOf('{', StringComparison.Ordinal);
        return brace < 0 || series[brace..] == "{}"
            ? series[..(brace < 0 ? series.Length : brace)]
            : $"{series[..brace]}{{{string.Join(',', series[(brace + 1)..^1].Split(',').Order(StringComparer.Ordinal))}}}";
    }
}
