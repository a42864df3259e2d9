using System.Globalization;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>Reads lists that come in pages.</summary>
internal static class Pages
{
    /// <summary>The entries of all pages.</summary>
    /// <param name="read">Reads the page of a query; null as next ends the list.</param>
    /// <param name="most">Entries at most.</param>
    public static async Task<IReadOnlyList<T>> All<T>(Func<string, Task<(IReadOnlyList<T> Page, string? Next)>> read, int most = int.MaxValue)
    {
        var all = new List<T>();
        for (var after = ""; after is not null && all.Count < most;)
        {
            var limit = Math.Min(most - all.Count, Paging.MaxLimit);
            (var page, after) = await read(string.Create(
                CultureInfo.InvariantCulture, $"?limit={limit}{(after.Length == 0 ? "" : $"&after={Uri.EscapeDataString(after)}")}"));
            all.AddRange(page);
        }

        return all;
    }
}
