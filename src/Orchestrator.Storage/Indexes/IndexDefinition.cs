using System.Security.Cryptography;
using System.Text;
using Orchestrator.Storage.Feed;

namespace Orchestrator.Storage.Indexes;

/// <summary>
/// A secondary index: the documents in the order of the value at a path. Documents without a scalar value (null, boolean,
/// number, string) there have no entry.
/// </summary>
public sealed record IndexDefinition
{
    /// <param name="name">See <see cref="CollectionDirectory.IsValidName"/>.</param>
    /// <param name="jsonPath">As <c>$.a.b[0]['c d']</c>; the leading <c>$.</c> may be left out.</param>
    /// <exception cref="ArgumentException">The name or the path is not allowed; the message says which one and where.</exception>
    public IndexDefinition(string name, string jsonPath)
    {
        CollectionDirectory.RequireName("index", name);
        Name = name;
        Path = Indexes.JsonPath.Parse(jsonPath);
    }

    public string Name { get; }

    /// <summary>The path in its normal form.</summary>
    public string JsonPath => Path.ToString();

    internal JsonPath Path { get; }

    internal string FileName
    {
        get
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"1\n{Name}\n{JsonPath}"));
            return $"{Name}-{Convert.ToHexStringLower(hash.AsSpan(0, 6))}.sqlite";
        }
    }

    /// <exception cref="ArgumentException">Two have the same name.</exception>
    internal static void RequireDistinctNames(IReadOnlyList<IndexDefinition> definitions)
    {
        var repeated = definitions.GroupBy(index => index.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (repeated is not null)
        {
            throw new ArgumentException($"There are two indexes of the name '{repeated.Key}'.", nameof(definitions));
        }
    }

    public bool Equals(IndexDefinition? other) => other is not null && Name == other.Name && JsonPath == other.JsonPath;

    public override int GetHashCode() => HashCode.Combine(Name, JsonPath);
}

/// <summary>Which entries of an index to read: those with keys from <see cref="From"/> to <see cref="To"/>, both included.</summary>
/// <param name="From">Null: from the first.</param>
/// <param name="To">Null: to the last.</param>
/// <param name="Limit">Most entries to return, 1 to 10 000.</param>
public sealed record IndexQuery(IndexKey? From, IndexKey? To, int Limit = 100)
{
    /// <summary>Only entries behind this place; null: from the first.</summary>
    public IndexPlace? After { get; init; }

    public static IndexQuery Equal(IndexKey key, int limit = 100) => new(key, key, limit);
}

/// <summary>One entry of an index with its live document. Entries come ordered by key, then by seq.</summary>
public sealed record IndexEntry(IndexKey Key, StoredDocument Document);
