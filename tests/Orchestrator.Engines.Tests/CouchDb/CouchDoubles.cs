using Orchestrator.CouchDouble;
using Orchestrator.Engines.CouchDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.Host.Demo;

namespace Orchestrator.Engines.Tests.CouchDb;

/// <summary>Clusters of the double, and drivers for them.</summary>
internal static class CouchDoubles
{
    public const string Cluster = Orchestration.Cluster;
    public const long MiB = 1 << 20;

    /// <summary>Nodes without databases.</summary>
    public static Task<DoubleCluster> Nodes(int count = 3) => DoubleCluster.Start(FreePorts.Find(count));

    /// <summary>Three nodes with one database of one range that is worth compacting, and a system database.</summary>
    public static Task<DoubleCluster> ThreeNodes() => Filled("3.5.0");

    /// <summary>The same of any version; 1.x has one node only.</summary>
    public static async Task<DoubleCluster> Filled(string version)
    {
        var cluster = await Of(version);
        cluster.Create("shop", q: 1, file: 200 * MiB, active: 80 * MiB);
        cluster.Create("_users", q: 1, file: 3 * MiB, active: MiB);
        return cluster;
    }

    /// <summary>Three nodes without databases, with ports of their own for 2.x; one node for 1.x.</summary>
    public static async Task<DoubleCluster> Of(string version)
    {
        var speaks = new DoubleVersion(version);
        var nodes = speaks.IsSingle ? 1 : 3;
        var ports = FreePorts.Find(speaks.HasNodePorts ? 2 * nodes : nodes);
        return await DoubleCluster.Start(version, [.. ports.Take(nodes)], [.. ports.Skip(nodes)]);
    }

    /// <summary>The driver's name of a node: 1.x has none of its own.</summary>
    public static string NameOf(DoubleNode node) => node.Cluster.Speaks.IsSingle ? "couchdb@127.0.0.1" : node.Name;

    public static CouchDbClusterOptions OptionsFor(DoubleCluster cluster) => new()
    {
        Name = Cluster,
        Endpoints = [.. cluster.Nodes.Select(node => node.Address)],
        NodeAddresses = cluster.Speaks.HasNodePorts ? cluster.Nodes.ToDictionary(node => node.Name, node => node.OwnAddress) : new Dictionary<string, Uri>(),
        PollInterval = TimeSpan.FromMilliseconds(20),
        DiscoverInterval = TimeSpan.FromMilliseconds(300),
        ClaimTimeToLive = TimeSpan.FromSeconds(30),
    };

    public static CouchDbCluster Open(DoubleCluster cluster, Func<CouchDbClusterOptions, CouchDbClusterOptions>? adjust = null, string process = "test") =>
        new((adjust ?? (options => options))(OptionsFor(cluster)), process, TimeProvider.System);

    public static Orchestration Orchestrate(
        DoubleCluster cluster,
        Func<CouchDbClusterOptions, CouchDbClusterOptions>? adjust = null,
        Func<Orchestrator.Core.Planning.CompactionPolicy, Orchestrator.Core.Planning.CompactionPolicy>? policy = null) =>
        new(process => Open(cluster, adjust, process), policy);

    /// <summary>Compactions of the node stay at work until the source is completed.</summary>
    public static TaskCompletionSource Hold(this DoubleNode node)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Held = held.Task;
        return held;
    }

    public static DoubleShard Copy(this DoubleNode node, DoubleDatabase database, int range = 0) =>
        node.Shards[database.ShardOf(database.ByRange.Keys.ElementAt(range))];
}
