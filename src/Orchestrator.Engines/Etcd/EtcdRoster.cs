using System.Collections.Concurrent;
using System.Globalization;

namespace Orchestrator.Engines.Etcd;

/// <summary>What the drivers of one cluster's members tell one another. Safe for use from several threads.</summary>
internal sealed class EtcdRoster(EtcdClusterOptions options, TimeProvider time)
{
    // An applied index that is older says nothing about who is behind now.
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ulong, (ulong Applied, long At)> applied = new();
    private readonly ConcurrentDictionary<ulong, EtcdMemberDriver> nodes = new();
    private ulong clusterId;

    public EtcdClusterOptions Options => options;

    public TimeProvider Time => time;

    /// <summary>The id that the cluster had when it was first seen; 0 before.</summary>
    public ulong ClusterId => Volatile.Read(ref clusterId);

    public IEnumerable<EtcdMemberDriver> Nodes => nodes.Values;

    /// <summary>The first cluster seen is the cluster; true if this is it.</summary>
    public bool IsOurs(ulong id) => Interlocked.CompareExchange(ref clusterId, id, 0) is var known && (known == 0 || known == id);

    public void Add(EtcdMemberDriver node) => nodes[node.Id] = node;

    public void Remove(ulong id)
    {
        nodes.TryRemove(id, out _);
        applied.TryRemove(id, out _);
    }

    public EtcdMemberDriver? Find(ulong id) => nodes.GetValueOrDefault(id);

    /// <summary>Name of a member, or its id as etcd writes it; empty for 0.</summary>
    public string NameOf(ulong id) => id == 0 ? "" : Find(id)?.Name ?? Hex(id);

    public static string Hex(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Takes down how far a member is and gives how many entries it is behind the most advanced one.</summary>
    public long LagOf(ulong id, ulong index)
    {
        var now = time.GetTimestamp();
        applied[id] = (index, now);
        var most = applied.Values
            .Where(other => time.GetElapsedTime(other.At, now) <= Memory)
            .Select(other => other.Applied)
            .DefaultIfEmpty(index)
            .Max();
        return most > index ? (long)Math.Min(most - index, long.MaxValue) : 0;
    }
}
