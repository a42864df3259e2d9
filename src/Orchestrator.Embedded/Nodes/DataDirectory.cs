using Orchestrator.Storage;

namespace Orchestrator.Embedded.Nodes;

/// <summary>The directory in which a database node keeps its data.</summary>
public static class DataDirectory
{
    /// <summary>Whether a process uses it: a node has its catalog open from its start to its end.</summary>
    /// <exception cref="UnauthorizedAccessException">This user may not open the files in it.</exception>
    public static bool IsInUse(string path) =>
        new CollectionDirectory(path, CollectionName.Catalog.Database, CollectionName.Catalog.Collection).IsInUse();
}
