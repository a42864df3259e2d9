namespace Orchestrator.Core;

/// <summary>The names that an error offers instead of the unknown one.</summary>
public static class KnownNames
{
    private const int MaxSaid = 10;

    /// <summary>For example <c>known: customers, orders</c>, in alphabetical order; of very many the first ones and how many more.</summary>
    /// <param name="names">Each is said once.</param>
    /// <param name="none">What is said where there are none.</param>
    public static string Of(IEnumerable<string> names, string none)
    {
        var known = names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var more = known.Count > MaxSaid ? $" and {known.Count - MaxSaid} more" : "";
        return known.Count == 0 ? none : $"known: {string.Join(", ", known.Take(MaxSaid))}{more}";
    }

    /// <summary>Why there is no cluster of that name.</summary>
    /// <param name="clusters">Names of the configured clusters.</param>
    public static string NoSuchCluster(string name, IEnumerable<string> clusters) => $"there is no cluster '{name}'; {Of(clusters, "none is configured")}";
}
