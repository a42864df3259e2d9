using System.Diagnostics;
using System.Net;
using System.Text;
using Orchestrator.Actors.Journals;
using Orchestrator.Actors.Members;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Host.Tests.Notifications;

namespace Orchestrator.Host.Tests.Telemetry;

public sealed class MetricsTests
{
    [Fact]
    public async Task A_scrape_tells_what_the_supervisor_published_last()
    {
        await using var api = await ApiHost.Start();
        api.Readiness.Ready();
        api.Metrics.Show(MetricSamples.Picture);

        var scrape = await Scrape.Of(api.Client);

        const string node2 = "cluster=\"main\",member=\"node-2\",replica_set=\"rs-1\"";
        Assert.Equal(1, scrape.Value("orchestrator_supervisor_active"));
        Assert.Equal(1, scrape.Value("orchestrator_process_ready"));
        Assert.Equal(7, scrape.Value("orchestrator_supervisor_epoch"));
        Assert.Equal(1, scrape.Value("orchestrator_cluster_frozen{cluster=\"main\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_member_state{cluster=\"main\",member=\"node-3\",replica_set=\"rs-1\",state=\"unreachable\"}"));
        Assert.Equal(1, scrape.Value($"orchestrator_member_role{{{node2},role=\"secondary\"}}"));
        Assert.Equal(5, scrape.Value($"orchestrator_member_lag_changes{{{node2}}}"));
        Assert.Equal(2.5, scrape.Value($"orchestrator_member_lag_time_seconds{{{node2}}}"));
        Assert.Equal(10, scrape.Value($"orchestrator_member_disk_free_bytes{{{node2}}}"));
        Assert.Equal(1200, scrape.Value("orchestrator_member_storage_file_bytes{cluster=\"main\",member=\"node-1\"}"));
        Assert.Equal(700, scrape.Value("orchestrator_member_storage_reclaimable_bytes{cluster=\"main\",member=\"node-1\"}"));
        Assert.Equal(600, scrape.Value("orchestrator_unit_reclaimable_bytes{cluster=\"main\",member=\"node-1\",unit=\"shop/orders\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_run_waits{cluster=\"main\",reason=\"not-frozen\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_window_open{window=\"nights\"}"));
        Assert.Equal(900, scrape.Value("orchestrator_schedule_lateness_seconds{schedule=\"nightly\"}"));
        Assert.Equal(
            MetricSamples.Now.AddHours(-2).ToUnixTimeSeconds(),
            scrape.Value("orchestrator_member_last_compaction_timestamp_seconds{cluster=\"main\",member=\"node-1\"}"));
        Assert.Contains(scrape.Types.Keys, name => name.StartsWith("http_server_", StringComparison.Ordinal));
        Assert.Contains(scrape.Types.Keys, name => name.StartsWith("process_", StringComparison.Ordinal));
        Assert.Empty(api.SupervisorRequests);
    }

    [Fact]
    public async Task A_process_that_hosts_the_supervisor_no_longer_tells_nothing_of_clusters()
    {
        await using var api = await ApiHost.Start();
        api.Metrics.Show(MetricSamples.Picture);
        await Scrape.Of(api.Client);
        api.Metrics.Hide();

        var scrape = await Scrape.Of(api.Client);

        Assert.Equal(0, scrape.Value("orchestrator_supervisor_active"));
        Assert.DoesNotContain(scrape.Types.Keys, name => scrape.Series(name).Any(series => series.Contains("cluster=", StringComparison.Ordinal)));
        Assert.Empty(scrape.Series("orchestrator_supervisor_epoch"));
    }

    [Fact]
    public async Task What_runs_do_is_counted()
    {
        await using var api = await ApiHost.Start();
        api.Metrics.Note(MetricSamples.Happened);
        api.Metrics.Note(MetricSamples.Happened);
        api.Metrics.Note(new JournalWritten("run", TimeSpan.FromMilliseconds(2)));
        api.Metrics.Note(new JobPolled("main", "one", "running"));
        api.Metrics.Note(new WritesHeld("main", WritesHeld.ByStepDown, TimeSpan.FromMilliseconds(500)));

        var scrape = await Scrape.Of(api.Client);

        const string step = "cluster=\"main\",kind=\"compact\",outcome=\"completed\"";
        Assert.Equal(2, scrape.Value($"orchestrator_steps_total{{{step}}}"));
        Assert.Equal(20, scrape.Value($"orchestrator_step_duration_seconds_sum{{{step}}}"));
        Assert.Equal(2, scrape.Value("orchestrator_step_retries_total{cluster=\"main\",kind=\"compact\"}"));
        Assert.Equal(1300, scrape.Value("orchestrator_compaction_freed_bytes_total{cluster=\"main\"}"));
        Assert.Equal(1400, scrape.Value("orchestrator_compaction_expected_bytes_total{cluster=\"main\"}"));
        Assert.Equal(2, scrape.Value("orchestrator_checks_failed_total{check=\"lag-within-limit\",cluster=\"main\"}"));
        Assert.Equal(2, scrape.Value("orchestrator_runs_finished_total{cluster=\"main\",outcome=\"completed\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_journal_write_duration_seconds_count{journal=\"run\"}"));
        Assert.Equal(1, scrape.Value("orchestrator_job_polls_total{cluster=\"main\",engine=\"one\",outcome=\"running\"}"));
        Assert.Equal(0.5, scrape.Value("orchestrator_write_pause_duration_seconds_sum{cluster=\"main\",reason=\"step-down\"}"));
    }

    [Fact]
    public async Task Only_the_units_with_the_most_to_gain_have_series_however_many_there_are()
    {
        await using var api = await ApiHost.Start(security: "telemetry.max-units = 3");
        var units = Enumerable.Range(1, 5000)
            .Select(i => new UnitEstimate(new UnitSize(new DocumentsUnit("shop", $"c{i}"), 10 + i, 10, 10), i, i, TimeSpan.Zero))
            .ToList();
        api.Metrics.Show(MetricSamples.Picture with { Clusters = [MetricSamples.Cluster(units)] });

        var scrape = await Scrape.Of(api.Client);

        Assert.Equal(
            ["c4998", "c4999", "c5000"],
            scrape.Series("orchestrator_unit_reclaimable_bytes").Select(series => series[(series.IndexOf("shop/", StringComparison.Ordinal) + 5)..^2]));
        Assert.Equal(5000, scrape.Value("orchestrator_member_storage_units{cluster=\"main\",member=\"node-1\"}"));
    }

    [Fact]
    public async Task Units_that_come_and_go_for_long_do_not_use_up_the_series()
    {
        await using var api = await ApiHost.Start(security: "telemetry.max-units = 1000");
        for (var round = 0; round < 12; round++)
        {
            var units = Enumerable.Range(1, 1000)
                .Select(i => new UnitEstimate(new UnitSize(new DocumentsUnit("shop", $"r{round}-{i}"), 10 + i, 10, 10), i, i, TimeSpan.Zero))
                .ToList();
            api.Metrics.Show(MetricSamples.Picture with { Clusters = [MetricSamples.Cluster(units)] });
            var scrape = await Scrape.Of(api.Client);

            Assert.Equal(1000, scrape.Series("orchestrator_unit_file_bytes").Count(series => series.Contains($"r{round}-", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_step_that_was_skipped_has_neither_a_duration_nor_an_expectation()
    {
        await using var api = await ApiHost.Start();
        api.Metrics.Note(MetricSamples.Happened with
        {
            Events = [new StepSkipped(1, "not worth it", MetricSamples.Now)],
            Begun = new Dictionary<int, DateTimeOffset>(),
        });

        var scrape = await Scrape.Of(api.Client);

        Assert.Equal(1, scrape.Value("orchestrator_steps_total{cluster=\"main\",kind=\"compact\",outcome=\"skipped\"}"));
        Assert.Empty(scrape.Series("orchestrator_step_duration_seconds_count"));
        Assert.Empty(scrape.Series("orchestrator_compaction_expected_bytes_total"));
    }

    [Fact]
    public async Task Where_it_is_switched_off_there_is_nothing_at_its_address()
    {
        await using var api = await ApiHost.Start(security: "telemetry.prometheus = off");

        using var answer = await api.Client.GetAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_collector_is_sent_a_trace_of_each_run_that_has_ended()
    {
        await using var collector = await Receiver.Start(_ => 200);
        await using var api = await ApiHost.Start(security: $$"""
            telemetry { prometheus = off, otlp { endpoint = "{{collector.Address}}", protocol = http, interval = 1h } }
            """);
        api.Metrics.Note(MetricSamples.Happened);

        var (_, body) = await collector.Next();

        Assert.Contains("orchestrator.run", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_is_sent_calls_for_runs_and_their_requests_which_tell_the_database_of_the_trace()
    {
        await using var collector = await Receiver.Start(_ => 200);
        await using var database = await Receiver.Start(_ => 200);
        await using var api = await ApiHost.Start(security: $$"""
            telemetry { prometheus = off, otlp { endpoint = "{{collector.Address}}", protocol = http, interval = 1h } }
            """);
        using var source = new ActivitySource(RunTrace.WorkSource);
        using var http = new HttpClient();
        using (await http.PostAsync(new Uri(database.Address, "for-nobody"), null))
        using (source.StartActivity(ActivityKind.Client, RunTrace.Step("r-9", 1), name: "poll job"))
        using (await http.PostAsync(new Uri(database.Address, "for-the-run"), null))
        {
            await database.Next();
        }

        var (headers, _) = await database.Next();
        Assert.StartsWith($"00-{RunTrace.Of("r-9")}-", headers["traceparent"], StringComparison.Ordinal);
        var sent = "";
        while (!sent.Contains("poll job", StringComparison.Ordinal) || !sent.Contains("for-the-run", StringComparison.Ordinal))
        {
            sent += Encoding.UTF8.GetString((await collector.Next()).Body);
        }

        Assert.DoesNotContain("for-nobody", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_is_sent_the_same_metrics()
    {
        await using var collector = await Receiver.Start(_ => 200);
        await using var api = await ApiHost.Start(security: $$"""
            telemetry { prometheus = off, otlp { endpoint = "{{collector.Address}}", protocol = http, headers = "x-key=abc", interval = 1s } }
            """);
        api.Metrics.Show(MetricSamples.Picture);

        // The first time may have come before the supervisor published anything.
        var (headers, body) = await collector.Next();
        while (!Encoding.UTF8.GetString(body).Contains("orchestrator.unit.reclaimable", StringComparison.Ordinal))
        {
            (headers, body) = await collector.Next();
        }

        Assert.Equal("abc", headers["x-key"]);
    }
}
