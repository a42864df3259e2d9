using System.Globalization;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Kubernetes;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

[Collection(ApiServerTests.Name)]
public sealed class SeedPodsTests(ApiServer server)
{
    [SkippableFact]
    public async Task The_pods_with_the_labels_are_the_seed_nodes_once_the_API_server_can_be_reached()
    {
        ApiServer.Require();
        var place = await server.NewNamespace();
        foreach (var (name, more) in new[] { ("node-1", "hostname: node-1, subdomain: nodes"), ("node-0", "hostname: node-0, subdomain: nodes"), ("node-2", "hostname: node-2") })
        {
            await server.KubectlWith(Pod(name, "nodes", more), "apply", "-n", place, "-f", "-");
        }

        await server.KubectlWith(Pod("other", "others", "hostname: other, subdomain: nodes"), "apply", "-n", place, "-f", "-");
        await using var proxy = new Proxy(server.Port);
        proxy.Cut();
        var kubeconfig = Path.GetTempFileName();
        try
        {
            var (from, to) = (server.Port.ToString(CultureInfo.InvariantCulture), proxy.Port.ToString(CultureInfo.InvariantCulture));
            await File.WriteAllTextAsync(kubeconfig, (await File.ReadAllTextAsync(server.Kubeconfig)).Replace($"127.0.0.1:{from}", $"127.0.0.1:{to}", StringComparison.Ordinal));
            var settings = SettingsBinder.Parse($$"""
                orchestrator { roles = [operator], kubernetes { kubeconfig = "{{kubeconfig}}", namespace = {{place}} } }
                """).Kubernetes;
            var log = new Lines();
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            var finding = SeedPods.Find(settings, "app=nodes", 8081, TimeProvider.System, log, patience.Token);
            while (log.Written.Count == 0)
            {
                await Task.Delay(50, patience.Token);
            }

            proxy.Mend();

            Assert.Equal(["node-0.nodes:8081", "node-1.nodes:8081"], await finding);
            Assert.Contains("cannot be listed", log.Written.First(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    private static string Pod(string name, string app, string more) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: {{name}}, labels: { app: {{app}} } }
        spec: { {{more}}, containers: [{ name: database, image: "database:3" }] }
        """;
}
