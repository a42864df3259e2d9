using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

[Collection(ApiServerTests.Name)]
public sealed class CompactionClusterTests(ApiServer server)
{
    [SkippableFact]
    public async Task An_applied_cluster_is_defragmented_by_the_run_of_an_applied_schedule_within_the_clusters_window()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(8);
        await using var place = await OperatorProcess.Start(server, "", prepare: place => Prepare(place, etcd.Endpoints[0].Port));
        var cluster = await place.Await("compactioncluster", "kube", found => OperatorProcess.Condition(found, "Ready") == "True");
        await AwaitRun(place, "WindowClosed");
        await place.Apply(Window("0 0 * * *", 86_400));

        var run = await AwaitRun(place, "Completed");
        using var http = new HttpClient();
        var shown = await http.GetStringAsync(new Uri(place.Address, "/api/v1/clusters/kube"));

        Assert.Equal("m1", cluster!["status"]!["members"]![0]!["name"]!.ToString());
        Assert.Equal("True", OperatorProcess.Condition(cluster, "Accepted"));
        Assert.Equal("True", OperatorProcess.Condition(run, "Succeeded"));
        Assert.True(run["status"]!["reclaimedBytes"]!.GetValue<long>() > 0);
        Assert.Equal("weekly", run["metadata"]!["ownerReferences"]![0]!["name"]!.ToString());
        Assert.Contains("\"engine\":\"etcd\"", shown, StringComparison.Ordinal);
        await place.AwaitText(["get", "events", "-o", "jsonpath={.items[*].reason}"], events => events.Contains("CreatedRun", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_cluster_says_what_is_wrong_with_it_and_goes_only_when_no_run_is_active_on_it()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(8);
        await using var place = await OperatorProcess.Start(server, "");
        await place.Apply(Cluster(etcd, "settings: { request-timout: 1s, auth: { user: root, password-file: /etc/hostname } }"));
        var wrong = await place.Await("compactioncluster", "kube", found => OperatorProcess.Reason(found, "Accepted") == "InvalidSpec");
        await place.Apply(Cluster(etcd, "secretSettings: [{ setting: lock-key, secretKeyRef: { name: names, key: lock } }]"));
        var missing = await place.Await("compactioncluster", "kube", found => OperatorProcess.Reason(found, "Accepted") == "SecretNotFound");
        await place.Kubectl("create", "secret", "generic", "names", "--from-literal=lock=a/lock");
        await place.Apply(Cluster(etcd, "secretSettings: [{ setting: lock-key, secretKeyRef: { name: names, key: lock } }]\n  settings: { settle: 0s }"));
        await place.Await("compactioncluster", "kube", found => OperatorProcess.Condition(found, "Ready") == "True");
        await place.Apply(Hold);
        await place.Await("maintenancehold", "restart", found => OperatorProcess.Condition(found, "Ready") == "True");
        await place.Apply(Run("held"));
        await place.Await("compactionrun", "held", found => OperatorProcess.Reason(found, "Progressing") == "NotHeld");

        await place.Kubectl("delete", "compactioncluster", "kube", "--wait=false");
        var staying = await place.Await("compactioncluster", "kube", found => OperatorProcess.Reason(found, "Ready") == "BeingDeleted");
        await place.Kubectl("delete", "maintenancehold", "restart", "--timeout=300s");
        var run = await place.Await("compactionrun", "held", OperatorProcess.HasEnded);
        await place.Await("compactioncluster", "kube", found => found is null);
        using var http = new HttpClient();
        using var gone = await AwaitGone(http, place);

        Assert.Contains("request-timout: there is no such setting", wrong!["status"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("auth.password-file: expected the key of a Secret", wrong["status"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("there is no Secret names", missing!["status"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("is active", staying!["status"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("True", OperatorProcess.Condition(run, "Succeeded"));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [SkippableFact]
    public async Task The_embedded_cluster_is_compacted_by_the_run_of_an_applied_schedule_within_its_window()
    {
        ApiServer.Require();
        await using var place = await OperatorProcess.Start(
            server,
            "main { replica-sets.rs-1.members = [node-1] }",
            prepare: async place =>
            {
                await place.Apply(Window("0 0 1 1 *", 60));
                await ApplyDueSchedule(place, "main", "windowRefs: [{ name: nights }]");
            },
            node: "cluster = main, replica-set = rs-1, name = node-1");
        await Load(place);
        await AwaitRun(place, "WindowClosed");
        await place.Apply(Window("0 0 * * *", 86_400));

        var run = await AwaitRun(place, "Completed");

        Assert.Equal("True", OperatorProcess.Condition(run, "Succeeded"));
        Assert.True(run["status"]!["reclaimedBytes"]!.GetValue<long>() > 0);
        Assert.Equal("node-1", run["status"]!["members"]![0]!["name"]!.ToString());
        await place.Apply(await AskMetacontrollerHook(place));
    }

    /// <summary>The run that Metacontroller would make for somebody's object.</summary>
    private static async Task<string> AskMetacontrollerHook(OperatorProcess place)
    {
        using var http = new HttpClient();
        using var request = new StringContent(
            """{ "parent": { "metadata": { "name": "upgrade" }, "spec": { "compaction": { "clusterRef": { "name": "main" }, "suspend": true } } }, "children": {} }""",
            Encoding.UTF8,
            "application/json");
        using var answer = await http.PostAsync(new Uri(place.Address, "/hooks/metacontroller/sync"), request);
        using var nonsense = await http.PostAsync(new Uri(place.Address, "/hooks/metacontroller/sync"), new StringContent("{}", Encoding.UTF8, "application/json"));
        var text = await answer.Content.ReadAsStringAsync();

        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        return JsonNode.Parse(text)!["children"]![0]!.ToJsonString();
    }

    private const string Hold = """
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: MaintenanceHold
        metadata: { name: restart }
        spec: { clusterRef: { name: kube }, reason: a new image }
        """;

    private static string Run(string name) => $$"""
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: CompactionRun
        metadata: { name: {{name}} }
        spec: { clusterRef: { name: kube }, options: { force: true } }
        """;

    private static string Cluster(EtcdProcesses etcd, string more) => $$"""
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: CompactionCluster
        metadata: { name: kube }
        spec:
          engine: etcd
          endpoints: ["{{etcd.Endpoints[0].GetLeftPart(UriPartial.Authority)}}"]
          {{more}}
        """;

    private static string Window(string cron, int seconds) => $$"""
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: MaintenanceWindow
        metadata: { name: nights }
        spec: { cron: [{ schedule: "{{cron}}", durationSeconds: {{seconds}} }] }
        """;

    /// <summary>A pod in which the database runs, a window that is closed, and a schedule whose time came an hour ago.</summary>
    private async Task Prepare(OperatorProcess place, int port)
    {
        await place.Apply("""
            apiVersion: v1
            kind: Pod
            metadata: { name: etcd-0, labels: { app: etcd } }
            spec: { containers: [{ name: etcd, image: "etcd:3" }] }
            """);
        await SetStatus(place, "/api/v1", "pods", "pod", "etcd-0", new JsonObject { ["podIP"] = "127.0.0.1", ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }) });
        await place.Apply($$"""
            apiVersion: compaction.orchestrator.dev/v1alpha1
            kind: CompactionCluster
            metadata: { name: kube }
            spec:
              engine: etcd
              pods: { matchLabels: { app: etcd }, port: {{port.ToString(CultureInfo.InvariantCulture)}}, scheme: http }
              settings: { settle: 0s }
              windowRefs: [{ name: nights }]
            """);
        await place.Apply(Window("0 0 1 1 *", 60));
        await ApplyDueSchedule(place, "kube", "");
    }

    /// <summary>A schedule whose time came an hour ago.</summary>
    private async Task ApplyDueSchedule(OperatorProcess place, string cluster, string more)
    {
        await place.Apply($$"""
            apiVersion: compaction.orchestrator.dev/v1alpha1
            kind: CompactionSchedule
            metadata: { name: weekly }
            spec:
              schedule: "0 * * * *"
              runTemplate:
                spec:
                  clusterRef: { name: {{cluster}} }
                  options: { force: true }
                  {{more}}
            """);
        await SetStatus(place, "/apis/compaction.orchestrator.dev/v1alpha1", "compactionschedules", "compactionschedule", "weekly", new JsonObject
        {
            ["lastScheduleTime"] = TimeProvider.System.GetUtcNow().AddHours(-2).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        });
    }

    private async Task SetStatus(OperatorProcess place, string group, string plural, string kind, string name, JsonObject status)
    {
        var found = await place.Get(kind, name);
        found["status"] = status;
        await server.KubectlWith(found.ToJsonString(), "replace", "--raw", $"{group}/namespaces/{place.Namespace}/{plural}/{name}/status", "-f", "-");
    }

    /// <summary>Waits until the schedule's run gives a reason for its state.</summary>
    private static async Task<JsonNode> AwaitRun(OperatorProcess place, string reason)
    {
        JsonNode? run = null;
        await place.AwaitText(
            ["get", "compactionruns", "-l", "compaction.orchestrator.dev/schedule=weekly", "-o", "json"],
            said => (run = JsonNode.Parse(said)!["items"]!.AsArray().FirstOrDefault()) is not null && OperatorProcess.Reason(run, "Progressing") == reason);
        return run!;
    }

    /// <summary>The cluster's address once the supervisor no longer looks after it.</summary>
    private static async Task<HttpResponseMessage> AwaitGone(HttpClient http, OperatorProcess place)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            var answer = await http.GetAsync(new Uri(place.Address, "/api/v1/clusters/kube"), patience.Token);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return answer;
            }

            answer.Dispose();
            await Task.Delay(100, patience.Token);
        }
    }

    /// <summary>Documents of which most are deleted again, once the node takes writes.</summary>
    internal static async Task Load(OperatorProcess place, int documents = 4000, int deleted = 3800, int length = 400)
    {
        using var http = new HttpClient { BaseAddress = new Uri(place.Address, "/api/v1/databases/shop/collections/orders/") };
        var filler = new string('x', length);
        foreach (var part in Enumerable.Range(0, documents).Chunk(2000))
        {
            await Send("./documents:bulk", part.Select(i => $$"""{"_id":"d{{i}}","filler":"{{filler}}"}"""));
        }

        await Send("./documents:delete", Enumerable.Range(0, deleted).Select(i => $$"""{"_id":"d{{i}}"}"""));

        async Task Send(string path, IEnumerable<string> lines)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
            while (true)
            {
                try
                {
                    using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
                    using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, patience.Token);
                    if (answer.IsSuccessStatusCode)
                    {
                        return;
                    }
                }
                catch (HttpRequestException)
                {
                    // It has not begun to listen yet.
                }

                await Task.Delay(200, patience.Token);
            }
        }
    }
}
