using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Kubernetes.Clusters;

/// <summary>
/// Makes a cluster of a CompactionCluster: looks up what it refers to, Secrets and pods, and has its engine read the result as a section of the
/// configuration.
/// </summary>
internal sealed class ClusterSource(IKubernetes client, string place, DeclaredClusters clusters, SecretFiles files)
{
    private const int MaxPods = 1000;

    /// <summary>Keys of a Secret with credentials (kubernetes.io/basic-auth) and the settings that they are.</summary>
    private static readonly IReadOnlyList<(string Key, string Setting)> _credentials = [("username", "auth.user"), ("password", "auth.password")];

    /// <summary>Keys of a Secret of TLS (kubernetes.io/tls) and the settings that they are files of.</summary>
    private static readonly IReadOnlyList<(string Key, string Setting)> _tls = [("ca.crt", "tls.ca"), ("tls.crt", "tls.certificate"), ("tls.key", "tls.key")];

    /// <returns>The cluster with a text that differs if anything about it does; or what is wrong, with the reason as one word.</returns>
    public async Task<ReadCluster> Read(Resource resource, CancellationToken cancellationToken)
    {
        var section = new ClusterSection(resource);
        try
        {
            await AddEndpoints(section, resource, cancellationToken);
            await AddSecret(section, resource.Text("spec", "credentialsSecretRef", "name"), _credentials, section.Set, cancellationToken);
            await AddSecret(section, resource.Text("spec", "tlsSecretRef", "name"), _tls, AddFile, cancellationToken);
            foreach (var entry in (resource.Spec["secretSettings"] as JsonArray ?? []).OfType<JsonObject>())
            {
                var key = entry["secretKeyRef"]?["key"]?.ToString() ?? "";
                await AddSecret(
                    section,
                    entry["secretKeyRef"]?["name"]?.ToString() ?? "",
                    [(key, entry["setting"]?.ToString() ?? "")],
                    entry["asFile"]?.GetValue<bool>() == true ? AddFile : section.Set,
                    cancellationToken);
            }
        }
        catch (MissingReferenceException e)
        {
            return new ReadCluster(null, "", e.Reason, e.Message);
        }

        var text = section.ToString();
        return clusters.Read(resource.Name, text, files.Directory, out var problem) is { } cluster
            ? new ReadCluster(cluster, text, "", "")
            : new ReadCluster(null, "", "InvalidSpec", problem);

        void AddFile(string setting, string content) => section.Set(setting, files.Write(Encoding.UTF8.GetBytes(content)));
    }

    private async Task AddEndpoints(ClusterSection section, Resource resource, CancellationToken cancellationToken)
    {
        var endpoints = resource.Texts("spec", "endpoints");
        if (resource.Find("spec", "pods") is JsonObject)
        {
            endpoints = [.. endpoints, .. await FindPods(resource, cancellationToken)];
        }

        section.SetEndpoints(endpoints);
    }

    private async Task<IReadOnlyList<string>> FindPods(Resource resource, CancellationToken cancellationToken)
    {
        var labels = string.Join(',', (resource.Find("spec", "pods", "matchLabels") as JsonObject ?? []).Select(label => $"{label.Key}={label.Value}"));
        var pods = await ResourceClient.Limited(
            token => client.CoreV1.ListNamespacedPodAsync(place, labelSelector: labels, limit: MaxPods, cancellationToken: token), cancellationToken);
        var scheme = resource.Text("spec", "pods", "scheme") is { Length: > 0 } named ? $"{named}://" : "";
        List<string> found =
        [
            .. from pod in pods.Items
               orderby pod.Metadata.Name
               let host = HostOf(pod)
               where host.Length > 0 && pod.Metadata.DeletionTimestamp is null
               select $"{scheme}{host}:{resource.Whole("spec", "pods", "port")}",
        ];
        return found.Count > 0 ? found : throw new MissingReferenceException("PodsNotFound", $"there is no pod with the labels {labels} that has an address");
    }

    /// <summary>The pod's lasting name; else its address.</summary>
    private string HostOf(V1Pod pod) => SeedPods.HostOf(pod) is { Length: > 0 } name
        ? $"{name}.{place}.svc"
        : pod.Status?.PodIP is { Length: > 0 } address
            ? address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address
            : "";

    /// <summary>Adds those keys that a Secret has; it has at least one of them.</summary>
    private async Task AddSecret(
        ClusterSection section, string name, IReadOnlyList<(string Key, string Setting)> keys, Action<string, string> add, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
        {
            return;
        }

        V1Secret secret;
        try
        {
            secret = await ResourceClient.Limited(token => client.CoreV1.ReadNamespacedSecretAsync(name, place, cancellationToken: token), cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            throw new MissingReferenceException("SecretNotFound", $"there is no Secret {name}");
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Forbidden)
        {
            throw new MissingReferenceException("SecretForbidden", $"the operator's Role does not allow it to read the Secret {name}");
        }

        var found = keys.Where(entry => secret.Data?.ContainsKey(entry.Key) == true).ToList();
        if (found.Count == 0)
        {
            throw new MissingReferenceException("SecretKeyNotFound", $"the Secret {name} has no key {string.Join(" or ", keys.Select(entry => entry.Key))}");
        }

        foreach (var (key, setting) in found)
        {
            add(setting, Encoding.UTF8.GetString(secret.Data![key]));
        }
    }

    private sealed class MissingReferenceException(string reason, string message) : Exception(message)
    {
        public string Reason => reason;
    }
}

/// <summary>A CompactionCluster as its engine has read it.</summary>
/// <param name="Cluster">Null if it cannot be used.</param>
/// <param name="Section">What it was read from; holds secrets: never to be logged.</param>
/// <param name="Reason">Why it cannot be used, in one word.</param>
/// <param name="Problem">The same in sentences.</param>
internal sealed record ReadCluster(ConfiguredCluster? Cluster, string Section, string Reason, string Problem);
