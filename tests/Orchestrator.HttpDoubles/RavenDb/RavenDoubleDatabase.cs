using System.Collections.Concurrent;

namespace Orchestrator.HttpDoubles.RavenDb;

/// <summary>A database of the double: its group, and a copy on each node of the group.</summary>
public sealed class RavenDoubleDatabase(string name, IEnumerable<string> members)
{
    private readonly ConcurrentDictionary<string, RavenDoubleCopy> _copies = new();

    public string Name => name;

    public bool IsDisabled { get; set; }

    /// <summary>Whether documents are compressed when they are written, and by a compaction.</summary>
    public bool Compresses { get; set; }

    public List<string> Members { get; } = [.. members];

    public List<string> Promotables { get; } = [];

    public List<string> Rehabs { get; } = [];

    public List<string> PriorityOrder { get; } = [];

    public IEnumerable<string> All => Members.Concat(Promotables).Concat(Rehabs);

    public RavenDoubleCopy On(string tag) => _copies.GetOrAdd(tag, _ => new RavenDoubleCopy());
}

/// <summary>A node's copy of a database.</summary>
public sealed class RavenDoubleCopy
{
    public RavenDoubleFile Documents { get; set; } = new(64 << 10, 0);

    public ConcurrentDictionary<string, RavenDoubleIndex> Indexes { get; } = [];

    public string ChangeVector { get; set; } = "A:120-aXk0, B:90-bQz1";

    /// <summary>Whether the node has it loaded.</summary>
    public bool IsLoaded { get; set; } = true;

    /// <summary>Why it does not load; empty if it does.</summary>
    public string LoadError { get; set; } = "";

    /// <summary>Its documents are being compacted.</summary>
    public bool IsLocked { get; set; }
}

public sealed record RavenDoubleFile(long Bytes, long Free)
{
    public RavenDoubleFile Compacted => new(Bytes - Free, 0);
}

/// <param name="Type">Map, MapReduce, AutoMap, ...</param>
/// <param name="Engine">Lucene or Corax.</param>
public sealed record RavenDoubleIndex(RavenDoubleFile File, string Type = "Map", string Engine = "Lucene");
