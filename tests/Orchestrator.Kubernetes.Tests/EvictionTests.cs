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
            server, CompactionRunTests.Clusters(etcd), $"webhook.port = {port.ToString(CultureInfo.InvariantCulture)}", place => Prepare(place, port));
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
    private async Task Prepare(OperatorProcess place, int port)
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
        await place.Apply("""
            apiVersion: v1
            kind: Pod
            metadata: { name: m1 }
            spec: { containers: [{ name: etcd, image: "etcd:3" }] }
            """);
    }
}
