using System.Collections.Immutable;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>What this node's instance of the singleton does.</summary>
internal enum InstancePhase
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>It works.</summary>
    Running,

    /// <summary>It was told to stop and has not stopped yet.</summary>
    Stopping,

    /// <summary>It stopped by itself; it is not started again.</summary>
    Finished,
}

/// <summary>What one node's manager knows.</summary>
/// <param name="Self">This node.</param>
/// <param name="Role">Only members with this role can host the singleton; empty: all.</param>
/// <param name="RemovalMarginMs">
/// How long to wait after an older member was removed as lost: the time that its side may need to notice and stop.
/// </param>
/// <param name="Members">The members with the role that are not removed.</param>
/// <param name="HandedOver">The older members that said that they have stopped their instance for good.</param>
/// <param name="BlockedUntilMs">Not before this time, because of a lost older member.</param>
/// <param name="Waiting">The nodes that wait for this node's instance to stop.</param>
/// <param name="Phase">This node's instance.</param>
/// <param name="Ended">True once this node is downed, removed or shutting down: it never hosts again.</param>
internal sealed record SingletonState(
    UniqueAddress Self,
    string Role,
    long RemovalMarginMs,
    ImmutableDictionary<UniqueAddress, Member> Members,
    ImmutableHashSet<UniqueAddress> HandedOver,
    long BlockedUntilMs,
    ImmutableHashSet<UniqueAddress> Waiting,
    InstancePhase Phase,
    bool Ended)
{
    public static SingletonState Initial(UniqueAddress self, string role, long removalMarginMs) => new(
        self, role, removalMarginMs, ImmutableDictionary<UniqueAddress, Member>.Empty, [], long.MinValue, [], InstancePhase.None, false);

    /// <summary>This node in the view, or null while it is no member with the role.</summary>
    public Member? SelfMember => Members.GetValueOrDefault(Self);

    /// <summary>True when this node's time as a host is over or nearly so.</summary>
    public bool IsGoing => Ended || SelfMember is { Status: MemberStatus.Exiting or MemberStatus.Down };

    /// <summary>The older members that may still host the singleton.</summary>
    public IEnumerable<Member> Predecessors => SelfMember is { } self
        ? Members.Values.Where(m => !m.Equals(self) && m.IsOlderThan(self) && !HandedOver.Contains(m.UniqueAddress))
        : [];
}

/// <summary>What happens to a manager.</summary>
internal abstract record SingletonInput
{
    /// <summary>A member has this status now.</summary>
    internal sealed record Seen(Member Member) : SingletonInput;

    /// <summary>A member was removed.</summary>
    internal sealed record Gone(Member Member, MemberStatus PreviousStatus) : SingletonInput;

    /// <summary>A younger node asks this one to stop its instance and to say when it has stopped.</summary>
    internal sealed record HandOverAsked(UniqueAddress By) : SingletonInput;

    /// <summary>An older node's instance has stopped for good.</summary>
    internal sealed record HandOverDone(UniqueAddress By) : SingletonInput;

    /// <summary>This node's instance has stopped.</summary>
    internal sealed record InstanceStopped : SingletonInput;

    /// <summary>This node leaves the cluster without more ado.</summary>
    internal sealed record ClusterEnded : SingletonInput;

    /// <summary>Time has passed.</summary>
    internal sealed record Tick : SingletonInput;
}

/// <summary>What a manager wants to be done.</summary>
internal abstract record SingletonEffect
{
    /// <summary>Start the instance.</summary>
    internal sealed record Start : SingletonEffect;

    /// <summary>Ask the instance to stop with the termination message.</summary>
    internal sealed record StopGently : SingletonEffect;

    /// <summary>Stop the instance after the message that it is handling.</summary>
    internal sealed record StopNow : SingletonEffect;

    /// <summary>Ask an older node to hand over.</summary>
    internal sealed record AskHandOver(UniqueAddress Of) : SingletonEffect;

    /// <summary>Tell a younger node that this node's instance has stopped for good.</summary>
    internal sealed record TellHandedOver(UniqueAddress To) : SingletonEffect;

    /// <summary>Nothing keeps this exiting node any longer.</summary>
    internal sealed record ReadyToExit : SingletonEffect;
}
