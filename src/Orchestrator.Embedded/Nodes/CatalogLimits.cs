using Orchestrator.Core.Nodes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>How many collections and indexes there may be: each costs every member open files and memory, also when it is empty.</summary>
internal static class CatalogLimits
{
    /// <summary>Why no further collection is created; null if one may be.</summary>
    /// <param name="creating">Those that are about to be there.</param>
    public static OrderRefused? Refusal(NodeOptions options, CatalogContents catalog, int creating) =>
        catalog.Collections.Count + creating < options.MaxCollections
            ? null
            : Refused($"there are {options.MaxCollections} collections, as many as orchestrator.node.max-collections allows; drop one");

    /// <summary>Why no further index is defined; null if one may be.</summary>
    public static OrderRefused? Refusal(NodeOptions options, CatalogContents catalog, CollectionName name, PutIndex put) =>
        catalog.Collections.GetValueOrDefault(name)?.Indexes is { } present
        && present.Count >= options.MaxIndexes
        && present.All(index => index.Name != put.Name)
            ? Refused($"{name} has {options.MaxIndexes} indexes, as many as orchestrator.node.max-indexes allows; remove one")
            : null;

    private static OrderRefused Refused(string reason) => new(RefusalCode.WrongState, $"{reason}, or raise the setting on every member");
}
