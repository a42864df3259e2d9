using System.Text.Json.Nodes;
using Orchestrator.Host.Kubernetes.Metacontroller;

namespace Orchestrator.Kubernetes.Tests;

/// <summary>Requests as Metacontroller sends them (v4.11, shortened), and what it is to do.</summary>
public sealed class MetacontrollerTests
{
    [Fact]
    public void A_parent_gets_one_run_as_its_child_and_another_one_when_what_it_wants_has_changed()
    {
        var first = Sync(Composite("shop", children: "{}"));
        var same = Sync(Composite("shop", children: "{}", more: ", \"suspend\": true"));
        var other = Sync(Composite("search", children: "{}"));

        var run = Child(first);
        Assert.Equal("CompactionRun", run["kind"]!.ToString());
        Assert.Equal("compaction.orchestrator.dev/v1alpha1", run["apiVersion"]!.ToString());
        Assert.Equal("databases", run["metadata"]!["namespace"]!.ToString());
        Assert.StartsWith("upgrade-", run["metadata"]!["name"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("""{"clusterRef":{"name":"shop"},"windowRefs":[{"name":"nights"}]}""", run["spec"]!.ToJsonString());
        Assert.Equal("Pending", first["status"]!["compaction"]!["state"]!.ToString());
        Assert.Equal(3, first["status"]!["observedGeneration"]!.GetValue<int>());
        Assert.Equal(NameOf(first), NameOf(same));
        Assert.True(Child(same)["spec"]!["suspend"]!.GetValue<bool>());
        Assert.NotEqual(NameOf(first), NameOf(other));
    }

    [Fact]
    public void The_parents_status_shows_what_its_run_has_come_to()
    {
        var name = NameOf(Sync(Composite("shop", children: "{}")));
        var answer = Sync(Composite("shop", children: Observed(name)));

        Assert.Equal("Completed", answer["status"]!["compaction"]!["state"]!.ToString());
        Assert.Equal("freed 6 MiB", answer["status"]!["compaction"]!["message"]!.ToString());
        Assert.Equal(6291456, answer["status"]!["compaction"]!["reclaimedBytes"]!.GetValue<long>());
        Assert.Equal(name, NameOf(answer));
    }

    [Fact]
    public void A_parent_is_let_go_when_its_runs_have_gone()
    {
        var name = NameOf(Sync(Composite("shop", children: "{}")));
        var waits = MetacontrollerHooks.Finalize(Parse(Composite("shop", children: Observed(name), finalizing: true)))!;
        var goes = MetacontrollerHooks.Finalize(Parse(Composite("shop", children: "{}", finalizing: true)))!;

        Assert.False(waits["finalized"]!.GetValue<bool>());
        Assert.Empty(waits["children"]!.AsArray());
        Assert.True(goes["finalized"]!.GetValue<bool>());
    }

    [Fact]
    public void A_parent_is_looked_at_again_when_its_cluster_or_a_window_changes()
    {
        var rules = MetacontrollerHooks.Customize(Parse("""{ "controller": {}, "parent": PARENT }""".Replace("PARENT", Parent("shop", ""), StringComparison.Ordinal)))!["relatedResources"]!;

        Assert.Equal(
            """[{"apiVersion":"compaction.orchestrator.dev/v1alpha1","resource":"compactionclusters","namespace":"databases","names":["shop"]},{"apiVersion":"compaction.orchestrator.dev/v1alpha1","resource":"maintenancewindows","namespace":"databases","names":["nights"]}]""",
            rules.ToJsonString());
    }

    [Fact]
    public void A_decorated_object_gets_its_run_as_an_attachment_and_keeps_its_own_status()
    {
        var answer = Sync($$"""
            {
              "controller": { "kind": "DecoratorController" },
              "object": {{Parent("shop", "").Replace("\"status\": {}", "\"status\": { \"replicas\": 3 }", StringComparison.Ordinal)}},
              "attachments": { "CompactionRun.compaction.orchestrator.dev/v1alpha1": {} },
              "related": {},
              "finalizing": false
            }
            """);

        Assert.Single(answer["attachments"]!.AsArray());
        Assert.Null(answer["children"]);
        Assert.Equal(3, answer["status"]!["replicas"]!.GetValue<int>());
    }

    [Fact]
    public void A_parent_that_wants_no_compaction_has_no_run_and_anything_else_is_no_request()
    {
        var none = Sync("""{ "parent": { "metadata": { "name": "a", "namespace": "b" }, "spec": {} }, "children": { "CompactionRun.compaction.orchestrator.dev/v1alpha1": {} } }""");

        Assert.Empty(none["children"]!.AsArray());
        Assert.Equal("None", none["status"]!["compaction"]!["state"]!.ToString());
        Assert.Null(MetacontrollerHooks.Sync(Parse("""{ "hello": 1 }""")));
        Assert.Null(MetacontrollerHooks.Sync(Parse("""{ "parent": { "metadata": "x" } }""")));
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();

    private static JsonObject Sync(string request) => MetacontrollerHooks.Sync(Parse(request))!;

    private static JsonObject Child(JsonObject answer) => Assert.Single(answer["children"]!.AsArray())!.AsObject();

    private static string NameOf(JsonObject answer) => Child(answer)["metadata"]!["name"]!.ToString();

    private static string Observed(string name) => $$"""
        {
          "{{name}}": {
            "apiVersion": "compaction.orchestrator.dev/v1alpha1",
            "kind": "CompactionRun",
            "metadata": { "name": "{{name}}", "namespace": "databases", "uid": "0c6d3b2e-1" },
            "spec": { "clusterRef": { "name": "shop" } },
            "status": { "state": "Completed", "message": "freed 6 MiB", "reclaimedBytes": 6291456 }
          }
        }
        """;

    private static string Parent(string cluster, string more) => $$"""
        {
          "apiVersion": "shop.example.com/v1",
          "kind": "Upgrade",
          "metadata": { "name": "upgrade", "namespace": "databases", "generation": 3, "uid": "5b0d7a52-1" },
          "spec": { "version": "8.0", "compaction": { "clusterRef": { "name": "{{cluster}}" }, "windowRefs": [{ "name": "nights" }]{{more}} } },
          "status": {}
        }
        """;

    private static string Composite(string cluster, string children, string more = "", bool finalizing = false) => $$"""
        {
          "controller": { "apiVersion": "metacontroller.k8s.io/v1alpha1", "kind": "CompositeController", "metadata": { "name": "upgrades" } },
          "parent": {{Parent(cluster, more)}},
          "children": { "CompactionRun.compaction.orchestrator.dev/v1alpha1": {{children}} },
          "related": {},
          "finalizing": {{(finalizing ? "true" : "false")}}
        }
        """;
}
