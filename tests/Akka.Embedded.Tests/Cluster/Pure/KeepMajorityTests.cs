using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.Cluster.Pure;

public class KeepMajorityTests
{
    [Theory]
    [InlineData("a:Up1 b:Up2 c:Up3", "", "")]
    [InlineData("a:Up1 b:Up2 c:Up3", "b>a c>a", "a")] // one lost, seen from the majority
    [InlineData("a:Up1 b:Up2 c:Up3", "a>b a>c", "a")] // the same, seen from the minority
    [InlineData("a:Up1 b:Up2 c:Up3", "a>b a>c b>a c>a", "a")] // and from both
    [InlineData("a:Up1 b:Up2", "a>b", "b")] // half and half: the lowest address stays
    [InlineData("a:Up1 b:Up2", "b>a", "b")]
    [InlineData("a:Up1 b:Up2 c:Up3 d:Up4", "c>a c>b d>a d>b", "cd")]
    [InlineData("a:Up1 b:Up2 c:Up3 d:Up4 e:Up5", "d>a d>b d>c e>a e>b e>c", "de")]
    [InlineData("a:Up1 b:Up2 c:Up3 d:Up4 e:Up5", "a>c a>d a>e b>c b>d b>e", "ab")]
    [InlineData("a:Up1 b:Up2 c:Up3", "a>c", "c")] // only one link is cut: the side with the lowest address
    [InlineData("a:Up1 b:Up2 c:Up3", "b>c", "c")]
    [InlineData("a:Up1 b:Up2 c:Up3", "a>b b>c a>c", "abc")] // nobody reaches a majority
    [InlineData("a:Up1 b:Up2 c:Joining", "a>c b>c", "c")] // joining members have no vote
    [InlineData("a:Up1 b:Joining c:Joining", "a>b a>c", "bc")]
    [InlineData("a:Joining b:Joining c:Joining", "a>c b>c", "c")] // unless nobody else has
    [InlineData("a:Up1 b:Up2 c:Down3", "a>c b>c", "")] // who is down for certain is no question any more
    [InlineData("a:Up1 b:Up2 c:Condemned3 d:Condemned4 e:Up5", "a>e b>e", "abe")] // 2 of 5 is no majority
    [InlineData("a:Up1 b:Up2 c:Up3 d:Condemned4 e:Up5", "a>e b>e c>e", "e")]
    [InlineData("a:Up1 b:Up2 c:Up3 d:Down4 e:Up5", "a>e b>e", "e")]
    public void The_largest_group_that_can_talk_survives_with_a_majority(string members, string cuts, string down) =>
        Assert.Equal(down, States.Names(KeepMajority.ToDown(States.Gossip(members, cuts), "")));

    [Fact]
    public void Cuts_seen_by_a_member_that_is_declared_dead_do_not_count() =>
        Assert.Empty(KeepMajority.ToDown(States.Gossip("a:Up1 b:Up2 c:Down3", "c>a c>b"), ""));

    [Fact]
    public void With_a_role_only_its_members_vote()
    {
        var gossip = States.Gossip("b:Up2 c:Up3 d:Up4", "d>a c>a b>a");
        gossip = gossip.With(new MemberEntry(States.Node('a'), ["voter"], MemberStage.Up, 1));
        Assert.Equal("bcd", States.Names(KeepMajority.ToDown(gossip, "voter")));
        Assert.Equal("a", States.Names(KeepMajority.ToDown(gossip, "")));
    }

    [Fact]
    public void Survivors_can_all_reach_each_other_and_hold_a_majority_and_both_sides_decide_the_same()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var names = "abcdefgh"[..(2 + random.Next(7))];
            var cuts = string.Join(' ', Enumerable.Range(0, random.Next(8)).Select(_ => $"{names[random.Next(names.Length)]}>{names[random.Next(names.Length)]}").Where(c => c[0] != c[2]));
            var gossip = States.Gossip(string.Join(' ', names.Select((n, i) => $"{n}:Up{i + 1}")), cuts);
            var down = KeepMajority.ToDown(gossip, "");
            var kept = gossip.Members.Keys.Except(down).ToList();
            var mirrored = States.Gossip(string.Join(' ', names.Select((n, i) => $"{n}:Up{i + 1}")), string.Join(' ', cuts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => $"{c[2]}>{c[0]}")));
            Assert.True(kept.Count == 0 || 2 * kept.Count >= names.Length, $"seed {seed}: {cuts} keeps {States.Names(kept)}");
            Assert.True(kept.All(a => kept.All(b => !gossip.IsCut(a, b))), $"seed {seed}: {cuts} keeps {States.Names(kept)}");
            Assert.True(down.SetEquals(KeepMajority.ToDown(mirrored, "")), $"seed {seed}: {cuts}");
        }
    }
}
