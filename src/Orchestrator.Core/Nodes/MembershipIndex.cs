using System.Runtime.CompilerServices;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// Finds a member's part in one of its replica sets. A member of tens of thousands of sets is looked at for each of them, so each list is read
/// once; lists do not change.
/// </summary>
internal static class MembershipIndex
{
    /// <summary>Lists up to this length are searched as they are.</summary>
    public const int Small = 8;

    private static readonly ConditionalWeakTable<IReadOnlyList<SetMembership>, Dictionary<string, SetMembership>> Indexes = [];

    /// <returns>The first of that set; null if there is none.</returns>
    public static SetMembership? Find(IReadOnlyList<SetMembership> memberships, string replicaSet) => memberships.Count <= Small
        ? memberships.FirstOrDefault(membership => membership.ReplicaSet == replicaSet)
        : Indexes.GetValue(memberships, Read).GetValueOrDefault(replicaSet);

    private static Dictionary<string, SetMembership> Read(IReadOnlyList<SetMembership> memberships)
    {
        var index = new Dictionary<string, SetMembership>(memberships.Count, StringComparer.Ordinal);
        foreach (var membership in memberships)
        {
            index.TryAdd(membership.ReplicaSet, membership);
        }

        return index;
    }
}
