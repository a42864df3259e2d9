using Orchestrator.Core.Engines;
using Orchestrator.Engines.Milvus;
using Orchestrator.HttpDoubles.Milvus;
using static Orchestrator.Engines.Tests.Milvus.MilvusDoubles;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>How long deleted rows stay, and which segments are small, by what Milvus or the operator tells.</summary>
public sealed class ConfigurationTests
{
    private const string Day = "rows that were deleted within the last 24 h stay (common.retentionDuration), so that less may be freed";

    [Theory]
    [InlineData("common.retentionDuration", "86400", Day)]
    [InlineData("commonretentionduration", "86400[FileSource]", Day)]
    [InlineData("common.retentionduration", "90", "rows that were deleted within the last 1.5 min stay")]
    [InlineData("common.retentionduration", "0", "deleted rows are dropped whenever they were deleted (common.retentionDuration is 0)")]
    [InlineData("common.retentionduration", "soon", "rows that were deleted within the last 30 s stay")]
    [InlineData("common.gracefulTime", "5000", "rows that were deleted within the last 30 s stay")]
    public async Task The_retention_is_told_by_the_management_port_and_else_by_the_operator(string name, string value, string note)
    {
        await using var milvus = OneCollection();
        milvus.Configurations = new Dictionary<string, string> { [name] = value };
        await using var driver = Open(milvus, options => options with { Management = milvus.Management.Url, Retention = TimeSpan.FromSeconds(30) });

        Assert.Contains(note, await Note(driver));
    }

    [Fact]
    public async Task Without_the_management_port_the_retention_is_as_the_operator_says_or_not_shown()
    {
        await using var milvus = OneCollection();
        await using var silent = Open(milvus);
        await using var told = Open(milvus, options => options with { Retention = TimeSpan.FromDays(1) });

        Assert.DoesNotContain("retention", await Note(silent));
        Assert.EndsWith(Day, await Note(told));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_management_port_that_tells_nothing_is_in_no_way(bool isGone)
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus, options => options with { Management = milvus.Management.Url, Retention = TimeSpan.FromDays(1) });
        if (isGone)
        {
            await milvus.Management.Kill();
        }

        Assert.EndsWith(Day, await Note(driver));
    }

    [Theory]
    [InlineData(0, 0, "3 of 4 segments are small (below 512 MiB)")]
    [InlineData(256, 0, "1 of 4 segments are small (below 128 MiB)")]
    [InlineData(0, 512, "2 of 4 segments are small (below 256 MiB)")]
    [InlineData(256, 512, "1 of 4 segments are small (below 128 MiB)")]
    public async Task Segments_are_small_by_the_size_that_Milvus_tells_and_else_by_the_setting(double told, long setting, string note)
    {
        await using var milvus = FourSegments();
        milvus.SegmentMaxSize = told;
        await using var driver = OpenGrpc(milvus, options => setting > 0 ? options with { SegmentMaxBytes = setting << 20 } : options);

        Assert.Equal(note, await Note(driver));
    }

    [Fact]
    public async Task The_management_port_tells_of_both_numbers_that_make_a_segment_small()
    {
        await using var milvus = FourSegments();
        milvus.Configurations = new Dictionary<string, string> { ["dataCoord.segment.maxSize"] = "2048", ["dataCoord.segment.smallProportion"] = "0.125" };
        await using var driver = OpenGrpc(milvus, options => options with { Management = milvus.Management.Url });

        Assert.Equal("2 of 4 segments are small (below 256 MiB)", await Note(driver));
    }

    [Fact]
    public async Task A_run_that_wants_segments_of_another_size_is_judged_by_that()
    {
        await using var milvus = FourSegments();
        milvus.SegmentMaxSize = 256;
        await using var driver = OpenGrpc(milvus);

        Assert.Equal("4 of 4 segments are small (below 1024 MiB)", await Note(driver, OptionValues.None.With(MilvusCapabilities.TargetSize, 2048L)));
    }

    /// <summary>Of 100, 200, 400 and 800 MiB.</summary>
    private static MilvusDouble FourSegments()
    {
        var milvus = OneCollection();
        milvus.Segments.AddRange([(100 << 10, 4, 2), (200 << 10, 4, 2), (400 << 10, 4, 2), (800 << 10, 4, 2)]);
        return milvus;
    }

    private static async Task<string> Note(MilvusCluster driver, OptionValues? options = null)
    {
        var request = new InventoryRequest(MilvusCapabilities.Compact, options ?? OptionValues.None);
        return Assert.Single((await driver.Member("milvus").Inventory(request, CancellationToken.None)).Units).Note!;
    }
}
