using k8s;
using YamlDotNet.Serialization;

namespace Orchestrator.Kubernetes.Tests;

/// <summary>Without an API server: no manifest has a field that its kind, as a newer Kubernetes knows it, does not have.</summary>
public sealed class SchemaTests
{
    private static readonly string[] _others = ["compaction.orchestrator.dev/", "kustomize.config.k8s.io/", "monitoring.coreos.com/", "metacontroller.k8s.io/"];

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Repository.PathOf("k8s"), "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.PathOf("k8s"), file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_manifest_has_only_fields_of_its_kind(string file)
    {
        foreach (var document in File.ReadAllText(Repository.PathOf(["k8s", .. file.Split('/')])).Split("\n---\n"))
        {
            var kind = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(document).GetValueOrDefault("apiVersion")?.ToString() ?? "";
            if (kind.Length > 0 && !_others.Any(other => kind.StartsWith(other, StringComparison.Ordinal)))
            {
                Assert.Single(KubernetesYaml.LoadAllFromString(document, strict: true));
            }
        }
    }

    [Fact]
    public void A_misspelt_field_is_found() => Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString("""
        apiVersion: v1
        kind: Service
        metadata: { name: a }
        spec: { prots: [] }
        """, strict: true));
}
