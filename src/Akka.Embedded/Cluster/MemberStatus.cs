namespace Akka.Cluster;

/// <summary>Where a member is in its life: Joining, Up, Leaving, Exiting, Removed; Down when it was lost.</summary>
public enum MemberStatus
{
    /// <summary>Known to the cluster, not yet promoted by the leader.</summary>
    Joining = 0,

    /// <summary>Full member.</summary>
    Up = 1,

    /// <summary>Asked to leave.</summary>
    Leaving = 2,

    /// <summary>Hands over its work before it is removed.</summary>
    Exiting = 3,

    /// <summary>Declared dead; removed as soon as the others agree.</summary>
    Down = 4,

    /// <summary>No longer a member.</summary>
    Removed = 5,

    /// <summary>Never assigned by this runtime: a joining node waits for convergence.</summary>
    WeaklyUp = 6,
}
