using k8s;
using k8s.Exceptions;
using Orchestrator.Engines;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Kubernetes;

/// <summary>The way to the API server.</summary>
internal static class KubernetesAccess
{
    /// <returns>A client without a limit of its own, since calls have theirs and a watch lasts for minutes; and the namespace to work in.</returns>
    /// <exception cref="ServeException">It is not known how to reach the API server.</exception>
    public static (k8s.Kubernetes Client, string Namespace) Connect(KubernetesSettings settings)
    {
        var configuration = Configure(settings);
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        var place = settings.Namespace.Length > 0 ? settings.Namespace
            : string.IsNullOrEmpty(configuration.Namespace) ? "default" : configuration.Namespace;
        return (new k8s.Kubernetes(configuration), place);
    }

    private static KubernetesClientConfiguration Configure(KubernetesSettings settings)
    {
        try
        {
            RegularFile.Require(settings.Kubeconfig);
            return settings.Kubeconfig.Length > 0
                ? KubernetesClientConfiguration.BuildConfigFromConfigFile(settings.Kubeconfig)
                : KubernetesClientConfiguration.InClusterConfig();
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            throw new ServeException(
                settings.Kubeconfig.Length > 0
                    ? $"The kubeconfig file {settings.Kubeconfig} cannot be used: {e.Message}"
                    : "This process runs in no pod with a service account; set orchestrator.kubernetes.kubeconfig.",
                e);
        }
    }
}
