using System.Collections.Immutable;
using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.Cluster.Pure;

public class MembershipDeciderTests
{
    [Theory]
    [InlineData('a', "a:Up1 b:Joining c:Joining", "a:Up1 b:Up2 c:Up3")]
    [InlineData('b', "a:Up1 b:Joining c:Joining", "a:Up1 b:Joining c:Joining")] // only the leader acts
    [InlineData('a', "a:Up1 b:Leaving2", "a:Up1 b:Exiting2")]
    [InlineData('a', "a:Up1 b:Exiting2", "a:Up1 b:Exiting2")] // exiting members are waited for
    [InlineData('a', "a:Up1 b:ExitConfirmed2", "a:Up1")]
    [InlineData('a', "a:Up1 b:Down2", "a:Up1")]
    [InlineData('b', "a:Down1 b:Up2 c:Up3", "b:Up2 c:Up3")]
    [InlineData('a', "a:Up1 b:Up2 c:Condemned3", "a:Up1 b:Up2")]
    [InlineData('b', "a:Up1 b:Up2 c:Condemned3 d:Condemned4 e:Condemned5", "a:Up1 b:Up2 c:Condemned3 d:Condemned4 e:Condemned5")]
    [InlineData('a', "a:Up1 b:Up2 c:Condemned3 d:Condemned4 e:Condemned5", "a:Up1 b:Up2 c:Condemned3 d:Condemned4 e:Condemned5")] // a minority removes nobody
    [InlineData('a', "a:Up1 c:Condemned3 d:Joining e:Condemned4", "a:Up1 c:Condemned3 d:Joining e:Condemned4")] // nor does it add anybody
    public void The_leader_does_what_is_due_once_all_have_seen_the_state(char self, string before, string after) =>
        Assert.Equal(after, After(States.Converged(self, States.Gossip(before)), new AssessCluster(), nowMs: 100));

    [Fact]
    public void Nothing_is_done_while_a_member_has_not_seen_the_state()
    {
        var gossip = States.Gossip("a:Up1 b:Up2 c:Joining");
        var view = States.Converged('a', gossip);
        Assert.Equal("a:Up1 b:Up2 c:Joining", After(view with { Reported = view.Reported.Remove(States.Node('b')) }, new AssessCluster(), 100));
        Assert.Equal("a:Up1 b:Up2 c:Joining", After(view with { Reported = view.Reported.SetItem(States.Node('b'), States.Gossip("a:Up1 b:Up2")) }, new AssessCluster(), 100));
    }

    [Fact]
    public void Nothing_is_done_while_a_member_is_unreachable() =>
        Assert.Equal("a:Up1 b:Up2 c:Joining", After(States.Converged('a', States.Gossip("a:Up1 b:Up2 c:Joining", "b>c")), new AssessCluster(), 100));

    [Theory]
    [InlineData(4099, "a:Up1 b:Up2 c:Up3")]
    [InlineData(4100, "a:Up1 b:Up2 c:Condemned3")]
    public void Survivors_condemn_the_lost_when_the_picture_was_stable_long_enough(long nowMs, string after)
    {
        var view = States.Converged('b', States.Gossip("a:Up1 b:Up2 c:Up3", "a>c b>c")) with { CutsChangedAtMs = 100 };
        Assert.Equal(after, After(view, new AssessCluster(), nowMs));
    }

    [Fact]
    public void The_losing_side_goes_down_on_time_even_if_the_picture_keeps_changing()
    {
        var view = States.Converged('c', States.Gossip("a:Up1 b:Up2 c:Up3", "c>a c>b")) with { CutsChangedAtMs = 3900, LosingSinceMs = 100 };
        var ended = Assert.IsType<OutOfCluster>(Apply(view, new AssessCluster(), 4100));
        Assert.True(ended.Downed);
        Assert.Equal("a:Up1 b:Up2 c:Down3", States.Text(ended.LastGossip));
    }

    [Fact]
    public void The_time_of_losing_counts_from_the_last_sign_of_life()
    {
        var view = States.Converged('b', States.Gossip("a:Up1 b:Up2"));
        var after = (InsideCluster)Apply(view, new ObserveNode(States.Node('a'), Unreachable: true, LastHeardMs: 1000), nowMs: 9000);
        Assert.Equal(7000, after.LosingSinceMs); // 1000 + detection is longer ago than half of stable-after
        var prompt = (InsideCluster)Apply(view, new ObserveNode(States.Node('a'), Unreachable: true, LastHeardMs: 1000), nowMs: 5500);
        Assert.Equal(1000 + States.Settings.DetectionMs, prompt.LosingSinceMs);
        var back = (InsideCluster)Apply(after, new ObserveNode(States.Node('a'), Unreachable: false, LastHeardMs: 9000), nowMs: 9000);
        Assert.Equal(InsideCluster.Never, back.LosingSinceMs);
    }

    [Fact]
    public void A_node_that_reaches_a_majority_is_not_losing_even_if_it_is_not_among_the_survivors()
    {
        // Only c has noticed so far that a is gone. Among a and b would be the lowest address.
        var view = States.Converged('c', States.Gossip("a:Up1 b:Up2 c:Up3"));
        var after = (InsideCluster)Apply(view, new ObserveNode(States.Node('a'), Unreachable: true, LastHeardMs: 1000), nowMs: 9000);
        Assert.Equal("c", States.Names(KeepMajority.ToDown(after.Gossip, "")));
        Assert.Equal(InsideCluster.Never, after.LosingSinceMs);
    }

    [Fact]
    public void A_node_that_starts_again_at_its_address_is_admitted_after_its_old_incarnation_was_removed()
    {
        var admit = new AdmitNode(States.Node('b', uid: 2), []);
        var downed = Apply(States.Converged('a', States.Gossip("a:Up1 b:Up2 c:Up3")), admit, 100);
        Assert.Equal("a:Up1 b:Down2 c:Up3", States.Text(((InsideCluster)downed).Gossip));
        var removed = Apply(States.Converged('a', States.Gossip("a:Up1 b:Down2 c:Up3")), new AssessCluster(), 100);
        var decision = Decide(removed, admit, 100);
        Assert.Equal(new SendWelcome(States.Node('b', uid: 2)), Assert.Single(decision.Effects));
    }

    [Fact]
    public void A_removed_incarnation_that_asks_again_is_told_its_fate()
    {
        var view = States.Converged('a', States.Gossip("a:Up1").WithTombstone(States.Node('b'), new Tombstone(1, false)));
        Assert.Equal(new TellFate(States.Node('b')), Assert.Single(Decide(view, new AdmitNode(States.Node('b'), []), 100).Effects));
        Assert.Equal(new TellFate(States.Node('b')), Assert.Single(Decide(view, new ReceiveGossip(States.Node('b'), States.Gossip("a:Up1 b:Up2"), IsFate: false), 100).Effects));
        Assert.Empty(Decide(view, new ReceiveGossip(States.Node('b'), States.Gossip("a:Up1 b:Up2"), IsFate: true), 100).Effects);
    }

    [Fact]
    public void Strangers_and_members_that_are_declared_dead_are_not_listened_to()
    {
        var view = States.Converged('a', States.Gossip("a:Up1 b:Up2 c:Condemned3"));
        var poison = States.Gossip("a:Down1 b:Down2");
        Assert.DoesNotContain(Decide(view, new ReceiveGossip(States.Node('c'), poison, IsFate: false), 100).Events, e => e is GossipMerged);
        Assert.DoesNotContain(Decide(view, new ReceiveGossip(States.Node('x'), poison, IsFate: false), 100).Events, e => e is GossipMerged);
    }

    [Fact]
    public void A_node_that_hears_that_it_was_removed_ends()
    {
        var told = States.Gossip("b:Up2").WithTombstone(States.Node('a'), new Tombstone(1, HasLeft: false));
        var ended = Assert.IsType<OutOfCluster>(Apply(States.Converged('a', States.Gossip("a:Up1 b:Up2")), new ReceiveGossip(States.Node('b'), told, IsFate: true), 100));
        Assert.True(ended.Downed);
    }

    [Fact]
    public void Joining_members_wait_for_the_required_number()
    {
        var settings = States.Settings with { MinMembers = 3 };
        var two = States.Converged('a', States.Gossip("a:Joining b:Joining"));
        var three = States.Converged('a', States.Gossip("a:Joining b:Joining c:Joining"));
        Assert.Equal("a:Joining b:Joining", After(two, new AssessCluster(), 100, settings));
        Assert.Equal("a:Up1 b:Up2 c:Up3", After(three, new AssessCluster(), 100, settings));
    }

    [Fact]
    public void Required_numbers_count_by_role_too()
    {
        var settings = States.Settings with { MinMembersOfRole = ImmutableDictionary<string, int>.Empty.Add("node", 1) };
        var gossip = States.Gossip("a:Joining");
        Assert.Equal("a:Joining", After(States.Converged('a', gossip), new AssessCluster(), 100, settings));
        gossip = gossip.With(new MemberEntry(States.Node('b'), ["node"], MemberStage.Joining, MemberEntry.NotUp));
        Assert.Equal("a:Up1 b:Up2", After(States.Converged('a', gossip), new AssessCluster(), 100, settings));
    }

    [Fact]
    public void An_event_that_cannot_happen_throws() =>
        Assert.Throws<InvalidOperationException>(() => MembershipState.Apply(new OutsideCluster(States.Node('a')), new CutsChanged(1)));

    private static MembershipDecision Decide(MembershipView view, MembershipCommand command, long nowMs, MembershipSettings? settings = null) =>
        MembershipDecider.Decide(view, command, new MembershipEnvironment(nowMs, 1_700_000_000_000, settings ?? States.Settings));

    private static MembershipView Apply(MembershipView view, MembershipCommand command, long nowMs, MembershipSettings? settings = null) =>
        MembershipDecider.Evolve(view, Decide(view, command, nowMs, settings).Events);

    private static string After(MembershipView view, MembershipCommand command, long nowMs, MembershipSettings? settings = null) =>
        Apply(view, command, nowMs, settings) switch
        {
            InsideCluster inside => States.Text(inside.Gossip),
            OutOfCluster ended => "out: " + States.Text(ended.LastGossip),
            _ => "outside",
        };
}
