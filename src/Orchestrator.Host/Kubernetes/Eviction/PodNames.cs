using Orchestrator.Core.Nodes;

namespace Orchestrator.Host.Kubernetes.Eviction;

/// <summary>Which member of a cluster runs in a pod.</summary>
internal static class PodNames
{
    private const char LabelEnd = '.';

    /// <summary>
    /// Whether a member runs in a pod: the first label of its name or of the host at which it answers is the pod's name, and the third label,
    /// where there is one, is the pod's namespace (<c>POD.SERVICE.NAMESPACE.svc</c>, the name that DNS gives the pods of a StatefulSet).
    /// </summary>
    /// <param name="place">The namespace of pods whose members name none: the operator's.</param>
    public static bool IsMember(NodeObservation member, string pod, string podNamespace, string place) =>
        IsHost(HostOf(member.Node), pod, podNamespace, place) || IsHost(HostOf(member.Address), pod, podNamespace, place);

    private static bool IsHost(string host, string pod, string podNamespace, string place)
    {
        var labels = host.Split(LabelEnd);
        return labels[0] == pod && (labels.Length > 2 ? labels[2] : place) == podNamespace;
    }

    /// <summary>Of <c>scheme://user@host:port/path</c>, of which all but the host may be missing.</summary>
    private static string HostOf(string address)
    {
        var rest = address[(address.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0)..];
        rest = rest[(rest.IndexOf('@', StringComparison.Ordinal) + 1)..];
        return rest.IndexOfAny([':', '/']) is var end and >= 0 ? rest[..end] : rest;
    }
}
