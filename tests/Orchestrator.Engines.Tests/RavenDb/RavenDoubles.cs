using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.RavenDb;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.RavenDb;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>Clusters of the double, and drivers for them.</summary>
internal static class RavenDoubles
{
    public const string Cluster = Orchestration.Cluster;
    public const long MiB = 1 << 20;

    /// <summary>Three nodes with one database that is worth compacting; A is preferred.</summary>
    public static RavenDoubleCluster ThreeNodes(string version = "6.2")
    {
        var cluster = new RavenDoubleCluster(["A", "B", "C"]) { Version = version };
        Fill(cluster.Add("orders", "A", "B", "C"));
        return cluster;
    }

    public static RavenDoubleDatabase Fill(RavenDoubleDatabase database)
    {
        foreach (var tag in database.Members)
        {
            database.On(tag).Documents = new RavenDoubleFile(200 * MiB, 120 * MiB);
            database.On(tag).Indexes["Orders/ByCompany"] = new RavenDoubleIndex(new RavenDoubleFile(30 * MiB, 0));
        }

        return database;
    }

    public static RavenDbClusterOptions OptionsFor(RavenDoubleCluster cluster) => new()
    {
        Name = Cluster,
        Endpoints = [cluster.Nodes[0].Server.Url],
        PollInterval = TimeSpan.FromMilliseconds(20),
        DiscoverInterval = TimeSpan.FromMilliseconds(500),
    };

    public static Orchestration Orchestrate(RavenDoubleCluster cluster, Func<RavenDbClusterOptions, RavenDbClusterOptions>? adjust = null) =>
        new(_ => Open(cluster, adjust));

    public static RavenDbCluster Open(RavenDoubleCluster cluster, Func<RavenDbClusterOptions, RavenDbClusterOptions>? adjust = null) =>
        new((adjust ?? (options => options))(OptionsFor(cluster)), TimeProvider.System);

    /// <summary>Drivers that know the nodes.</summary>
    public static async Task<RavenDbCluster> Discovered(RavenDoubleCluster cluster, Func<RavenDbClusterOptions, RavenDbClusterOptions>? adjust = null)
    {
        var driver = Open(cluster, adjust);
        await driver.Discover(CancellationToken.None);
        return driver;
    }

    public static CompactionTicket Ticket { get; } = new("run-1", 1, 1);

    public static CompactionSettings Settings { get; } = new(RavenDbCapabilities.Compact, Force: false, 0, "");

    public static async Task<IReadOnlyList<UnitEstimate>> Units(IEngineMember member) =>
        (await member.Inventory(new InventoryRequest(RavenDbCapabilities.Compact, OptionValues.None), CancellationToken.None)).Units;

    /// <summary>To compact units of a member, by the sizes that it tells.</summary>
    public static async Task<JobOrder> Order(IEngineMember member, params IReadOnlyList<StorageUnit> units)
    {
        var present = await Units(member);
        return new JobOrder(Ticket, [.. units.Select(unit => present.Single(found => found.Size.Unit == unit).Size)], Settings);
    }
}
