using System.Text.Json.Serialization;

namespace Orchestrator.Core.Topology;

/// <summary>How far a member has one collection's change feed on disk.</summary>
/// <param name="Database">Name of the database.</param>
/// <param name="Collection">Name of the collection.</param>
/// <param name="Term">Term of the last change; 0 for an empty feed.</param>
/// <param name="Sequence">Sequence number of the last change; 0 for an empty feed.</param>
public sealed record FeedPosition(string Database, string Collection, long Term, long Sequence)
    : IComparable<FeedPosition>
{
    /// <summary>Database of the catalog, the collection that lists all others.</summary>
    public const string CatalogDatabase = "_system";

    /// <summary>Name of the catalog's collection.</summary>
    public const string CatalogCollection = "catalog";

    /// <summary>Whether this is the catalog's.</summary>
    [JsonIgnore]
    public bool IsOfCatalog => Database == CatalogDatabase && Collection == CatalogCollection;

    /// <summary>Order within one collection: the higher term is ahead, then the higher sequence number.</summary>
    public int CompareTo(FeedPosition? other) =>
        other is null ? 1 : (Term, Sequence).CompareTo((other.Term, other.Sequence));
}
