using Orchestrator.Core.Planning;

namespace Orchestrator.Host.Http.Translation;

/// <summary>The policies for failed steps as request bodies and command lines name them.</summary>
internal static class FailurePolicyNames
{
    private static readonly (string Name, FailurePolicy Policy)[] Entries =
    [
        ("stop", FailurePolicy.Stop),
        ("skip-member", FailurePolicy.SkipMember),
        ("continue", FailurePolicy.Continue),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Entries.Select(entry => entry.Name)];

    /// <summary>The policy of a name; an unknown one gives null.</summary>
    public static FailurePolicy? Find(string name) =>
        Entries.Where(entry => entry.Name == name).Select(entry => (FailurePolicy?)entry.Policy).FirstOrDefault();

    /// <summary>The name of a policy.</summary>
    public static string ToText(this FailurePolicy policy) => Entries.First(entry => entry.Policy == policy).Name;
}
