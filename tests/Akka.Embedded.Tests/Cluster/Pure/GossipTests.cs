using System.Collections.Immutable;
using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.Cluster.Pure;

public class GossipTests
{
    [Fact]
    public void Merging_is_commutative_associative_and_idempotent_and_loses_nothing()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var (a, b, c) = (Any(random), Any(random), Any(random));
            Assert.True(Same(a.Merge(b), b.Merge(a)), $"seed {seed}: not commutative");
            Assert.True(Same(a.Merge(b).Merge(c), a.Merge(b.Merge(c))), $"seed {seed}: not associative");
            Assert.True(Same(a.Merge(a), a), $"seed {seed}: not idempotent");
            Assert.True(Same(a.Merge(b).Merge(a), a.Merge(b)), $"seed {seed}: not absorbing");
        }
    }

    [Fact]
    public void A_stage_never_goes_back()
    {
        var merged = States.Gossip("a:Up1 b:Leaving2").Merge(States.Gossip("a:Exiting1 b:Up2"));
        Assert.Equal("a:Exiting1 b:Leaving2", States.Text(merged));
    }

    [Fact]
    public void A_removed_member_never_comes_back_and_takes_its_reachability_along()
    {
        var gossip = States.Gossip("a:Up1 b:Up2", "a>b").WithTombstone(States.Node('b'), new Tombstone(5, HasLeft: true));
        var merged = gossip.Merge(States.Gossip("a:Up1 b:Up2", "a>b b>a"));
        Assert.Equal("a:Up1", States.Text(merged));
        Assert.Empty(merged.Reachability);
        Assert.True(merged.SameAs(States.Gossip("a:Up1")));
    }

    [Fact]
    public void In_doubt_a_removed_member_was_lost()
    {
        var left = States.Gossip("").WithTombstone(States.Node('b'), new Tombstone(5, HasLeft: true));
        var lost = States.Gossip("").WithTombstone(States.Node('b'), new Tombstone(4, HasLeft: false));
        Assert.Equal(new Tombstone(5, HasLeft: false), left.Merge(lost).Tombstones.Single().Value);
    }

    [Fact]
    public void Old_tombstones_are_forgotten()
    {
        var gossip = States.Gossip("a:Up1").WithTombstone(States.Node('b'), new Tombstone(5, true)).WithTombstone(States.Node('c'), new Tombstone(50, true));
        Assert.Equal("c", States.Names(gossip.PruneTombstones(10).Tombstones.Keys));
    }

    private static Gossip Any(Random random)
    {
        var gossip = Gossip.Empty;
        foreach (var name in "abcd".Where(_ => random.Next(4) > 0))
        {
            gossip = gossip.With(new MemberEntry(States.Node(name), [], (MemberStage)random.Next(7), random.Next(3) == 0 ? MemberEntry.NotUp : random.Next(5)));
        }

        foreach (var observer in gossip.Members.Keys)
        {
            foreach (var subject in gossip.Members.Keys.Where(s => s != observer && random.Next(2) == 0))
            {
                // A version is written once: what it says follows from it.
                var reachability = gossip.Reachability;
                var version = random.Next(4);
                reachability = reachability.SetItem(new ReachabilityKey(observer, subject), new ReachabilityRecord(version % 2 == 1, version));
                gossip = new Gossip(gossip.Members, reachability, gossip.Tombstones);
            }
        }

        return random.Next(2) == 0 ? gossip : gossip.WithTombstone(States.Node("abcd"[random.Next(4)]), new Tombstone(random.Next(9), random.Next(2) == 0));
    }

    private static bool Same(Gossip left, Gossip right) => left.SameAs(right) && left.Tombstones.ToImmutableDictionary().SequenceEqual(right.Tombstones.ToImmutableDictionary());
}
