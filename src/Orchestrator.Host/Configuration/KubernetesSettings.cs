namespace Orchestrator.Host.Configuration;

/// <summary>How the role operator reaches Kubernetes, and whose resources it works on.</summary>
internal sealed record KubernetesSettings
{
    /// <summary>Absolute path; empty: the pod's service account.</summary>
    public required string Kubeconfig { get; init; }

    /// <summary>Empty: that of the pod, or of the kubeconfig's context.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Lease by which the operators agree on one that works.</summary>
    public required string Lease { get; init; }

    /// <summary>How often active runs are looked at.</summary>
    public required TimeSpan PollInterval { get; init; }

    /// <summary>How often every resource is looked at, whether it has changed or not.</summary>
    public required TimeSpan ResyncInterval { get; init; }

    /// <summary>The webhook that keeps pods from being evicted at the wrong time; null: off.</summary>
    public required EvictionWebhookSettings? Webhook { get; init; }
}

/// <summary>The webhook that the API server asks whether a pod may be evicted.</summary>
/// <param name="Host">IP address to listen on.</param>
/// <param name="Port">TCP port, 1 to 65535.</param>
/// <param name="Service">Name of the Service by which the API server reaches it, in the operator's namespace.</param>
/// <param name="Secret">Name of the Secret with its certificate, in the operator's namespace.</param>
/// <param name="Configuration">Name of the ValidatingWebhookConfiguration.</param>
/// <param name="LongestRefusal">How long a pod is refused at most.</param>
internal sealed record EvictionWebhookSettings(string Host, int Port, string Service, string Secret, string Configuration, TimeSpan LongestRefusal);
