using Orchestrator.Core.Engines;
using static Orchestrator.Engines.Tests.Milvus.MilvusDoubles;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>What holds over REST holds on the management port too.</summary>
public sealed class ManagementTests
{
    [Fact]
    public async Task Ids_beyond_what_a_double_can_hold_are_kept_to_the_last_digit()
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus, options => options with { Management = milvus.Management.Url });

        Assert.IsType<JobStatus.Succeeded>(await Run(driver));

        Assert.Contains(milvus.Management.Asked, request => request.Body.Contains("\"collectionID\":461000000000000001", StringComparison.Ordinal));
        Assert.Contains(milvus.Management.Asked, request => request.Body.Contains("\"compactionID\":461173205123456790", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_never_scheduled_is_told_and_is_no_failure()
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].IsHeldByBackground = true;
        await using var driver = Open(milvus, options => options with { Management = milvus.Management.Url });

        var done = Assert.IsType<JobStatus.Succeeded>(await Run(driver));

        Assert.StartsWith("nothing was scheduled", done.Judged);
        Assert.Equal(0, milvus.Started);
    }

    [Fact]
    public async Task A_job_that_was_forgotten_is_not_taken_for_done()
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus, options => options with { Management = milvus.Management.Url });
        var order = await Order(driver);
        milvus.Hold();
        var job = await driver.Member("milvus").Start(order, CancellationToken.None);

        milvus.Forget();

        Assert.Contains("tells of no plan", Assert.IsType<JobStatus.Unknown>(await Support.Wait.Ended(driver.Member("milvus"), order, job, asksAgain: true)).Evidence);
    }
}
