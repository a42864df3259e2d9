using System.Text.Json.Nodes;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Cluster.Tests;

/// <summary>Metrics of three real processes, as Prometheus, the alert rules and the dashboard see them.</summary>
[Collection(Lanes.Clusters)]
public sealed class PrometheusTests
{
    /// <summary>A window that is closed now and for days, however long the test takes, and a schedule that keeps to it.</summary>
    private static readonly string Closed = $$"""
        orchestrator {
          telemetry.refresh-interval = 500ms
          windows.later.weekly = ["{{Day(2)}}-00:00..{{Day(4)}}-00:00"]
          schedules.later.windows = [later]
        }
        """;

    /// <summary>What a cluster of the embedded engine has not when nothing fails and no schedule is due.</summary>
    private static readonly string[] Elsewhere =
    [
        "orchestrator_member_quota_bytes", "orchestrator_step_retries_total", "orchestrator_schedule_last_start_timestamp_seconds", "orchestrator_job_polls_total",
    ];

    /// <summary>A run of what the client has left behind since the first run, however little it is; it waits for the window.</summary>
    private static readonly CompactionBody WhateverThereIs = new(
        DemoDirectory.ClusterName, null, new OptionsBody(null, null, null, null, MinReclaimableBytes: 0, MinFragmentation: 0, null), Window: "later");

    [SkippableFact]
    public async Task Every_instrument_has_data_the_dashboards_queries_give_some_and_after_a_failover_one_process_has_the_values()
    {
        await using var cluster = await TestCluster.Start(primary: "node-2", more: Closed);
        await using var prometheus = await Prometheus.Start(cluster.Cluster.Places.Select(place => place.Address));

        var (run, compacting) = await cluster.StartSlowRun();
        await prometheus.WaitFor($"last_over_time(orchestrator_member_state{{member=\"{compacting}\",state=\"compacting\"}}[1h])");
        await cluster.Follow(run);
        await SomethingToCompact(cluster);
        var waiting = await cluster.Cluster.Ask(client => client.StartRun(WhateverThereIs, default));
        await prometheus.WaitFor("orchestrator_run_waits{reason=\"window-open\"}");
        foreach (var query in Documented().Except(Elsewhere).Select(name => $"last_over_time({name}[1h])").Concat(DashboardQueries()))
        {
            await prometheus.WaitFor(query);
        }

        Assert.Equal([], await prometheus.RuleErrors());

        var host = await cluster.Cluster.SupervisorHost(default);
        await cluster.Kill(host);
        await prometheus.WaitFor("max(orchestrator_supervisor_epoch) > 1 and count(orchestrator_supervisor_epoch) == 1 and sum(orchestrator_supervisor_active) == 1");
        await prometheus.WaitFor($"orchestrator_member_state{{member=\"{host}\",state=\"unreachable\"}}");
        await prometheus.WaitFor($"orchestrator_run_waits{{cluster=\"{waiting.Cluster}\"}}");
        cluster.StartAgain(host);
        await cluster.ExpectWhole();
    }

    private static Task<PlanDto> SomethingToCompact(TestCluster cluster) => cluster.Cluster.WaitFor(
        "something to compact",
        TestCluster.Patience,
        async token =>
        {
            var plan = await cluster.Cluster.Ask(client => client.Plan(DemoDirectory.ClusterName, WhateverThereIs, token));
            return (plan.ReplicaSets.Any(set => set.Steps.Count > 0) ? plan : null, "the plan has no step");
        },
        default);

    private static string Day(int later) => TimeProvider.System.GetUtcNow().AddDays(later).DayOfWeek.ToString()[..3].ToUpperInvariant();

    /// <summary>The families of docs/metrics.md; of a histogram its count.</summary>
    private static IEnumerable<string> Documented() =>
        from line in File.ReadLines(Repository.PathOf("docs", "metrics.md"))
        where line.StartsWith("| `orchestrator.", StringComparison.Ordinal)
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        select cells[3].Trim('`') + (cells[4] == "histogram" ? "_count" : "");

    private static IReadOnlyList<string> DashboardQueries()
    {
        var board = JsonNode.Parse(File.ReadAllText(Repository.PathOf("k8s", "monitoring", "dashboard.json")))!;
        var queries = board["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]?.AsArray() ?? [])
            .Select(target => target!["expr"]!.GetValue<string>()
                .Replace("$cluster", ".*", StringComparison.Ordinal)
                .Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                .Replace("$__range", "1h", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(queries);
        return queries;
    }
}
