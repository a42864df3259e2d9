using System.Text.RegularExpressions;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

public sealed class StepDownCommandTests
{
    /// <summary>The image has no shell that could put the pod's name into the command.</summary>
    [Fact]
    public async Task The_hook_of_a_pod_steps_down_the_member_that_its_environment_names()
    {
        var hook = Regex.Match(await File.ReadAllTextAsync(Repository.PathOf("k8s", "overlays", "postgres", "statefulset.yaml")), @"preStop:\s+exec:\s+(#.*\s+)*command: \[(.+)\]").Groups[2].Value.Split(", ");
        Assert.Equal("/app/orchestrator", hook[0]);
        await using var api = await ApiHost.Start(supervisor: StepDown);
        Assert.Contains("- name: POD_NAME", await File.ReadAllTextAsync(Repository.PathOf("k8s", "base", "statefulset.yaml")), StringComparison.Ordinal);
        string[] Naming(string variable) => [.. hook[1..^1].Select(word => word == "POD_NAME" ? variable : word), api.Address.ToString()];

        // POD_NAME itself is set and removed by other tests.
        Environment.SetEnvironmentVariable("HOOK_TEST_POD", "node-2");
        var (unnamed, _, sentence) = await CliHarness.Run(Naming("HOOK_TEST_NOBODY"));
        var (code, _, error) = await CliHarness.Run(Naming("HOOK_TEST_POD"));

        Assert.Contains("POD_NAME", hook);
        Assert.Equal((2, "--expected-primary-from HOOK_TEST_NOBODY: the environment has no HOOK_TEST_NOBODY."), (unnamed, sentence.Trim()));
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("node-2", Assert.IsType<RequestStepDown>(api.SupervisorRequests[^1]).ExpectedPrimary);
    }

    [Fact]
    public async Task A_step_down_expects_the_present_primary()
    {
        await using var api = await ApiHost.Start(supervisor: StepDown);

        var (code, output, _) = await CliHarness.Run("step-down", "--to", "node-3", "--server", api.Address.ToString());

        Assert.Equal(0, code);
        var order = Assert.IsType<RequestStepDown>(api.SupervisorRequests[^1]);
        Assert.Equal(new RequestStepDown("main", "rs-1", "node-1", "node-3") { By = order.By }, order);
        Assert.Contains("(unverified)", order.By, StringComparison.Ordinal);
        Assert.Contains("node-3 is primary", output, StringComparison.Ordinal);
    }

    private static object StepDown(object request) => request switch
    {
        ListClusters => new ClusterList([Samples.View]),
        GetCluster => Samples.View,
        _ => new StepDownCompleted("rs-1", "node-1", "node-3", 4),
    };
}
