using System.Text.Json;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>What a compaction would free is told in the same way by the plan, the report and the explanation.</summary>
public sealed class GainTests
{
    // By its sizes 60 % of the file are free space, but with another compression 700 of 1000 bytes would be freed.
    private static readonly UnitEstimate _sampled = Samples.Documents with { BytesFreed = 700, Sampled = true };

    [Theory]
    [InlineData("plan", "about 700 B")]
    [InlineData("report", "about 700 B")]
    [InlineData("explain", "about 700 B could be freed, 70 % fragmented")]
    public async Task What_was_measured_on_some_documents_is_about_right(string command, string text)
    {
        await using var api = await ApiHost.Start(supervisor: Answer);

        var (code, output, error) = await Run(api, command);
        var (_, json, _) = await Run(api, command, "--output", "json");

        Assert.True(code == 0, error);
        Assert.Contains(text, output, StringComparison.Ordinal);
        Assert.Contains("\"sampled\":true", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("report")]
    [InlineData("explain")]
    public async Task What_was_measured_as_a_whole_is_exact(string command)
    {
        await using var api = await ApiHost.Start(supervisor: request => Answer(request, Samples.Documents));

        var (code, output, error) = await Run(api, command);
        var (_, json, _) = await Run(api, command, "--output", "json");

        Assert.True(code == 0, error);
        Assert.Contains("600 B", output, StringComparison.Ordinal);
        Assert.DoesNotContain("about", output, StringComparison.Ordinal);
        Assert.DoesNotContain("sampled", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_and_the_explanation_call_the_same_share_fragmented()
    {
        await using var api = await ApiHost.Start(supervisor: Answer);

        var (_, report, _) = await Run(api, "report", "--output", "json");
        var (_, explanation, _) = await Run(api, "explain", "--output", "json");

        using var reported = JsonDocument.Parse(report);
        using var explained = JsonDocument.Parse(explanation);
        var share = reported.RootElement.GetProperty("nodes")[0].GetProperty("databases")[0].GetProperty("collections")[0]
            .GetProperty("documents").GetProperty("fragmentation").GetDouble();
        Assert.Equal(0.7, share);
        Assert.Equal(share, explained.RootElement.GetProperty("units")[0].GetProperty("fragmentation").GetDouble());
    }

    private static object Answer(ISupervisorRequest request) => Answer(request, _sampled);

    private static object Answer(ISupervisorRequest request, UnitEstimate unit) => request switch
    {
        MakePlan => new PlanMade(Samples.Plan with
        {
            ReplicaSets =
            [
                Samples.Plan.ReplicaSets[0] with { Steps = [new CompactMemberStep(1, "rs-1", "node-2", "a secondary", MemberRole.Secondary, [unit])] },
            ],
        }),
        GetStorageReport => Samples.Report with { Nodes = [Samples.Report.Nodes[0] with { Units = [unit] }] },
        ExplainUnits => new Explanation(
            "main",
            Samples.Now,
            "",
            [new UnitExplanation("node-2", unit.Size.Unit, null, unit.BytesFreed, unit.Fragmentation, "", "", null) { Sampled = unit.Sampled }]),
        _ => Samples.View,
    };

    private static Task<(int Code, string Out, string Error)> Run(ApiHost api, string command, params string[] more) =>
        CliHarness.Run([command, "--cluster", "main", "--server", api.Address.ToString(), .. more]);
}
