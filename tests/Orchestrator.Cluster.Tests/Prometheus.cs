using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>A real Prometheus that scrapes some processes each second and evaluates the alert rules.</summary>
internal sealed class Prometheus : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);
    private const int MaxPolls = 400;

    private readonly TemporaryDirectory directory = new();
    private readonly Process process;
    private readonly HttpClient http;

    private Prometheus(IEnumerable<Uri> targets)
    {
        var port = FreePorts.Find(1)[0];
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        var config = Path.Combine(directory.Path, "prometheus.yml");
        File.WriteAllText(config, $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
            rule_files: ["{{Repository.PathOf("k8s", "monitoring", "alerts.yaml")}}"]
            scrape_configs:
              - job_name: orchestrator
                static_configs: [{ targets: [{{string.Join(", ", targets.Select(target => $"'{target.Authority}'"))}}] }]
            """);
        process = Process.Start(new ProcessStartInfo(
            "prometheus",
            [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(directory.Path, "data")}", $"--web.listen-address={address}", "--log.level=error"]))!;
        http = new HttpClient { BaseAddress = new Uri($"http://{address}/api/v1/") };
    }

    /// <summary>The test is skipped without Prometheus, unless it is required.</summary>
    public static async Task<Prometheus> Start(IEnumerable<Uri> targets)
    {
        Installed.RequireProgram("prometheus", "prometheus", "apt-get install prometheus");
        var prometheus = new Prometheus(targets);
        await prometheus.WaitFor("up == 1");
        return prometheus;
    }

    /// <returns>Each series with its value now.</returns>
    public async Task<IReadOnlyList<(JsonObject Labels, double Value)>> Query(string query)
    {
        var body = new FormUrlEncodedContent([KeyValuePair.Create("query", query)]);
        using var answer = await http.PostAsync(new Uri("query", UriKind.Relative), body);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            throw new HttpRequestException("it starts");
        }

        var json = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.True(json["status"]!.GetValue<string>() == "success", $"{query}: {json["error"]}");
        return
        [
            .. json["data"]!["result"]!.AsArray().Select(series => (
                series!["metric"]!.AsObject(), double.Parse(series["value"]![1]!.GetValue<string>(), CultureInfo.InvariantCulture))),
        ];
    }

    /// <summary>Waits until a query has a result.</summary>
    public async Task WaitFor(string query)
    {
        for (var i = 0; i < MaxPolls; i++)
        {
            try
            {
                if ((await Query(query)).Count > 0)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // It starts.
            }

            await Task.Delay(Poll);
        }

        Assert.Fail($"{query} has no result");
    }

    /// <returns>What is wrong with rules when Prometheus evaluates them, by name of the alert.</returns>
    public async Task<IReadOnlyList<string>> RuleErrors()
    {
        var json = (await http.GetFromJsonAsync<JsonObject>(new Uri("rules", UriKind.Relative)))!;
        var rules = json["data"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).ToList();
        Assert.NotEmpty(rules);
        return [.. rules.Where(rule => rule!["health"]!.GetValue<string>() == "err").Select(rule => $"{rule!["name"]}: {rule["lastError"]}")];
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        directory.Dispose();
    }
}
