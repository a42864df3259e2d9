using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Composition;

namespace Orchestrator.Host.Tests.Telemetry;

/// <summary>
/// Metrics of a whole process: node, supervisor and journal. Alone: its meter has the name that every whole process within a test gives its own.
/// </summary>
[Collection(AloneTests.Name)]
public sealed class MetricsProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly OptionsBody Forced = new(null, true, null, null, null, null, null);
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task After_a_run_a_scrape_tells_what_it_did_and_where_the_member_stands()
    {
        var settings = SettingsBinder.Parse($$"""
            orchestrator {
              roles = [node, supervisor]
              http.port = 0
              remoting.port = 0
              node { name = node-1, data-directory = "{{directory.Path}}/node" }
              journal.file = "{{directory.Path}}/journal.sqlite"
              clusters.main.replica-sets.rs-1.members = [node-1]
              runs { min-reclaimable-bytes = 0, min-fragmentation = 0%, min-step-down-bytes = 0, settle = 0s }
              telemetry.refresh-interval = 100ms
            }
            """);
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RunTrace.WorkSource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var process = await RunningProcess.Start(settings, hasMetrics: true);
        var client = process.Client;
        using var http = new HttpClient { BaseAddress = new Uri(process.Address) };
        await WriteAndDelete(process);
        var run = await process.Await(_ => client.StartRun(new CompactionBody("main", null, Forced), default));

        await foreach (var _ in client.FollowOnce(run.Id, 0, default))
        {
            // The stream ends with the run.
        }

        var scrape = await Eventually(http, found => found.Value("orchestrator_runs_finished_total{cluster=\"main\",outcome=\"completed\"}") == 1
            && found.Value("orchestrator_runs{cluster=\"main\",state=\"completed\"}") == 1
            && found.Series("orchestrator_member_last_compaction_timestamp_seconds").Count == 1
            && found.Value("orchestrator_write_pause_duration_seconds_count{cluster=\"main\",reason=\"compaction\"}") > 0);

        const string member = "cluster=\"main\",member=\"node-1\"";
        var freed = (await client.Run(run.Id, default)).BytesFreed;
        Assert.True(freed > 0);
        Assert.Equal(freed, scrape.Value("orchestrator_compaction_freed_bytes_total{cluster=\"main\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_steps_total{cluster=\"main\",kind=\"compact\",outcome=\"completed\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_step_duration_seconds_count{cluster=\"main\",kind=\"compact\",outcome=\"completed\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_supervisor_active"));
        Assert.Equal(1, scrape.Value("orchestrator_supervisor_epoch"));
        Assert.Equal(1, scrape.Value($"orchestrator_member_role{{{member},replica_set=\"rs-1\",role=\"primary\"}}"));
        Assert.True(scrape.Value($"orchestrator_member_storage_file_bytes{{{member}}}") > 0);
        Assert.True(scrape.Value("orchestrator_journal_write_duration_seconds_count{journal=\"run\"}") > 0);
        Assert.True(scrape.Value("orchestrator_journal_write_duration_seconds_count{journal=\"supervisor\"}") > 0);

        // Other tests have runs too.
        var span = Assert.Single(spans, span => span.TraceId == RunTrace.Of(run.Id));
        Assert.Equal(("compact units", RunTrace.Step(run.Id, 1).SpanId), (span.OperationName, span.ParentSpanId));
        Assert.Equal("node-1", span.GetTagItem("orchestrator.member"));
    }

    private static async Task WriteAndDelete(RunningProcess process)
    {
        var readings = new CollectionName("plant", "readings");
        var ids = Enumerable.Range(1, 500).Select(i => $"d{i}").ToList();
        var documents = string.Concat(ids.Select(id => $$"""{"_id":"{{id}}","text":"{{new string('x', 500)}}"}""" + "\n"));
        await process.Await(client => client.WriteBulk(readings, Encoding.UTF8.GetBytes(documents), default));
        await process.Client.DeleteBulk(readings, Encoding.UTF8.GetBytes(string.Concat(ids.Skip(1).Select(id => $$"""{"_id":"{{id}}"}""" + "\n"))), default);
    }

    private static async Task<Scrape> Eventually(HttpClient http, Func<Scrape, bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var scrape = await Scrape.Of(http);
            if (holds(scrape))
            {
                return scrape;
            }

            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(50, limit.Token);
        }
    }
}
