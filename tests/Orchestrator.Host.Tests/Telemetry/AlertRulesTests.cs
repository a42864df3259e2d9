using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Orchestrator.Host.Tests.Telemetry;

/// <summary>k8s/monitoring: what Prometheus' own tool says of it, and whether there is what it asks for.</summary>
public sealed partial class AlertRulesTests
{
    [SkippableTheory]
    [InlineData("check", "alerts.yaml")]
    [InlineData("test", "alerts.test.yaml")]
    public async Task The_alert_rules_pass_promtool(string command, string file)
    {
        Installed.RequireProgram("prometheus", "promtool", "apt-get install prometheus");
        var start = new ProcessStartInfo("promtool", [command, "rules", Repository.PathOf("k8s", "monitoring", file)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var promtool = Process.Start(start)!;
        var output = await Task.WhenAll(promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0, string.Concat(output));
    }

    [Theory]
    [InlineData("alerts.yaml")]
    [InlineData("dashboard.json")]
    public void Every_metric_that_is_asked_for_is_documented(string file)
    {
        var document = File.ReadAllText(Repository.PathOf("docs", "metrics.md"));
        var asked = Metric().Matches(File.ReadAllText(Repository.PathOf("k8s", "monitoring", file))).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.True(
            document.Contains($"| `{name}` |", StringComparison.Ordinal) || document.Contains($"| `{Part().Replace(name, "")}` | histogram", StringComparison.Ordinal),
            $"docs/metrics.md has no {name}"));
    }

    [GeneratedRegex("orchestrator_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Part();
}
