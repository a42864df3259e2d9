using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>What is remembered of a removed incarnation.</summary>
/// <param name="RemovedAtUnixMs">When it was removed, in Unix milliseconds.</param>
/// <param name="HasLeft">
/// True when it had confirmed its exit, so that nothing of it can still be at work; false when it was declared dead.
/// </param>
internal readonly record struct Tombstone(long RemovedAtUnixMs, bool HasLeft)
{
    /// <summary>In doubt it was declared dead.</summary>
    public Tombstone Merge(Tombstone other) =>
        new(Math.Max(RemovedAtUnixMs, other.RemovedAtUnixMs), HasLeft && other.HasLeft);
}

/// <summary>
/// The state that members exchange. It is a join-semilattice: <see cref="Merge"/> is commutative, associative
/// and idempotent and never loses knowledge, so members that can talk agree in the end, in whatever order,
/// however often and with whatever losses the messages arrive.
/// </summary>
internal sealed class Gossip
{
    public static readonly Gossip Empty = new(
        ImmutableSortedDictionary<UniqueAddress, MemberEntry>.Empty,
        ImmutableSortedDictionary<ReachabilityKey, ReachabilityRecord>.Empty,
        ImmutableSortedDictionary<UniqueAddress, Tombstone>.Empty);

    public Gossip(
        ImmutableSortedDictionary<UniqueAddress, MemberEntry> members,
        ImmutableSortedDictionary<ReachabilityKey, ReachabilityRecord> reachability,
        ImmutableSortedDictionary<UniqueAddress, Tombstone> tombstones)
    {
        Members = members;
        Reachability = reachability;
        Tombstones = tombstones;
    }

    /// <summary>Every incarnation that is not removed.</summary>
    public ImmutableSortedDictionary<UniqueAddress, MemberEntry> Members { get; }

    /// <summary>Who can or could not reach whom.</summary>
    public ImmutableSortedDictionary<ReachabilityKey, ReachabilityRecord> Reachability { get; }

    /// <summary>Removed incarnations; they never come back.</summary>
    public ImmutableSortedDictionary<UniqueAddress, Tombstone> Tombstones { get; }

    public MemberEntry? Find(UniqueAddress node) => Members.GetValueOrDefault(node);

    /// <summary>True when the observer, unless it is declared dead itself, says that it cannot reach the subject.</summary>
    public bool IsCut(UniqueAddress observer, UniqueAddress subject) =>
        Reachability.TryGetValue(new ReachabilityKey(observer, subject), out var record) && record.Unreachable
        && Members.TryGetValue(observer, out var entry) && entry.Stage.IsAlive();

    /// <summary>True when some member that is alive cannot reach the subject.</summary>
    public bool IsUnreachable(UniqueAddress subject)
    {
        foreach (var (key, record) in Reachability)
        {
            if (record.Unreachable && key.Subject.Equals(subject) && IsCut(key.Observer, subject))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The least state that contains both.</summary>
    public Gossip Merge(Gossip other)
    {
        if (ReferenceEquals(this, other))
        {
            return this;
        }

        var tombstones = Tombstones;
        foreach (var (node, tombstone) in other.Tombstones)
        {
            tombstones = tombstones.SetItem(node, tombstones.TryGetValue(node, out var known) ? known.Merge(tombstone) : tombstone);
        }

        var members = Members;
        foreach (var (node, entry) in other.Members)
        {
            var merged = members.TryGetValue(node, out var known) ? known.Merge(entry) : entry;
            members = ReferenceEquals(merged, known) ? members : members.SetItem(node, merged);
        }

        var reachability = Reachability;
        foreach (var (key, record) in other.Reachability)
        {
            if (!reachability.TryGetValue(key, out var known) || record.Version > known.Version)
            {
                reachability = reachability.SetItem(key, record);
            }
        }

        return new Gossip(members, reachability, tombstones).WithoutRemoved();
    }

    /// <summary>The state with one member's entry replaced or added.</summary>
    public Gossip With(MemberEntry entry) => new(Members.SetItem(entry.Node, entry), Reachability, Tombstones);

    /// <summary>The state with a newer statement of the observer; an unchanged statement changes nothing.</summary>
    public Gossip WithObservation(UniqueAddress observer, UniqueAddress subject, bool unreachable)
    {
        var key = new ReachabilityKey(observer, subject);
        var known = Reachability.GetValueOrDefault(key);
        return known.Unreachable == unreachable
            ? this
            : new Gossip(Members, Reachability.SetItem(key, new ReachabilityRecord(unreachable, known.Version + 1)), Tombstones);
    }

    /// <summary>The state in which the incarnation is removed for good.</summary>
    public Gossip WithTombstone(UniqueAddress node, Tombstone tombstone) =>
        new Gossip(Members, Reachability, Tombstones.SetItem(node, tombstone)).WithoutRemoved();

    /// <summary>
    /// Forgets the tombstones of incarnations that were removed before the given time. By then every member has
    /// seen the removal, and no message from before it is still under way.
    /// </summary>
    public Gossip PruneTombstones(long removedBeforeUnixMs)
    {
        var old = Tombstones.Where(t => t.Value.RemovedAtUnixMs < removedBeforeUnixMs).Select(t => t.Key).ToList();
        return old.Count == 0 ? this : new Gossip(Members, Reachability, Tombstones.RemoveRange(old));
    }

    /// <summary>
    /// True when both have the same members and the same reachability. Tombstones do not count: a member
    /// that is missing in one and present in the other already makes the difference, and pruning them must
    /// not look like a change.
    /// </summary>
    public bool SameAs(Gossip other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (Members.Count != other.Members.Count || Reachability.Count != other.Reachability.Count)
        {
            return false;
        }

        return Members.Zip(other.Members).All(p => p.First.Key.Equals(p.Second.Key) && p.First.Value.SameAs(p.Second.Value))
            && Reachability.SequenceEqual(other.Reachability);
    }

    private Gossip WithoutRemoved()
    {
        if (Tombstones.IsEmpty)
        {
            return this;
        }

        var members = Members.RemoveRange(Members.Keys.Where(Tombstones.ContainsKey));
        var reachability = Reachability.RemoveRange(
            Reachability.Keys.Where(k => Tombstones.ContainsKey(k.Observer) || Tombstones.ContainsKey(k.Subject)));
        return ReferenceEquals(members, Members) && ReferenceEquals(reachability, Reachability)
            ? this
            : new Gossip(members, reachability, Tombstones);
    }
}
