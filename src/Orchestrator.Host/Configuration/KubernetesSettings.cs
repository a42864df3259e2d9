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
}
