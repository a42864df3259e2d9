using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Kubernetes.Tests.Support;

namespace Orchestrator.Kubernetes.Tests;

/// <summary>
/// Every manifest is accepted by a real API server, field by field. That server is older than two kinds, which it has under the names of its time.
/// </summary>
[Collection(ApiServerTests.Name)]
public sealed partial class ManifestTests(ApiServer server)
{
    [SkippableTheory]
    [InlineData("base")]
    [InlineData("operator")]
    [InlineData("operator-webhook")]
    [InlineData("overlays/minikube")]
    [InlineData("overlays/mongodb")]
    [InlineData("overlays/postgres")]
    public async Task A_folder_of_manifests_is_accepted(string folder)
    {
        ApiServer.Require();
        var (code, built, error) = await server.TryKubectl("", ["kustomize", Repository.PathOf(["k8s", .. folder.Split('/')])]);
        Skip.If(code != 0 && error.Contains("must be a file", StringComparison.Ordinal), "this kubectl is too old to build overlays");
        Assert.True(code == 0, error);

        // The namespace that a folder names; that it is there already is no trouble.
        await server.TryKubectl("", ["create", "namespace", "databases"]);
        Check(await Accepted(built));
    }

    [SkippableTheory]
    [InlineData("couchdb-compact")]
    [InlineData("etcd-defragment")]
    [InlineData("milvus-compact")]
    [InlineData("mongodb-compact")]
    [InlineData("ravendb-compact")]
    public async Task A_cron_job_is_accepted(string name)
    {
        ApiServer.Require();

        Check(await Accepted(await File.ReadAllTextAsync(Repository.PathOf("k8s", "cronjobs", $"{name}.yaml"))));
    }

    [SkippableTheory]
    [InlineData("monitoring/service-monitor.yaml", "servicemonitors.yaml")]
    [InlineData("metacontroller/example.yaml", "compositecontrollers.yaml")]
    public async Task A_manifest_of_somebody_elses_kind_is_accepted_by_what_is_known_of_that_kind(string file, string definition)
    {
        ApiServer.Require();
        await server.Kubectl("apply", "-f", Repository.PathOf("tests", "Orchestrator.Kubernetes.Tests", "testdata", definition));
        await server.Kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=240s");

        // The server tells clients of a new kind a moment later.
        var manifest = await File.ReadAllTextAsync(Repository.PathOf(["k8s", .. file.Split('/')]));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var (code, _, error) = await server.TryKubectl(manifest, ["apply", "--dry-run=server", "--validate=true", "-f", "-"]);
            if (code == 0)
            {
                return;
            }

            Assert.True(error.Contains("no matches for kind", StringComparison.Ordinal) && !patience.IsCancellationRequested, error);
            await Task.Delay(200);
        }
    }

    [SkippableFact]
    public async Task The_resources_in_the_documentation_are_accepted()
    {
        ApiServer.Require();
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "kubernetes.md"));
        var examples = Examples().Matches(page).Select(match => match.Groups["text"].Value).ToList();

        Assert.True(examples.Count >= 6, $"only {examples.Count} examples");
        await server.KubectlWith(string.Join("\n---\n", examples), "create", "--dry-run=server", "--validate=true", "-f", "-");
    }

    [GeneratedRegex("(```yaml\n|<<END\n)(?<text>apiVersion: .*?)\n(```|END)", RegexOptions.Singleline)]
    private static partial Regex Examples();

    [GeneratedRegex("^ +timeZone: .*\n", RegexOptions.Multiline)]
    private static partial Regex TimeZone();

    private async Task<List<JsonNode>> Accepted(string yaml)
    {
        var older = TimeZone().Replace(yaml, "")
            .Replace("apiVersion: batch/v1\nkind: CronJob", "apiVersion: batch/v1beta1\nkind: CronJob", StringComparison.Ordinal)
            .Replace("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", StringComparison.Ordinal);
        var answer = JsonNode.Parse(await server.KubectlWith(older, "apply", "--dry-run=server", "--validate=true", "-o", "json", "-f", "-"))!;
        return answer["kind"]!.ToString() == "List" ? [.. answer["items"]!.AsArray().Select(item => item!)] : [answer];
    }

    /// <summary>What holds for every pod.</summary>
    private static void Check(List<JsonNode> objects)
    {
        foreach (var item in objects.Where(item => item["kind"]!.ToString() is "StatefulSet" or "CronJob"))
        {
            var template = item["spec"]!["template"] ?? item["spec"]!["jobTemplate"]!["spec"]!["template"];
            var pod = template!["spec"]!;
            var context = pod["securityContext"]!;
            Assert.True(context["runAsNonRoot"]!.GetValue<bool>());
            Assert.Equal((1654, 1654), (context["runAsUser"]!.GetValue<int>(), context["runAsGroup"]!.GetValue<int>()));
            Assert.Equal("RuntimeDefault", context["seccompProfile"]!["type"]!.ToString());
            Assert.NotNull(pod["automountServiceAccountToken"]);
            Assert.NotNull(template["metadata"]!["labels"]!["app.kubernetes.io/instance"]);
            foreach (var container in pod["containers"]!.AsArray())
            {
                Assert.Matches(":[0-9]|@sha256:", container!["image"]!.ToString());
                Assert.True(container["securityContext"]!["readOnlyRootFilesystem"]!.GetValue<bool>());
                Assert.False(container["securityContext"]!["allowPrivilegeEscalation"]!.GetValue<bool>());
                Assert.Equal("ALL", container["securityContext"]!["capabilities"]!["drop"]![0]!.ToString());
                Assert.NotNull(container["resources"]!["limits"]!["memory"]);
            }

            Assert.All(pod["volumes"]!.AsArray().Where(volume => volume!["emptyDir"] is not null), volume => Assert.NotNull(volume!["emptyDir"]!["sizeLimit"]));
        }
    }
}
