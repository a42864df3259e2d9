using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Kubernetes.Eviction;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

[Collection(ApiServerTests.Name)]
public sealed class EvictionTests(ApiServer server)
{
    private const string Name = "orchestrator-webhook";

    [SkippableFact]
    public async Task A_pod_is_not_evicted_while_another_member_is_out_and_an_expired_certificate_is_renewed()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(3);
        var port = FreePorts.Find(1)[0];
        await using var place = await OperatorProcess.Start(
            server, CompactionRunTests.Clusters(etcd), $"webhook.port = {port.ToString(CultureInfo.InvariantCulture)}", place => Prepare(place, port, "m1"));
        var expired = await place.Kubectl("get", "secret", Name, "-o", "jsonpath={.data.tls\\.crt}");
        etcd["m2"].Freeze();

        var refused = await Evict(place, "m1", isDryRun: true, until: answer => answer.Error.Contains("is unreachable", StringComparison.Ordinal));
        var again = await Evict(place, "m1", isDryRun: false, until: answer => answer.Code == 0 || answer.Error.Contains("TooManyRequests", StringComparison.Ordinal));
        var stays = await place.Kubectl("get", "pod", "m1", "-o", "jsonpath={.metadata.deletionTimestamp}");
        etcd["m2"].Thaw();
        await Evict(place, "m1", isDryRun: false, until: answer => answer.Code == 0);
        using var http = new HttpClient();
        var holds = await http.GetStringAsync(new Uri(place.Address, "/api/v1/clusters/kube/holds"));

        Assert.Contains("m2 of replica set kube is unreachable: without m1 a second member would be out", refused.Error, StringComparison.Ordinal);
        Assert.Contains("TooManyRequests", again.Error, StringComparison.Ordinal);
        Assert.Equal("", stays);
        Assert.Contains("\"owner\":\"evict.m1\"", holds, StringComparison.Ordinal);
        Assert.NotEqual(expired, await place.Kubectl("get", "secret", Name, "-o", "jsonpath={.data.tls\\.crt}"));
        await server.Kubectl("delete", "validatingwebhookconfiguration,clusterrole,clusterrolebinding", Name);
    }

    [SkippableFact]
    public async Task In_mid_step_the_pod_stays_a_killed_operator_goes_on_and_a_deleted_run_ends_before_it_goes()
    {
        ApiServer.Require();
        var port = FreePorts.Find(1)[0];
        await using var place = await OperatorProcess.Start(
            server,
            "main { replica-sets.rs-1.members = [node-1] }",
            $"webhook.port = {port.ToString(CultureInfo.InvariantCulture)}",
            place => Prepare(place, port, "node-1"),
            node: "cluster = main, replica-set = rs-1, name = node-1");
        await CompactionClusterTests.Load(place, documents: 20_000, deleted: 2_000, length: 2_000);
        await place.Apply(SlowRun);
        var working = await place.Await("compactionrun", "slow", IsInStep);

        var refused = await Evict(place, "node-1", isDryRun: false, until: answer => answer.Error.Contains("works on node-1", StringComparison.Ordinal));
        await place.Kill();
        place.StartProcess();
        using var http = new HttpClient();
        var address = new Uri(place.Address, $"/api/v1/runs/{working!["status"]!["runId"]}");
        await AwaitActive(http, address);
        await place.Kubectl("delete", "compactionrun", "slow", "--timeout=300s");
        await Evict(place, "node-1", isDryRun: false, until: answer => answer.Code == 0);
        var run = await http.GetStringAsync(address);

        Assert.Contains("TooManyRequests", refused.Error, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"cancelled\"", run, StringComparison.Ordinal);
        await server.Kubectl("delete", "validatingwebhookconfiguration,clusterrole,clusterrolebinding", Name);
    }

    /// <summary>Waits until the process that was started again has the run, which works or waits for the hold of the eviction.</summary>
    private static async Task AwaitActive(HttpClient http, Uri address)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            try
            {
                var run = await http.GetStringAsync(address, patience.Token);
                if (run.Contains("\"state\":\"running\"", StringComparison.Ordinal) || run.Contains("\"state\":\"waiting\"", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen, or has no supervisor, yet.
            }

            await Task.Delay(200, patience.Token);
        }
    }

    /// <summary>A step that takes far longer than the test.</summary>
    private const string SlowRun = """
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: CompactionRun
        metadata: { name: slow }
        spec: { clusterRef: { name: main }, options: { force: true, maxBytesPerSecond: 65536 } }
        """;

    private static bool IsInStep(JsonNode? run) => run?["status"]?["members"] is JsonArray members && members.Any(member => member?["outcome"]?.ToString() == "Running");

    /// <summary>Asks until the answer is as it should be.</summary>
    private async Task<(int Code, string Error)> Evict(OperatorProcess place, string pod, bool isDryRun, Predicate<(int Code, string Error)> until)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            var (code, output, error) = await server.TryKubectl(
                $$$"""{"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"{{{pod}}}","namespace":"{{{place.Namespace}}}"}}""",
                ["create", "--raw", $"/api/v1/namespaces/{place.Namespace}/pods/{pod}/eviction{(isDryRun ? "?dryRun=All" : "")}", "-f", "-"]);
            if (until((code, error)))
            {
                return (code, error);
            }

            Assert.False(patience.IsCancellationRequested, $"the eviction never came to that: {code} {output}{error}\n{place.Log}");
            await Task.Delay(200);
        }
    }

    /// <summary>The webhook is called by its URL, since nothing here leads to a Service; for this namespace alone.</summary>
    private async Task Prepare(OperatorProcess place, int port, string pod)
    {
        await place.Kubectl("apply", "-f", Repository.PathOf("k8s", "operator-webhook", "rbac.yaml"));
        await place.Kubectl("create", "rolebinding", "webhook", $"--role={Name}", "--user=operator");
        await server.Kubectl("patch", "clusterrolebinding", Name, "--type=json", "-p", """[{"op":"add","path":"/subjects/-","value":{"kind":"User","name":"operator"}}]""");
        await server.Kubectl("label", "namespace", place.Namespace, "compaction.orchestrator.dev/protect-members=true");
        var hook = JsonNode.Parse(await server.Kubectl("create", "--dry-run=client", "-o", "json", "-f", Repository.PathOf("k8s", "operator-webhook", "webhook.yaml")))!;
        foreach (var webhook in hook["webhooks"]!.AsArray())
        {
            webhook!["clientConfig"] = new JsonObject { ["url"] = $"https://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}{AdmissionServer.Path}" };
        }

        await server.KubectlWith(hook.ToJsonString(), "apply", "-f", "-");
        var (certificate, key) = WebhookCertificate.Make(Name, place.Namespace, TimeProvider.System.GetUtcNow().AddDays(-400));
        await place.Apply($$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: {{Name}} }
            type: kubernetes.io/tls
            stringData: { tls.crt: {{new JsonArray(certificate)[0]!.ToJsonString()}}, tls.key: {{new JsonArray(key)[0]!.ToJsonString()}} }
            """);
        await place.Apply($$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: {{pod}} }
            spec: { containers: [{ name: database, image: "database:3" }] }
            """);
    }
}
