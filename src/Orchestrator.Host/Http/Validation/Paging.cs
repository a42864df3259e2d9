namespace Orchestrator.Host.Http.Validation;

/// <summary>The page of a list that a request asks for: <c>limit</c> entries at most, those that follow <c>after</c>.</summary>
/// <param name="After">What the page before gave as <c>next</c>; empty for the first page.</param>
/// <param name="Limit">Entries at most.</param>
internal sealed record Paging(string After, int Limit)
{
    public const int MaxLimit = 1000;

    /// <summary>For the description of an endpoint.</summary>
    public const string Description = "limit: 1 to 1000, 100 unless given. While the answer has next, there is another page: give it as after.";

    private const int DefaultLimit = 100;

    /// <summary>The whole list, where there are no pages.</summary>
    public static Paging None { get; } = new("", int.MaxValue - 1);

    public static Paging Read(QueryValues query) => new(query.Text("after") ?? "", LimitOf(query));

    public static int LimitOf(QueryValues query) => (int)query.Whole("limit", 1, MaxLimit, DefaultLimit);

    /// <summary>The page of a list, in the order of its entries' names, and where the next one begins (null at the end).</summary>
    public (IReadOnlyList<T> Page, string? Next) Of<T>(IEnumerable<T> all, Func<T, string> name)
    {
        var found = all
            .OrderBy(name, StringComparer.Ordinal)
            .SkipWhile(one => string.CompareOrdinal(name(one), After) <= 0)
            .Take(Limit + 1)
            .ToList();
        return found.Count > Limit ? (found[..Limit], name(found[Limit - 1])) : (found, null);
    }
}
