using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.HttpDoubles.RavenDb;

/// <summary>A RavenDB cluster that answers as servers of 5.x to 7.x do, as far as compaction is concerned; its nodes share one state.</summary>
public sealed class RavenDoubleCluster : IAsyncDisposable
{
    private readonly Lock _lock = new();

    /// <param name="tags">Of its nodes.</param>
    /// <param name="certificate">Of the nodes; null for plain HTTP.</param>
    public RavenDoubleCluster(IReadOnlyList<string> tags, X509Certificate2? certificate = null)
    {
        Leader = tags[0];
        Nodes = [.. tags.Select(tag => new RavenDoubleNode(this, tag, certificate))];
    }

    public IReadOnlyList<RavenDoubleNode> Nodes { get; }

    public ConcurrentDictionary<string, RavenDoubleDatabase> Databases { get; } = new(StringComparer.OrdinalIgnoreCase);

    public string Version { get; set; } = "6.2";

    /// <summary>Tag of the leader; empty for none.</summary>
    public string Leader { get; set; }

    /// <summary>Thumbprints of the client certificates that are accepted; null for every caller.</summary>
    public HashSet<string>? Operators { get; set; }

    public RavenDoubleNode this[string tag] => Nodes.First(node => node.Tag == tag);

    public RavenDoubleDatabase Add(string name, params IReadOnlyList<string> members) => Databases[name] = new RavenDoubleDatabase(name, members);

    /// <summary>Changes something while nodes may be answering.</summary>
    public void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }

    /// <summary>Nodes share the databases and answer one at a time: a change is seen wholly or not at all.</summary>
    internal DoubleAnswer InTurn(Func<DoubleAnswer> answer)
    {
        lock (_lock)
        {
            return answer();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            node.Release();
            await node.DisposeAsync();
        }
    }
}
