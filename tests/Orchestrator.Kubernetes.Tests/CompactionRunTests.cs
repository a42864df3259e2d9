using System.Text.Json.Nodes;
using Orchestrator.Engines.Tests.Support;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

[Collection(ApiServerTests.Name)]
public sealed class CompactionRunTests(ApiServer server)
{
    [SkippableFact]
    public async Task An_applied_run_defragments_a_real_etcd_and_its_status_and_events_say_so()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(3);
        await etcd.Fragment(8);
        await using var place = await OperatorProcess.Start(server, Clusters(etcd));
        await place.Apply("""
            apiVersion: compaction.orchestrator.dev/v1alpha1
            kind: CompactionRun
            metadata: { name: first }
            spec:
              clusterRef: { name: kube }
              options: { comment: ticket 4711 }
            """);

        var run = await place.Await("compactionrun", "first", OperatorProcess.HasEnded);

        Assert.Equal("True", OperatorProcess.Condition(run, "Succeeded"));
        Assert.Equal("Completed", run!["status"]!["state"]!.ToString());
        Assert.Equal("True", OperatorProcess.Condition(run, "Planned"));
        Assert.Equal("False", OperatorProcess.Condition(run, "Progressing"));
        var members = run["status"]!["members"]!.AsArray();
        Assert.Equal(["m1", "m2", "m3"], members.Select(member => member!["name"]!.ToString()).Order());
        Assert.All(members, member => Assert.Equal("Compacted", member!["outcome"]!.ToString()));
        Assert.All(members, member => Assert.True(member!["sizeAfter"]!.GetValue<long>() < member["sizeBefore"]!.GetValue<long>()));
        Assert.True(run["status"]!["reclaimedBytes"]!.GetValue<long>() > 0);
        // An event is written after the status that it tells of.
        await place.AwaitText(["get", "events", "-o", "jsonpath={.items[*].reason}"], events => events.Split(' ').Contains("Completed"));
        Assert.Contains("Completed", await place.Kubectl("get", "crun"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_held_run_waits_goes_on_as_the_same_after_the_operator_was_killed_and_ends_when_the_hold_is_deleted()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(8);
        await using var place = await OperatorProcess.Start(server, Clusters(etcd));
        var waiting = await HeldRun(place, "held");

        await place.Kill();
        place.StartProcess();
        await place.Kubectl("delete", "maintenancehold", "restart", "--timeout=300s");
        var run = await place.Await("compactionrun", "held", OperatorProcess.HasEnded);

        Assert.Contains($"{place.Namespace}.restart holds kube until ", waiting!["status"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("True", OperatorProcess.Condition(run, "Succeeded"));
        Assert.Equal(waiting["status"]!["runId"]!.ToString(), run!["status"]!["runId"]!.ToString());
    }

    [SkippableFact]
    public async Task A_deleted_run_is_cancelled_before_it_goes_and_an_operator_that_stops_gives_its_lease_back()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(8);
        await using var place = await OperatorProcess.Start(server, Clusters(etcd));
        var waiting = await HeldRun(place, "gone");

        await place.Kubectl("delete", "compactionrun", "gone", "--timeout=300s");
        using var http = new HttpClient();
        var run = await http.GetStringAsync(new Uri(place.Address, $"/api/v1/runs/{waiting!["status"]!["runId"]}"));
        await place.Stop();
        var holder = await place.Kubectl("get", "lease", "orchestrator-operator", "-o", "jsonpath={.spec.holderIdentity}");

        Assert.Contains("\"state\":\"cancelled\"", run, StringComparison.Ordinal);
        Assert.Equal("", holder);
        await place.Kubectl("patch", "maintenancehold", "restart", "--type=merge", "-p", """{"metadata":{"finalizers":null}}""");
    }

    [SkippableFact]
    public async Task A_run_keeps_to_its_maintenance_windows_and_says_when_the_next_one_opens()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(1);
        await etcd.Fragment(8);
        await using var place = await OperatorProcess.Start(server, Clusters(etcd));
        await place.Apply(Window("0 0 1 1 *", 60));
        await place.Apply(Run("nightly", "windowRefs: [{ name: nights }]\n  options: { force: true }"));
        var waiting = await place.Await("compactionrun", "nightly", found => OperatorProcess.Reason(found, "Progressing") == "WindowClosed");
        var window = await place.Await("maintenancewindow", "nights", found => OperatorProcess.Condition(found, "Ready") == "True");

        await place.Apply(Window("0 0 * * *", 86_400));
        var run = await place.Await("compactionrun", "nightly", OperatorProcess.HasEnded);

        Assert.Contains("nights is closed", waiting!["status"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.False(window!["status"]!["open"]!.GetValue<bool>());
        Assert.Equal(5, window["status"]!["nextOpenings"]!.AsArray().Count);
        Assert.Equal("True", OperatorProcess.Condition(run, "Succeeded"));
    }

    [SkippableFact]
    public async Task What_cannot_be_run_says_why_and_a_suspended_run_begins_nothing()
    {
        ApiServer.Require();
        await using var etcd = await EtcdProcesses.Start(1);
        await using var place = await OperatorProcess.Start(server, Clusters(etcd));
        await place.Apply(Run("wrong", "options: { mode: sideways, paddingFactor: 17 }"));
        await place.Apply(Run("unknown", "").Replace("name: kube", "name: nowhere", StringComparison.Ordinal));
        await place.Apply(Run("later", "suspend: true"));
        await place.Apply(Run("short", "ttlSecondsAfterFinished: 0"));

        var wrong = await place.Await("compactionrun", "wrong", found => OperatorProcess.Condition(found, "Succeeded") == "False");
        var unknown = await place.Await("compactionrun", "unknown", found => OperatorProcess.Reason(found, "Progressing") == "NotFound");
        await place.Await("compactionrun", "later", found => OperatorProcess.Reason(found, "Progressing") == "Suspended");
        await place.Await("compactionrun", "short", found => found is null);

        Assert.Equal("InvalidSpec", OperatorProcess.Reason(wrong, "Succeeded"));
        Assert.Contains("there is no cluster 'nowhere'", unknown!["status"]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("InvalidSpec", await place.Kubectl("describe", "compactionrun", "wrong"), StringComparison.Ordinal);
        var (code, _, error) = await server.TryKubectl(Run("bad", "approval: Maybe"), ["apply", "-n", place.Namespace, "-f", "-"]);
        Assert.True(code != 0 && error.Contains("approval", StringComparison.Ordinal), error);
    }

    /// <summary>A run that waits for a hold.</summary>
    private static async Task<JsonNode?> HeldRun(OperatorProcess place, string name)
    {
        await place.Apply(Hold);
        await place.Await("maintenancehold", "restart", found => OperatorProcess.Condition(found, "Ready") == "True");
        await place.Apply(Run(name, "options: { force: true }"));
        return await place.Await("compactionrun", name, found => OperatorProcess.Reason(found, "Progressing") == "NotHeld");
    }

    private const string Hold = """
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: MaintenanceHold
        metadata: { name: restart }
        spec:
          clusterRef: { name: kube }
          reason: a new image
        """;

    private static string Run(string name, string more) => $$"""
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: CompactionRun
        metadata: { name: {{name}} }
        spec:
          clusterRef: { name: kube }
          {{more}}
        """;

    private static string Window(string cron, int seconds) => $$"""
        apiVersion: compaction.orchestrator.dev/v1alpha1
        kind: MaintenanceWindow
        metadata: { name: nights }
        spec:
          timeZone: Etc/UTC
          cron: [{ schedule: "{{cron}}", durationSeconds: {{seconds}} }]
          blackouts: ["2099-01-01..2099-01-02"]
        """;

    internal static string Clusters(EtcdProcesses etcd) =>
        $"kube {{ engine = etcd, settle = 0s, endpoints = [{string.Join(", ", etcd.Endpoints.Select(url => $"\"{url.GetLeftPart(UriPartial.Authority)}\""))}] }}";
}
