using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>The executable with <c>--config</c>, as cron starts it, on a real etcd cluster.</summary>
[Collection(Lanes.Commands)]
public sealed class EtcdCommandTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    [SkippableFact]
    public async Task An_etcd_cluster_is_compacted_by_one_command_whose_exit_code_tells_how_it_ended()
    {
        Installed.RequireEtcd();
        using var directory = new TemporaryDirectory();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        var leader = (await etcd.AwaitLeader()).Name;
        var config = Write(directory, "etcd.conf", etcd.Endpoints.Take(2));

        var nodes = await Run("nodes", "--config", config);
        var (code, output, error) = await Run("compact", "--config", config, "--cluster", "kube", "--wait", "--output", "json");
        var again = await Run("compact", "--config", config, "--cluster", "kube", "--wait", "--output", "json");

        Assert.True(nodes.Code == 0, nodes.Error);
        Assert.Contains((await etcd.Status(etcd.Members[0])).Version, nodes.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("-1", nodes.Out, StringComparison.Ordinal);
        Assert.True(code == 0, error);
        var run = JsonNode.Parse(output)!;
        Assert.Equal("completed", run["state"]!.GetValue<string>());
        var steps = run["steps"]!.AsArray();
        Assert.Equal(["compact", "compact", "step-down", "compact"], steps.Select(step => step!["kind"]!.GetValue<string>()));
        Assert.Equal(leader, steps[3]!["node"]!.GetValue<string>());
        Assert.All(etcd.Members, member => Assert.Contains(
            steps, step => step!["node"]!.GetValue<string>() == member.Name && step["bytesFreed"]!.GetValue<long>() > 4 << 20));
        Assert.NotEqual(leader, (await etcd.AwaitLeader()).Name);
        Assert.True(again.Code == 0, again.Error);
        Assert.Empty(JsonNode.Parse(again.Out)!["steps"]!.AsArray());
    }

    [SkippableFact]
    public async Task A_second_command_is_refused_while_one_works_and_an_endpoint_that_does_not_answer_is_unreachable()
    {
        Installed.RequireEtcd();
        using var directory = new TemporaryDirectory();
        await using var etcd = await EtcdProcesses.Start(1);
        var config = Write(directory, "etcd.conf", etcd.Endpoints);

        // The key that another orchestrator holds while it works.
        await etcd.Put(etcd.Members[0], "orchestrator/compaction-lock", "another tool"u8.ToArray());
        var refused = await Run("compact", "--config", config, "--wait", "--output", "json");
        await etcd.Post(etcd.Members[0], "v3/kv/deleterange", new JsonObject { ["key"] = EtcdProcesses.Base64("orchestrator/compaction-lock") });
        var alone = await Run("compact", "--config", config, "--wait");
        etcd.Members[0].Kill();
        var gone = Write(directory, "gone.conf", etcd.Endpoints);
        var unreachable = await Run("compact", "--config", gone, "--wait", "--output", "json");
        var unseen = await Run("nodes", "--config", gone);
        var wrong = await Run("compact", "--config", config, "--wiat");

        Assert.Equal(3, refused.Code);
        Assert.Contains("somebody works on this etcd cluster", refused.Error, StringComparison.Ordinal);
        Assert.Equal("conflict", JsonNode.Parse(refused.Out)!["code"]!.GetValue<string>());
        Assert.Equal(0, alone.Code);
        Assert.Contains("the only member of its replica set", alone.Out, StringComparison.Ordinal);
        Assert.Equal(4, unreachable.Code);
        Assert.Contains("No endpoint of kube answers", unreachable.Error, StringComparison.Ordinal);
        Assert.Equal(4, unseen.Code);
        Assert.Contains("no endpoint of kube answers", unseen.Out, StringComparison.Ordinal);
        Assert.Equal(2, wrong.Code);
    }

    internal static string Write(TemporaryDirectory directory, string name, IEnumerable<Uri> endpoints, string settle = "200ms")
    {
        var path = Path.Combine(directory.Path, name);
        var list = string.Join(", ", endpoints.Select(url => $"\"{url.GetLeftPart(UriPartial.Authority)}\""));
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $$"""
            orchestrator.clusters.kube {
              engine = etcd
              endpoints = [{{list}}]
              settle = {{settle}}
            }
            orchestrator.runs { min-reclaimable-bytes = 1, min-fragmentation = 0%, min-step-down-bytes = 0 }

            """));
        return path;
    }

    internal static async Task<(int Code, string Out, string Error)> Run(params IReadOnlyList<string> arguments)
    {
        var (file, all) = HostExecutable.CommandLine(arguments);
        using var process = Process.Start(new ProcessStartInfo(file, all) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Timeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return (process.ExitCode, await output, await error);
    }
}
