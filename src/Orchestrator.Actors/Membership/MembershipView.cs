using Akka.Cluster;

namespace Orchestrator.Actors.Membership;

/// <summary>What this process knows of the members.</summary>
internal static class MembershipView
{
    /// <summary>The members that are neither down nor on their way out.</summary>
    public static IEnumerable<Member> Living(Cluster cluster) =>
        cluster.State.Members.Where(member => member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving);

    /// <summary>The member with a role that has been one for the longest time; null if there is none.</summary>
    public static Member? Oldest(Cluster cluster, string role) => cluster.State.Members
        .Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving && member.HasRole(role))
        .Aggregate((Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest);
}
