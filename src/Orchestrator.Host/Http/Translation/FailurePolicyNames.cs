using Orchestrator.Core.Planning;

namespace Orchestrator.Host.Http.Translation;

/// <summary>The policies for failed steps as request bodies and command lines name them.</summary>
internal static class FailurePolicyNames
{
    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [ToText(FailurePolicy.Stop), ToText(FailurePolicy.SkipMember), ToText(FailurePolicy.Continue)];

    /// <summary>The policy of a name; an unknown one gives null.</summary>
    public static FailurePolicy? Find(string name) => name switch
    {
        "stop" => FailurePolicy.Stop,
        "skip-member" => FailurePolicy.SkipMember,
        "continue" => FailurePolicy.Continue,
        _ => null,
    };

    /// <summary>The name of a policy.</summary>
    public static string ToText(this FailurePolicy policy) => policy switch
    {
        FailurePolicy.Stop => "stop",
        FailurePolicy.SkipMember => "skip-member",
        FailurePolicy.Continue => "continue",
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, null),
    };
}
