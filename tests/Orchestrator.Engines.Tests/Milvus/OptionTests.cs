using Orchestrator.Core.Engines;
using Orchestrator.Engines.Milvus;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.Milvus;
using static Orchestrator.Engines.Tests.Milvus.MilvusDoubles;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>Options that Milvus takes by gRPC only.</summary>
public sealed class OptionTests
{
    private static readonly OptionValues All = OptionValues.None
        .With(MilvusCapabilities.Partition, "autumn")
        .With(MilvusCapabilities.Channel, "by-dev-rootcoord-dml_0v0")
        .With(MilvusCapabilities.Segments, "461000000000000901, 461000000000000902");

    [Fact]
    public async Task Partition_channel_and_segments_reach_Milvus_by_gRPC()
    {
        await using var milvus = OneCollection();
        await using var driver = OpenGrpc(milvus);

        var done = Assert.IsType<JobStatus.Succeeded>(await Run(driver, await OrderWith(driver, All)));

        Assert.Equal(["default/book 461000000000000777 by-dev-rootcoord-dml_0v0 461000000000000901,461000000000000902  0"], milvus.Orders);
        Assert.Equal(100_000 * 1024L, done.Units.Sum(unit => unit.BytesFreed));
        Assert.DoesNotContain(milvus.Server.Asked, request => request.Path.EndsWith("/compact", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Level_0_and_a_target_size_reach_Milvus_by_gRPC()
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].IsHeldByBackground = true;
        await using var driver = OpenGrpc(milvus, options => options with { ScheduleRetries = 0 });

        await Run(driver, await OrderWith(driver, OptionValues.None.With(MilvusCapabilities.L0, true)));
        await Run(driver, await OrderWith(driver, OptionValues.None.With(MilvusCapabilities.TargetSize, 2048L)));

        Assert.Equal(["default/book 0   l0 0", "default/book 0    2048"], milvus.Orders);
    }

    [Fact]
    public async Task Clustering_within_a_partition_reaches_Milvus_by_gRPC()
    {
        await using var milvus = OneCollection();
        await using var driver = OpenGrpc(milvus);
        var options = OptionValues.None.With(MilvusCapabilities.Clustering, true).With(MilvusCapabilities.Partition, "autumn");

        Assert.IsType<JobStatus.Succeeded>(await Run(driver, await OrderWith(driver, options)));

        Assert.Equal(["default/book 461000000000000777   clustering 0"], milvus.Orders);
    }

    [Fact]
    public async Task Clustering_alone_reaches_Milvus_by_REST_and_a_collection_without_a_clustering_key_is_told()
    {
        await using var milvus = OneCollection();
        await using var driver = OpenGrpc(milvus);

        Assert.Contains("leave the option clustering out", await Refused(driver, OptionValues.None.With(MilvusCapabilities.Clustering, true)));

        Assert.Contains(milvus.Server.Asked, request => request.Body.Contains("\"isClustering\":true", StringComparison.Ordinal));
        Assert.Equal((0, 0), (milvus.Orders.Count, milvus.Started));
    }

    [Fact]
    public async Task What_is_never_scheduled_by_gRPC_is_told_and_is_no_failure()
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].IsHeldByBackground = true;
        await using var driver = OpenGrpc(milvus, options => options with { ScheduleRetries = 1 });

        var done = Assert.IsType<JobStatus.Succeeded>(await Run(driver, await OrderWith(driver, OptionValues.None.With(MilvusCapabilities.L0, true))));

        Assert.Equal("nothing was scheduled: background compaction holds the segments, or there is nothing to do (default/book)", done.Judged);
        Assert.Equal((2, 0), (milvus.Orders.Count, milvus.Started));
    }

    [Fact]
    public async Task A_refusal_by_gRPC_is_told_with_its_code_and_the_remedy()
    {
        await using var milvus = OneCollection();
        milvus.GrpcRefusal = (2, "compaction disabled");
        await using var driver = OpenGrpc(milvus);

        var told = await Refused(driver, OptionValues.None.With(MilvusCapabilities.L0, true));

        Assert.Contains("Milvus answers 'compaction disabled' (code 2); is dataCoord.enableCompaction off?", told);
        Assert.Equal((1, 0), (milvus.Orders.Count, milvus.Started));
    }

    [Fact]
    public async Task A_partition_that_is_not_there_is_told_and_nothing_is_ordered()
    {
        await using var milvus = OneCollection();
        await using var driver = OpenGrpc(milvus);

        Assert.Equal("default/book has no partition spring; it has _default, autumn", await Refused(driver, OptionValues.None.With(MilvusCapabilities.Partition, "spring")));
        Assert.Empty(milvus.Orders);
    }

    [Fact]
    public async Task A_compaction_that_is_at_work_is_waited_for_by_gRPC_too()
    {
        await using var milvus = OneCollection();
        milvus.GrpcRefusal = (2305, "collection is compacting");
        await using var driver = OpenGrpc(milvus);

        Assert.IsType<JobStatus.Succeeded>(await Run(driver, await OrderWith(driver, OptionValues.None.With(MilvusCapabilities.Partition, "autumn"))));

        Assert.Equal((2, 1), (milvus.Orders.Count, milvus.Started));
    }

    [Theory]
    [InlineData(MilvusCapabilities.Segments, "12,x", "segments must be ids of segments with commas between them, and 'x' is none")]
    [InlineData(MilvusCapabilities.Segments, "-1", "segments must be ids of segments with commas between them, and '-1' is none")]
    [InlineData(MilvusCapabilities.Partition, " ", "partition must not be empty: leave it out for all")]
    public async Task A_value_that_is_none_is_refused(string option, string value, string reason)
    {
        await using var milvus = OneCollection();
        await using var driver = OpenGrpc(milvus);

        Assert.Equal(reason, await Refused(driver, OptionValues.None.With(option, value)));
        Assert.Empty(milvus.Orders);
    }

    [Fact]
    public async Task Options_that_do_not_go_together_are_refused()
    {
        await using var milvus = OneCollection();
        await using var driver = OpenGrpc(milvus);

        Assert.Contains("clustering and l0", await Refused(driver, OptionValues.None.With(MilvusCapabilities.L0, true).With(MilvusCapabilities.Clustering, true)));
        Assert.Contains("targetSizeMB does not go with l0", await Refused(driver, OptionValues.None.With(MilvusCapabilities.L0, true).With(MilvusCapabilities.TargetSize, 10L)));
        milvus.Collections.Add(new MilvusDoubleCollection("default", "film", 1000, 500));
        Assert.Contains("channel belongs to one collection, and the run has 2", await Refused(driver, OptionValues.None.With(MilvusCapabilities.Channel, "c")));
        Assert.Empty(milvus.Orders);
    }

    [Theory]
    [InlineData("v2.5.4", "Milvus 2.5.4 does not have it; 2.6 and later do", "Milvus 2.5.4 does not have it; 3.0 and later do")]
    [InlineData("2.6.3", "", "Milvus 2.6.3 does not have it; 3.0 and later do")]
    [InlineData("3.0-beta", "", "")]
    [InlineData("master-20260105", "Milvus master-20260105 does not have it; 2.6 and later do", "Milvus master-20260105 does not have it; 3.0 and later do")]
    public async Task What_a_version_does_not_have_is_refused_with_the_reason(string version, string l0, string targetSize)
    {
        await using var milvus = OneCollection();
        milvus.Version = version;
        await using var driver = OpenGrpc(milvus);

        var can = (await driver.Member("milvus").Observe(CancellationToken.None)).Capabilities;

        Assert.Equal((l0, targetSize), (RefusalOf(can, MilvusCapabilities.L0), RefusalOf(can, MilvusCapabilities.TargetSize)));
    }

    [Fact]
    public async Task Without_gRPC_and_on_the_management_port_they_are_refused_with_the_reason()
    {
        await using var milvus = OneCollection();
        await using var rest = Open(milvus);
        await using var managed = Open(milvus, options => options with { Management = milvus.Management.Url });

        var byRest = (await rest.Member("milvus").Observe(CancellationToken.None)).Capabilities;
        var byPort = (await managed.Member("milvus").Observe(CancellationToken.None)).Capabilities;

        Assert.Contains("gRPC does not answer", RefusalOf(byRest, MilvusCapabilities.Partition));
        Assert.Equal("", RefusalOf(byRest, MilvusCapabilities.Clustering));
        Assert.Contains("clusters.kube.management", RefusalOf(byPort, MilvusCapabilities.Clustering));
        Assert.Equal("", RefusalOf(byPort, MilvusCapabilities.Flush));
    }

    [Fact]
    public async Task Two_orchestrators_that_order_at_the_same_time_start_one_compaction()
    {
        await using var milvus = OneCollection();
        await using var one = Open(milvus);
        await using var other = Open(milvus);
        var order = await MilvusDoubles.Order(one);
        milvus.Hold();

        var first = await one.Member("milvus").Start(order, CancellationToken.None);
        var second = await other.Member("milvus").Start(order, CancellationToken.None);
        milvus.Release();

        Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(one.Member("milvus"), order, first));
        Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(other.Member("milvus"), order, second));
        Assert.Equal(1, milvus.Started);
    }

    private static string RefusalOf(EngineCapabilities can, string option) => can.Options.Single(declared => declared.Name == option).Refusal;

    private static async Task<string> Refused(MilvusCluster driver, OptionValues options)
    {
        var order = await OrderWith(driver, options);
        return (await Assert.ThrowsAsync<EngineException>(() => driver.Member("milvus").Start(order, CancellationToken.None))).Message;
    }

    private static async Task<JobOrder> OrderWith(MilvusCluster driver, OptionValues options)
    {
        var order = await MilvusDoubles.Order(driver);
        return order with { Settings = order.Settings with { EngineOptions = options } };
    }
}
