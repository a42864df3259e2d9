namespace Akka.Cluster.Membership;

/// <summary>Who leads, and whether all members have seen what this node knows.</summary>
internal static class Convergence
{
    /// <summary>
    /// True when every member that has a say is in reach of all others and has reported exactly this node's
    /// state. States only grow, so a member that reported it once knows all of it for ever.
    /// </summary>
    public static bool IsReached(InsideCluster view)
    {
        foreach (var entry in view.Gossip.Members.Values)
        {
            if (!entry.Stage.CountsForConvergence())
            {
                continue;
            }

            if (view.Gossip.IsUnreachable(entry.Node))
            {
                return false;
            }

            if (!entry.Node.Equals(view.Self) && !HasSeen(view, entry.Node))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when the member has reported exactly this node's state.</summary>
    public static bool HasSeen(InsideCluster view, UniqueAddress node) =>
        node.Equals(view.Self) || (view.Reported.TryGetValue(node, out var reported) && reported.SameAs(view.Gossip));

    /// <summary>
    /// The member that carries out the membership changes: the first by address among the Up and Leaving ones in
    /// reach, else among the Exiting, else among the Joining. Null when there is none. With a role, only its members.
    /// </summary>
    public static UniqueAddress? Leader(Gossip gossip, UniqueAddress self, string? role = null)
    {
        MemberEntry? best = null;
        foreach (var entry in gossip.Members.Values)
        {
            var eligible = entry.Stage.IsAlive()
                && (role is null || entry.Roles.Contains(role))
                && (entry.Node.Equals(self) || !gossip.IsUnreachable(entry.Node));
            if (eligible && (best is null || Rank(entry) < Rank(best)))
            {
                best = entry;
            }
        }

        return best?.Node;
    }

    private static int Rank(MemberEntry entry) => entry.Stage switch
    {
        MemberStage.Up or MemberStage.Leaving => 0,
        MemberStage.Exiting => 1,
        MemberStage.Joining => 2,
        _ => 3,
    };
}
