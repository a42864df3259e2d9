using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>The settings that the membership rules need.</summary>
/// <param name="MinMembers">Joining members stay so until there are this many (1 or more).</param>
/// <param name="MinMembersOfRole">The same for each role.</param>
/// <param name="StableAfterMs">
/// Unreachable members are downed when the picture has not changed for this long; negative: never.
/// </param>
/// <param name="MajorityRole">Only members with this role count for the majority; empty: all.</param>
/// <param name="TombstoneLifeMs">How long a removed incarnation is remembered.</param>
/// <param name="DetectionMs">The silence that no failure detector takes for a loss: interval and acceptable pause.</param>
internal sealed record MembershipSettings(
    int MinMembers,
    ImmutableDictionary<string, int> MinMembersOfRole,
    long StableAfterMs,
    string MajorityRole,
    long TombstoneLifeMs,
    long DetectionMs);

/// <summary>What the rules need to know of the moment.</summary>
/// <param name="NowMs">Monotonic time in milliseconds.</param>
/// <param name="UnixMs">Wall clock in Unix milliseconds; only tombstones use it.</param>
/// <param name="Settings">The settings.</param>
internal readonly record struct MembershipEnvironment(long NowMs, long UnixMs, MembershipSettings Settings);

/// <summary>What the rules want to be sent.</summary>
internal abstract record MembershipEffect;

/// <summary>Tell the node that it is admitted.</summary>
internal sealed record SendWelcome(UniqueAddress To) : MembershipEffect;

/// <summary>Send the state to a node that does not know that it was downed or removed.</summary>
internal sealed record TellFate(UniqueAddress To) : MembershipEffect;

/// <summary>The outcome of one command.</summary>
internal sealed record MembershipDecision(ImmutableList<MembershipEvent> Events, ImmutableList<MembershipEffect> Effects)
{
    public static readonly MembershipDecision Nothing = new([], []);
}
