using Orchestrator.Storage.Indexes;

namespace Orchestrator.Storage;

/// <summary>What the catalog says about a collection.</summary>
/// <param name="Indexes">The secondary indexes to maintain; names are unique, ignoring case.</param>
public sealed record CollectionSettings(IReadOnlyList<IndexDefinition> Indexes)
{
    /// <summary>No secondary index.</summary>
    public static CollectionSettings Default { get; } = new([]);
}
