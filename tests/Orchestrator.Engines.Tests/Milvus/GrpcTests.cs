using Orchestrator.Core.Engines;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.Milvus;
using static Orchestrator.Engines.Tests.Milvus.MilvusDoubles;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>What gRPC, on the same port as REST, tells beyond it.</summary>
public sealed class GrpcTests
{
    private const string Script = """
        const { MilvusClient } = require('@zilliz/milvus2-sdk-node');
        (async () => {
          const [address] = process.argv.slice(1);
          const client = new MilvusClient({ address, username: 'root', password: 'Milvus', ssl: false, timeout: 90000 });
          await client.connectPromise;
          console.log((await client.getVersion()).version);
          const compacted = await client.compact({ collection_name: 'book' });
          console.log(compacted.status.code, compacted.compactionID, compacted.compactionPlanCount);
          const state = await client.getCompactionState({ compactionID: compacted.compactionID });
          console.log(state.state, state.completedPlanNo, state.failedPlanNo);
          process.exit(0);
        })().catch(error => { console.log(error.name, error.message); process.exit(1); });
        """;

    [SkippableFact]
    public async Task The_client_for_programs_understands_the_double()
    {
        await using var milvus = OneCollection();
        milvus.Token = "root:Milvus";

        var output = await NodeClients.Run("@zilliz/milvus2-sdk-node", Script, milvus.OpenGrpc().Authority);

        Assert.Equal(["v2.5.4", "0 461173205123456790 1", "Completed 1 0"], output);
    }

    [Fact]
    public async Task Plans_that_failed_are_counted_and_are_no_success()
    {
        await using var milvus = OneCollection();
        milvus.Ending = MilvusDoubleEnding.Fails;
        await using var driver = OpenGrpc(milvus);

        var failed = Assert.IsType<JobStatus.Failed>(await Run(driver));

        Assert.Equal("1 of 1 plans of default/book failed", failed.Reason);
    }

    [Fact]
    public async Task Plans_that_timed_out_are_no_success()
    {
        await using var milvus = OneCollection();
        milvus.Ending = MilvusDoubleEnding.TimesOut;
        await using var driver = OpenGrpc(milvus);

        Assert.Equal("1 of 1 plans of default/book timed out", Assert.IsType<JobStatus.Failed>(await Run(driver)).Reason);
    }

    [Fact]
    public async Task A_good_end_and_the_version_are_told_with_the_token()
    {
        await using var milvus = OneCollection();
        milvus.Token = "root:Milvus";
        await using var driver = OpenGrpc(milvus, options => options with { Token = "root:Milvus" });

        var seen = await driver.Member("milvus").Observe(CancellationToken.None);
        var done = Assert.IsType<JobStatus.Succeeded>(await Run(driver));

        Assert.Equal(("2.5.4", 100_000 * 1024L), (seen.Version, done.Units.Sum(unit => unit.BytesFreed)));
        Assert.Contains("GetCompactionState", milvus.Calls);
        Assert.DoesNotContain(milvus.Server.Asked, request => request.Path.EndsWith("get_compaction_state", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Small_segments_and_deletions_that_wait_are_told()
    {
        await using var milvus = OneCollection();
        milvus.Segments.AddRange([(1000, 4, 2), (600_000, 4, 2), (2000, 4, 0), (500, 4, 1), (300, 2, 2)]);
        await using var driver = OpenGrpc(milvus);

        Assert.Equal("2 of 3 segments are small (below 512 MiB), deletions wait in 1 of level 0", Assert.Single(await Units(driver)).Note);
    }

    [Theory]
    [InlineData(true, "small segments are unknown: Milvus tells of them by gRPC only")]
    [InlineData(false, "deleted rows are unknown: the collection is not loaded")]
    public async Task What_is_not_known_is_told_with_the_reason(bool isLoaded, string note)
    {
        await using var milvus = OneCollection();
        milvus.Collections[0].IsLoaded = isLoaded;
        await using var driver = Open(milvus);

        Assert.StartsWith(note, Assert.Single(await Units(driver)).Note);
    }

    [Fact]
    public async Task Where_only_REST_answers_that_is_asked()
    {
        await using var milvus = OneCollection();
        await using var driver = Open(milvus);

        var seen = await driver.Member("milvus").Observe(CancellationToken.None);

        Assert.IsType<JobStatus.Succeeded>(await Run(driver));
        Assert.Equal("2.5+", seen.Version);
        Assert.Empty(milvus.Calls);
    }

    [Fact]
    public async Task A_cluster_that_restarts_and_forgets_the_job_is_not_taken_for_done()
    {
        await using var milvus = OneCollection();
        await using var driver = OpenGrpc(milvus);
        var order = await Order(driver);
        milvus.Hold();
        var job = await driver.Member("milvus").Start(order, CancellationToken.None);

        await milvus.Kill();
        milvus.Server.Start();

        Assert.Contains("tells of no plan", Assert.IsType<JobStatus.Unknown>(await Wait.Ended(driver.Member("milvus"), order, job, asksAgain: true)).Evidence);
    }
}
