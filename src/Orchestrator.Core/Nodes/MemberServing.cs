namespace Orchestrator.Core.Nodes;

/// <summary>What a member serves, and to whom, in the state that it is in.</summary>
public static class MemberServing
{
    /// <summary>Whether the member takes a write now.</summary>
    /// <param name="contacts">When each other member last showed that it follows this term; of a secondary: when its primary last answered.</param>
    /// <param name="lease">How long a primary goes on without contact to a majority, and a secondary leads to a primary that does not answer.</param>
    public static WritePermission Writes(
        MemberState state,
        IReadOnlyDictionary<string, DateTimeOffset> contacts,
        DateTimeOffset now,
        TimeSpan lease) => state switch
        {
            LeadingMember leading when HasLease(leading, contacts, now, lease) => new WritePermission.Granted(leading.Term),
            LeadingMember leading => new WritePermission.Withheld(
                $"{leading.Node} had no contact with a majority of its replica set for {lease.TotalSeconds:0.#} s"),
            CatchingUpMember or HaltedMember or ResignedMember => new WritePermission.Withheld($"{state.Node} {state.Condition.Reason}"),
            FollowingMember following when contacts.TryGetValue(following.Primary, out var answered) && now - answered > lease =>
                new WritePermission.Withheld(
                    $"{following.Node} has had no answer from the primary {following.Primary} for {lease.TotalSeconds:0.#} s; "
                    + "another one is appointed when a majority of the replica set and a supervisor can be reached"),
            FollowingMember following => new WritePermission.Elsewhere(following.Primary, following.PrimaryAddress),
            _ => new WritePermission.Elsewhere("", ""),
        };

    /// <summary>
    /// Whether the member serves reads as primary now. While writes are stopped it goes on with it, but not beyond its lease:
    /// another primary may have been appointed without its knowing.
    /// </summary>
    /// <param name="contacts">When each other member last showed that it follows this term.</param>
    /// <param name="lease">How long a primary goes on without contact to a majority.</param>
    public static bool ServesReads(
        MemberState state,
        IReadOnlyDictionary<string, DateTimeOffset> contacts,
        DateTimeOffset now,
        TimeSpan lease) => state is LeadingMember or HaltedMember && HasLease((AppointedMember)state, contacts, now, lease);

    /// <summary>
    /// Whether this member may confirm to the primary of a term that it has changes on disk: only in the term that it
    /// follows, and not after it promised a higher one.
    /// </summary>
    public static bool ConfirmsTo(MemberState state, long term) => state is FollowingMember && state.Term == term;

    /// <summary>
    /// Whether this member may serve its change feeds to the followers of a term, and count their confirmations: only as
    /// the term's primary that has caught up. Before, a follower that is more advanced would be told to drop the very
    /// changes that the primary has yet to fetch from it.
    /// </summary>
    public static bool ServesFeed(MemberState state, long term) =>
        state is LeadingMember or HaltedMember && state.Term == term;

    private static bool HasLease(
        AppointedMember primary,
        IReadOnlyDictionary<string, DateTimeOffset> contacts,
        DateTimeOffset now,
        TimeSpan lease)
    {
        var members = primary.Appointment.Members;
        var present = 1 + members.Count(member =>
            member != primary.Node && contacts.TryGetValue(member, out var at) && now - at <= lease);
        return present >= (members.Count / 2) + 1;
    }
}
