using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Engines.Milvus;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.Milvus;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>Clusters of the double, and drivers for them.</summary>
internal static class MilvusDoubles
{
    public const string Cluster = Orchestration.Cluster;

    /// <summary>One collection; its rows take 1 KiB each.</summary>
    public static MilvusDouble OneCollection()
    {
        var milvus = new MilvusDouble();
        milvus.Collections.Add(new MilvusDoubleCollection("default", "book", 400_000, 100_000));
        return milvus;
    }

    public static MilvusClusterOptions OptionsFor(MilvusDouble milvus) => new()
    {
        Name = Cluster,
        Endpoints = [milvus.Server.Url],
        PollInterval = TimeSpan.FromMilliseconds(20),
        ScheduleRetryPause = TimeSpan.FromMilliseconds(50),
        DiscoverInterval = TimeSpan.FromMilliseconds(500),
    };

    public static MilvusCluster Open(MilvusDouble milvus, Func<MilvusClusterOptions, MilvusClusterOptions>? adjust = null) =>
        new((adjust ?? (options => options))(OptionsFor(milvus)), TimeProvider.System);

    public static MilvusCluster OpenGrpc(MilvusDouble milvus, Func<MilvusClusterOptions, MilvusClusterOptions>? adjust = null)
    {
        var url = milvus.OpenGrpc();
        return Open(milvus, options => (adjust ?? (same => same))(options with { Endpoints = [url] }));
    }

    public static Orchestration Orchestrate(MilvusDouble milvus, Func<MilvusClusterOptions, MilvusClusterOptions>? adjust = null) =>
        new(_ => Open(milvus, adjust));

    public static CompactionTicket Ticket { get; } = new("run-1", 1, 1);

    public static CompactionSettings Settings { get; } = new(MilvusCapabilities.Compact, Force: false, 0, "");

    public static async Task<IReadOnlyList<UnitEstimate>> Units(MilvusCluster driver) =>
        (await driver.Member("milvus").Inventory(new InventoryRequest(MilvusCapabilities.Compact, OptionValues.None), CancellationToken.None)).Units;

    /// <summary>To compact all that the cluster has.</summary>
    public static async Task<JobOrder> Order(MilvusCluster driver) => new(Ticket, [.. (await Units(driver)).Select(unit => unit.Size)], Settings);

    /// <summary>Carries an order out, or that to compact all.</summary>
    public static async Task<JobStatus> Run(MilvusCluster driver, JobOrder? order = null)
    {
        order ??= await Order(driver);
        var member = driver.Member("milvus");
        return await Wait.Ended(member, order, await member.Start(order, CancellationToken.None));
    }
}
