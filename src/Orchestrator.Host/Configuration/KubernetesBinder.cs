using Orchestrator.Core;

namespace Orchestrator.Host.Configuration;

/// <summary>Reads how Kubernetes is reached.</summary>
internal static class KubernetesBinder
{
    public static KubernetesSettings Read(SettingsReader kubernetes)
    {
        var lease = kubernetes.RequiredText("lease");
        if (lease.Length > 0 && PlainName.Check(lease) is { } problem)
        {
            kubernetes.Fail("lease", problem, 0);
        }

        return new KubernetesSettings
        {
            Kubeconfig = kubernetes.FilePath("kubeconfig"),
            Namespace = kubernetes.Text("namespace"),
            Lease = lease,
            PollInterval = kubernetes.Duration("poll-interval", "100ms", "1m"),
            ResyncInterval = kubernetes.Duration("resync-interval", "10s", "1d"),
            Webhook = ReadWebhook(kubernetes.Section("webhook")),
        };
    }

    private static EvictionWebhookSettings? ReadWebhook(SettingsReader webhook)
    {
        var settings = new EvictionWebhookSettings(
            webhook.IpAddress("host"),
            webhook.WholeNumber("port", 0, 65535),
            webhook.RequiredText("service"),
            webhook.RequiredText("secret"),
            webhook.RequiredText("configuration"),
            webhook.Duration("longest-refusal", "1s", "1d"));
        return settings.Port == 0 ? null : settings;
    }
}
