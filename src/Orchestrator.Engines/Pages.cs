using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>Lists that a server gives page by page. One that gives the same page again and again, or never comes to an end, is not read for ever.</summary>
internal static class Pages
{
    private const int Most = 1_000_000;

    /// <param name="server">What messages call it.</param>
    /// <param name="size">Items of a full page; another page may follow only that.</param>
    /// <param name="nameOf">What tells one item from another; what comes twice counts once.</param>
    /// <param name="next">Asks for the page after so many items, of which those are known.</param>
    /// <exception cref="EngineException">The pages bring nothing new.</exception>
    public static async Task<IReadOnlyList<T>> Read<T>(string server, int size, Func<T, string> nameOf, Func<int, IReadOnlyList<T>, Task<IReadOnlyList<T>>> next)
    {
        var all = new List<T>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var asked = 0; ; asked += size)
        {
            var page = await next(asked, all).ConfigureAwait(false);
            var before = all.Count;
            all.AddRange(page.Where(item => known.Add(nameOf(item))));
            if (page.Count != size)
            {
                return all;
            }

            if (all.Count == before || all.Count > Most)
            {
                throw new EngineException(EngineFault.Misconfigured, $"{server} gives a list of databases that does not end; is something else between it and the orchestrator?");
            }
        }
    }
}
