using k8s;
using k8s.Models;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Kubernetes;

/// <summary>
/// Looks up which pods a starting process asks to join their cluster. It may find some of those that are about to come, or itself alone: that
/// no second cluster is founded the claim in the journal sees to.
/// </summary>
internal static class SeedPods
{
    private const int Most = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Waits until the API server answers.</summary>
    /// <returns>host:port each, in the order of the pods' names.</returns>
    /// <exception cref="Composition.ServeException">It is not known how to reach the API server.</exception>
    public static async Task<IReadOnlyList<string>> Find(
        KubernetesSettings settings, string labels, int port, TimeProvider time, Serilog.ILogger logger, CancellationToken cancellationToken)
    {
        var (client, place) = KubernetesAccess.Connect(settings);
        var trouble = new LastingTrouble(
            $"The pods {labels} of namespace {place} cannot be listed", $"The pods {labels} of namespace {place} can be listed again", time, logger);
        using (client)
        {
            while (true)
            {
                try
                {
                    var pods = await ResourceClient.Limited(
                        token => client.CoreV1.ListNamespacedPodAsync(place, labelSelector: labels, limit: Most, cancellationToken: token), cancellationToken);
                    IReadOnlyList<string> found =
                    [
                        .. from pod in pods.Items
                           where pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Succeeded" or "Failed")
                           orderby pod.Metadata.Name.Length, pod.Metadata.Name
                           let host = HostOf(pod)
                           where host.Length > 0
                           select $"{host}:{port}",
                    ];
                    trouble.Over();
                    logger.Information("Seed nodes by their pods: {Seeds}", found);
                    return found;
                }
                catch (Exception e) when (ResourceStore.IsExpected(e) && !cancellationToken.IsCancellationRequested)
                {
                    trouble.Note(ResourceStore.Reason(e));
                    await Task.Delay(Pause, time, cancellationToken);
                }
            }
        }
    }

    /// <summary>The name that a headless Service gives a pod of a StatefulSet, which stays when the pod is made anew; empty if it has none.</summary>
    public static string HostOf(V1Pod pod) => pod.Spec is { Hostname.Length: > 0, Subdomain.Length: > 0 } ? $"{pod.Spec.Hostname}.{pod.Spec.Subdomain}" : "";
}
