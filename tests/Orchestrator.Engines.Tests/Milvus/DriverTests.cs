using Orchestrator.Core.Engines;
using Orchestrator.Engines.Milvus;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.Milvus;
using static Orchestrator.Engines.Tests.Milvus.MilvusDoubles;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>How the driver judges what Milvus tells.</summary>
public sealed class DriverTests
{

    [Fact]
    public async Task Ids_beyond_what_a_double_can_hold_are_kept_to_the_last_digit()
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus);

        var job = await driver.Member("milvus").Start(await Order(driver), CancellationToken.None);

        Assert.Equal("run-1/1/1@0:461173205123456790", job.Value);
        await Wait.Ended(driver.Member("milvus"), await Order(driver), job);
        Assert.Contains(milvus.Server.Asked, request => request.Body.Contains("\"jobID\":461173205123456790", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ids_may_be_texts()
    {
        await using var milvus = OneCollection();
        milvus.IdsAreTexts = true;
        await using var driver = Open(milvus);

        Assert.IsType<JobStatus.Succeeded>(await Run(driver));
    }

    [Fact]
    public async Task What_is_not_scheduled_is_ordered_again_and_then_done()
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].IsHeldByBackground = true;
        await using var driver = Open(milvus, options => options with { ScheduleRetries = 1000 });
        var order = await Order(driver);

        var job = await driver.Member("milvus").Start(order, CancellationToken.None);
        await Wait.Until(() => milvus.Server.Asked.Count(request => request.Path.EndsWith("/compact", StringComparison.Ordinal)) >= 2);
        milvus.Collections[0].IsHeldByBackground = false;
        var done = Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(driver.Member("milvus"), order, job));

        Assert.Equal((100_000 * 1024L, ""), (done.Units.Sum(unit => unit.BytesFreed), done.Judged));
    }

    [Fact]
    public async Task What_is_never_scheduled_is_told_and_is_no_failure()
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].IsHeldByBackground = true;
        await using var driver = Open(milvus);

        var done = Assert.IsType<JobStatus.Succeeded>(await Run(driver));

        Assert.Equal(0, done.Units.Sum(unit => unit.BytesFreed));
        Assert.Equal("nothing was scheduled: background compaction holds the segments, or there is nothing to do (default/book)", done.Judged);
        Assert.Equal(0, milvus.Started);
    }

    [Theory]
    [InlineData(2305)]
    [InlineData(2302)]
    public async Task A_compaction_that_is_at_work_is_waited_for(int code)
    {
        await using var milvus = OneCollection();
        milvus.Refuse("collections/compact", code, "collection is compacting");
        await using var driver = Open(milvus);

        var done = Assert.IsType<JobStatus.Succeeded>(await Run(driver));

        Assert.Equal((100_000 * 1024L, 1), (done.Units.Sum(unit => unit.BytesFreed), milvus.Started));
    }

    [Fact]
    public async Task Plans_that_timed_out_are_no_success()
    {
        await using var milvus = OneCollection();
        milvus.Ending = MilvusDoubleEnding.TimesOut;
        await using var driver = Open(milvus);

        var failed = Assert.IsType<JobStatus.Failed>(await Run(driver));

        Assert.Equal("1 of 1 plans of default/book timed out", failed.Reason);
    }

    [Fact]
    public async Task Completed_without_plans_is_no_success()
    {
        await using var milvus = OneCollection();
        milvus.Ending = MilvusDoubleEnding.Fails;
        await using var driver = Open(milvus);

        var unknown = Assert.IsType<JobStatus.Unknown>(await Run(driver));

        Assert.Contains("tells of no plan", unknown.Evidence);
    }

    [Fact]
    public async Task The_management_port_tells_of_plans_that_failed()
    {
        await using var milvus = OneCollection();
        milvus.Ending = MilvusDoubleEnding.Fails;
        await using var driver = Open(milvus, options => options with { Management = milvus.Management.Url });

        var failed = Assert.IsType<JobStatus.Failed>(await Run(driver));

        Assert.Equal("1 of 1 plans of default/book failed", failed.Reason);
    }

    [Fact]
    public async Task The_management_port_compacts_by_the_collection_s_id()
    {
        await using var milvus = OneCollection();
        milvus.Collections.Add(new MilvusDoubleCollection("archive", "page", 1000, 500));
        await using var driver = Open(milvus, options => options with { Management = milvus.Management.Url });

        Assert.IsType<JobStatus.Succeeded>(await Run(driver));

        Assert.All(milvus.Collections, collection => Assert.Equal(0, collection.Deleted));
        Assert.DoesNotContain(milvus.Server.Asked, request => request.Path.EndsWith("/compact", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_was_forgotten_is_left_to_the_rows()
    {
        await using var milvus = OneCollection();
        await using var first = Open(milvus);
        var order = await Order(first);
        var job = await first.Member("milvus").Start(order, CancellationToken.None);
        milvus.Forget();
        await using var second = Open(milvus);

        var unknown = Assert.IsType<JobStatus.Unknown>(await second.Member("milvus").Poll(order, job, CancellationToken.None));
        var now = await Units(second);

        Assert.IsType<JobStatus.Succeeded>(JobJudge.Judge(order, [.. now.Select(unit => unit.Size)], unknown.Evidence));
    }

    [Fact]
    public async Task A_cluster_that_is_away_for_a_while_is_asked_again()
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus);
        var order = await Order(driver);
        milvus.Hold();
        var job = await driver.Member("milvus").Start(order, CancellationToken.None);

        await milvus.Server.Kill();
        milvus.Release();
        milvus.Server.Start();
        var done = Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(driver.Member("milvus"), order, job));

        Assert.Equal((1, ""), (milvus.Started, done.Judged));
    }

    [Fact]
    public async Task An_error_with_status_200_is_an_error()
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus);
        var order = await Order(driver);
        milvus.Refuse("collections/compact", 2, "service unavailable: compaction disabled");

        var error = await Assert.ThrowsAsync<EngineException>(() => driver.Member("milvus").Start(order, CancellationToken.None));

        Assert.Equal(EngineFault.WrongState, error.Fault);
        Assert.Contains("dataCoord.enableCompaction", error.Message);
        Assert.Equal(0, milvus.Started);
    }

    [Fact]
    public async Task Collections_are_compacted_side_by_side_up_to_a_limit()
    {
        await using var milvus = OneCollection();
        milvus.Collections.Add(new MilvusDoubleCollection("archive", "page", 1000, 500));
        milvus.Collections.Add(new MilvusDoubleCollection("default", "film", 1000, 500));
        await using var driver = Open(milvus);
        var order = await Order(driver);
        milvus.Hold();

        var job = await driver.Member("milvus").Start(order, CancellationToken.None);
        Assert.Equal(2, milvus.Started);
        milvus.Release();
        var done = Assert.IsType<JobStatus.Succeeded>(await Wait.Ended(driver.Member("milvus"), order, job));

        Assert.Equal(order.Units.Select(size => size.Unit), done.Units.Select(unit => unit.Unit));
        Assert.Equal(3, milvus.Started);
    }

    [Fact]
    public async Task Growing_rows_are_flushed_where_that_is_wanted()
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].Growing = 1000;
        await using var driver = Open(milvus);
        var order = await Order(driver);

        await Run(driver, order with { Settings = order.Settings with { EngineOptions = OptionValues.None.With(MilvusCapabilities.Flush, true) } });

        Assert.Equal((0L, 300_000L + 1000), (milvus.Collections[0].Growing, milvus.Collections[0].Rows));
    }

    [Fact]
    public async Task A_collection_that_is_not_loaded_has_no_estimate()
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].IsLoaded = false;
        await using var driver = Open(milvus);

        Assert.Equal((400_000 * 1024L, 0L), (Assert.Single(await Units(driver)).Size.FileBytes, Assert.Single(await Units(driver)).BytesFreed));
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_a_mistake_of_the_settings()
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus, options => options with { Database = "shop" });

        var error = await Assert.ThrowsAsync<EngineException>(() => driver.Discover(CancellationToken.None));

        Assert.Equal((EngineFault.Misconfigured, "kube has no database shop; it has default (clusters.kube.database)"), (error.Fault, error.Message));
    }

    [Fact]
    public async Task A_whole_run()
    {
        await using var milvus = OneCollection();
        milvus.Collections.Add(new MilvusDoubleCollection("archive", "page", 1000, 0));
        await using var orchestration = Orchestrate(milvus);

        var ended = await orchestration.Run("run-1");

        Assert.Equal(("completed", ""), (ended.Run.State, ended.Run.Reason));
        Assert.Equal(0, milvus.Collections[0].Deleted);
        Assert.Equal(1, milvus.Started);
    }
}
