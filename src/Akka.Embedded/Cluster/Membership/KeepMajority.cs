using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>
/// Decides which members survive when some cannot reach each other. The decision is a function of the shared
/// state alone, so that every node which has the same state decides the same, on whichever side it is.
/// </summary>
internal static class KeepMajority
{
    /// <summary>Above this many members with a cut the exact search would take too long.</summary>
    private const int ExactSearchLimit = 24;

    /// <summary>
    /// The members to down, empty when all can reach each other. The survivors are the largest set of members that
    /// can all reach each other; they must hold the majority of the voters, or exactly half of them with the
    /// voter of the lowest address. When no such set exists everybody goes down.
    /// </summary>
    /// <param name="gossip">The state.</param>
    /// <param name="role">Only members with this role vote; empty: all.</param>
    public static ImmutableSortedSet<UniqueAddress> ToDown(Gossip gossip, string role)
    {
        var alive = gossip.Members.Values.Where(m => m.Stage.IsAlive()).ToList();
        var cuts = CutPairs(gossip, alive);
        if (cuts.Count == 0)
        {
            return [];
        }

        var voters = Voters(gossip, role);
        var affected = alive.Select(m => m.Node).Where(n => cuts.Any(c => c.Observer.Equals(n) || c.Subject.Equals(n))).ToImmutableSortedSet();
        var search = new CliqueSearch(affected, cuts, voters);
        var kept = affected.Count <= ExactSearchLimit ? search.Largest() : search.Greedy();
        var survivors = alive.Select(m => m.Node).ToImmutableSortedSet().Except(affected).Union(kept);
        var majority = IsMajority(survivors, voters);
        return alive.Select(m => m.Node).Where(n => !majority || !survivors.Contains(n)).ToImmutableSortedSet();
    }

    /// <summary>
    /// True when nobody is condemned, or the living are a majority of the living and the condemned. Two sides that have
    /// condemned each other can never both have this: their majorities would share a member, and it has reported to both.
    /// </summary>
    public static bool IsHeldByLiving(Gossip gossip, string role) =>
        gossip.Members.Values.All(m => m.Stage != MemberStage.Condemned)
        || IsMajority(gossip.Members.Values.Where(m => m.Stage.IsAlive()).Select(m => m.Node).ToImmutableSortedSet(), Voters(gossip, role));

    /// <summary>
    /// True when this node itself cannot reach a majority. Then it is on the losing side, whatever the others can or cannot
    /// reach; a node that reaches a majority hears from it if it must go.
    /// </summary>
    public static bool IsCutOff(Gossip gossip, UniqueAddress self, string role)
    {
        var reachable = gossip.Members.Values
            .Where(m => m.Stage.IsAlive() && !gossip.IsCut(self, m.Node) && !gossip.IsCut(m.Node, self))
            .Select(m => m.Node);
        return !IsMajority(reachable.ToImmutableSortedSet(), Voters(gossip, role));
    }

    /// <summary>
    /// What must stay the same for stable-after before a decision: the voters and what they cannot reach.
    /// </summary>
    public static (ImmutableSortedSet<UniqueAddress> Voters, ImmutableSortedSet<ReachabilityKey> Cuts) Picture(Gossip gossip, string role)
    {
        var voters = Voters(gossip, role);
        var cuts = gossip.Reachability
            .Where(r => r.Value.Unreachable && voters.Contains(r.Key.Observer) && gossip.IsCut(r.Key.Observer, r.Key.Subject))
            .Select(r => r.Key)
            .Where(k => gossip.Find(k.Subject) is { } subject && subject.Stage.IsAlive());
        return (voters, cuts.ToImmutableSortedSet());
    }

    private static bool IsMajority(ImmutableSortedSet<UniqueAddress> group, ImmutableSortedSet<UniqueAddress> voters)
    {
        var votes = group.Count(voters.Contains);
        return 2 * votes > voters.Count || (2 * votes == voters.Count && votes > 0 && group.Contains(voters[0]));
    }

    /// <summary>
    /// All whose votes count, the condemned included. Joining members have no vote, unless nobody else has; nor have
    /// those that are certainly gone.
    /// </summary>
    private static ImmutableSortedSet<UniqueAddress> Voters(Gossip gossip, string role)
    {
        var withRole = gossip.Members.Values
            .Where(m => m.Stage is not (MemberStage.ExitConfirmed or MemberStage.Down) && (role.Length == 0 || m.Roles.Contains(role)))
            .ToList();
        var full = withRole.Where(m => m.UpNumber != MemberEntry.NotUp).ToList();
        return (full.Count > 0 ? full : withRole).Select(m => m.Node).ToImmutableSortedSet();
    }

    private static ImmutableHashSet<ReachabilityKey> CutPairs(Gossip gossip, List<MemberEntry> alive)
    {
        var nodes = alive.Select(m => m.Node).ToHashSet();
        var cuts = ImmutableHashSet.CreateBuilder<ReachabilityKey>();
        foreach (var (key, record) in gossip.Reachability)
        {
            if (record.Unreachable && nodes.Contains(key.Observer) && nodes.Contains(key.Subject))
            {
                cuts.Add(key);
                cuts.Add(new ReachabilityKey(key.Subject, key.Observer));
            }
        }

        return cuts.ToImmutable();
    }

    /// <summary>Finds the best set of members without a cut between any two: a maximum clique with votes as weights.</summary>
    private sealed class CliqueSearch(
        ImmutableSortedSet<UniqueAddress> nodes, ImmutableHashSet<ReachabilityKey> cuts, ImmutableSortedSet<UniqueAddress> voters)
    {
        private ImmutableSortedSet<UniqueAddress> _best = [];

        public ImmutableSortedSet<UniqueAddress> Largest()
        {
            Grow([], nodes, []);
            return _best;
        }

        /// <summary>Drops the member with the most cuts until none is left; of equals the highest address.</summary>
        public ImmutableSortedSet<UniqueAddress> Greedy()
        {
            var kept = nodes;
            while (kept.Any(a => kept.Any(b => IsCut(a, b))))
            {
                kept = kept.Remove(kept.Reverse().MaxBy(a => kept.Count(b => IsCut(a, b)))!);
            }

            return kept;
        }

        /// <summary>Bron and Kerbosch's enumeration of maximal cliques, without pivoting.</summary>
        private void Grow(
            ImmutableSortedSet<UniqueAddress> clique, ImmutableSortedSet<UniqueAddress> candidates, ImmutableSortedSet<UniqueAddress> done)
        {
            if (candidates.IsEmpty && done.IsEmpty)
            {
                _best = IsBetter(clique, _best) ? clique : _best;
                return;
            }

            foreach (var node in candidates)
            {
                Grow(clique.Add(node), Reachable(candidates, node), Reachable(done, node));
                candidates = candidates.Remove(node);
                done = done.Add(node);
            }
        }

        private ImmutableSortedSet<UniqueAddress> Reachable(ImmutableSortedSet<UniqueAddress> set, UniqueAddress node) =>
            set.Where(other => !other.Equals(node) && !IsCut(node, other)).ToImmutableSortedSet();

        private bool IsCut(UniqueAddress left, UniqueAddress right) => cuts.Contains(new ReachabilityKey(left, right));

        private bool IsBetter(ImmutableSortedSet<UniqueAddress> left, ImmutableSortedSet<UniqueAddress> right)
        {
            var byVotes = left.Count(voters.Contains).CompareTo(right.Count(voters.Contains));
            if (byVotes != 0)
            {
                return byVotes > 0;
            }

            var byLowest = Contains(left).CompareTo(Contains(right));
            if (byLowest != 0)
            {
                return byLowest > 0;
            }

            var bySize = left.Count.CompareTo(right.Count);
            return bySize != 0 ? bySize > 0 : CompareInOrder(left, right) < 0;
        }

        private bool Contains(ImmutableSortedSet<UniqueAddress> set) => !voters.IsEmpty && set.Contains(voters[0]);

        private static int CompareInOrder(ImmutableSortedSet<UniqueAddress> left, ImmutableSortedSet<UniqueAddress> right) =>
            left.Zip(right, (l, r) => l.CompareTo(r)).FirstOrDefault(c => c != 0);
    }
}
