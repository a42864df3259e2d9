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

    public static Orchestration Orchestrate(MilvusDouble milvus, Func<MilvusClusterOptions, MilvusClusterOptions>? adjust = null) =>
        new(_ => Open(milvus, adjust));
}
