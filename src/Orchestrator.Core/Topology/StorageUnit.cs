using System.Text.Json.Serialization;

namespace Orchestrator.Core.Topology;

/// <summary>Databases that a node keeps for itself; administrators alone may see and maintain them.</summary>
public static class SystemDatabases
{
    /// <summary>Whether a database is one of them: its name begins with <c>_</c>.</summary>
    public static bool Contains(string database) => database.StartsWith('_');

    /// <summary>Whether a collection's name, plain or as <c>database/collection</c>, names a database of them.</summary>
    public static bool ContainsCollection(string name) => name.Contains('/', StringComparison.Ordinal) && Contains(name);
}

/// <summary>What can be compacted by itself on one node.</summary>
/// <param name="Database">Name of the database; empty where the unit is the whole node.</param>
/// <param name="Collection">Name of the collection; empty where the unit is larger than one.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DocumentsUnit), "documents")]
[JsonDerivedType(typeof(IndexUnit), "index")]
[JsonDerivedType(typeof(DatabaseUnit), "database")]
[JsonDerivedType(typeof(NodeUnit), "node")]
public abstract record StorageUnit(string Database, string Collection)
{
    /// <summary>The unit as people write it: <c>database/collection</c> or <c>database/collection#index</c>.</summary>
    [JsonIgnore]
    public abstract string Path { get; }

    public sealed override string ToString() => Path;
}

/// <summary>The documents of one collection.</summary>
public sealed record DocumentsUnit(string Database, string Collection) : StorageUnit(Database, Collection)
{
    [JsonIgnore]
    public override string Path => $"{Database}/{Collection}";
}

/// <summary>One secondary index of a collection, which has a file of its own.</summary>
public sealed record IndexUnit(string Database, string Collection, string Index) : StorageUnit(Database, Collection)
{
    [JsonIgnore]
    public override string Path => $"{Database}/{Collection}#{Index}";
}

/// <summary>A whole database, of engines that compact nothing smaller.</summary>
public sealed record DatabaseUnit(string Database) : StorageUnit(Database, "")
{
    [JsonIgnore]
    public override string Path => Database;
}

/// <summary>All that a node stores, of engines that compact nothing smaller.</summary>
public sealed record NodeUnit() : StorageUnit("", "")
{
    [JsonIgnore]
    public override string Path => "*";
}
