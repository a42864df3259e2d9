using System.Text.Json.Serialization;

namespace Orchestrator.Core.Topology;

/// <summary>Databases that a node keeps for itself; administrators alone may see and maintain them.</summary>
public static class SystemDatabases
{
    /// <summary>Whether a database is one of them: its name begins with <c>_</c>.</summary>
    public static bool Contains(string database) => database.StartsWith('_');

    /// <summary>Whether a collection's name, plain or with its database, names a database of them.</summary>
    public static bool ContainsCollection(string name) => name.AsSpan().ContainsAny('/', '@') && Contains(name);
}

/// <summary>What can be compacted by itself on one node.</summary>
/// <param name="Database">Name of the database; empty where the unit is the whole node.</param>
/// <param name="Collection">Name of the collection, or of the shard range; empty where the unit is larger than one.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DocumentsUnit), "documents")]
[JsonDerivedType(typeof(IndexUnit), "index")]
[JsonDerivedType(typeof(DatabaseUnit), "database")]
[JsonDerivedType(typeof(NodeUnit), "node")]
[JsonDerivedType(typeof(ShardUnit), "shard")]
[JsonDerivedType(typeof(ViewUnit), "view")]
public abstract record StorageUnit(string Database, string Collection)
{
    /// <summary>The unit as people write it: <c>database/collection</c> or <c>database/collection#index</c>.</summary>
    [JsonIgnore]
    public abstract string Path { get; }

    /// <summary>The collection, shard range or database that it belongs to, as people write it; empty for a whole node.</summary>
    [JsonIgnore]
    public virtual string Home => Collection.Length == 0 ? Database : $"{Database}/{Collection}";

    /// <summary>Name of the index or view, which can be built again from the data; null where the unit is the data itself.</summary>
    [JsonIgnore]
    public virtual string? IndexName => null;

    public sealed override string ToString() => Path;
}

/// <summary>The documents of one collection.</summary>
public sealed record DocumentsUnit(string Database, string Collection) : StorageUnit(Database, Collection)
{
    [JsonIgnore]
    public override string Path => Home;
}

/// <summary>One secondary index of a collection, which has a file of its own.</summary>
public sealed record IndexUnit(string Database, string Collection, string Index) : StorageUnit(Database, Collection)
{
    [JsonIgnore]
    public override string Path => $"{Home}#{Index}";

    [JsonIgnore]
    public override string? IndexName => Index;
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

/// <summary>A member's copy of one shard of a database, of engines that split databases by ranges of keys. Names of databases may hold slashes.</summary>
/// <param name="Range">For example <c>00000000-7fffffff</c>.</param>
public sealed record ShardUnit(string Database, string Range) : StorageUnit(Database, Range)
{
    [JsonIgnore]
    public override string Path => Home;

    [JsonIgnore]
    public override string Home => $"{Database}@{Range}";
}

/// <summary>A view or index that belongs to a database, or to a member's copy of one of its shards, and has files of its own.</summary>
/// <param name="Range">The shard; empty where the view is of the whole database.</param>
public sealed record ViewUnit(string Database, string Range, string View) : StorageUnit(Database, Range)
{
    [JsonIgnore]
    public override string Path => $"{Home}#{View}";

    [JsonIgnore]
    public override string Home => Range.Length == 0 ? Database : $"{Database}@{Range}";

    [JsonIgnore]
    public override string? IndexName => View;
}
