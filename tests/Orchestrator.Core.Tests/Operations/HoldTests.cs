using Orchestrator.Core.Operations;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Operations;

public class HoldTests
{
    private static readonly string[] Members = ["node-1", "node-2", "node-3"];

    [Fact]
    public void A_hold_of_a_member_covers_its_replica_sets_and_says_who_why_and_until_when()
    {
        var state = Place(HoldState.Initial, Order("percona", 60, "node-2"), 0);

        var hold = Assert.Single(state.InForce("c1", Some.At(59)));
        Assert.Equal("percona holds node-2 until 2026-03-01 12:01:00Z: a restart", hold.Sentence);
        Assert.True(hold.Covers(Members));
        Assert.False(hold.Covers(["node-4"]));
        Assert.True((hold with { Members = [] }).Covers(["node-4"]));
        Assert.Empty(state.InForce("c2", Some.At(59)));
    }

    [Fact]
    public void Two_owners_hold_at_the_same_time_and_each_releases_its_own()
    {
        var state = Place(HoldState.Initial, Order("percona", 60), 0);
        state = Place(state, Order("strimzi", 90), 1);

        Assert.Equal(["percona", "strimzi"], state.InForce("c1", Some.At(2)).Select(hold => hold.Owner));

        state = Release(state, "percona", 3);

        Assert.Equal(["strimzi"], state.InForce("c1", Some.At(4)).Select(hold => hold.Owner));
    }

    [Fact]
    public void The_same_owner_again_prolongs_its_hold_and_keeps_since_when_it_holds()
    {
        var state = Place(HoldState.Initial, Order("percona", 60), 0);
        Assert.True(HoldDecider.IsRenewal(state, Order("percona", 60), Some.At(50)));
        Assert.False(HoldDecider.IsRenewal(state, Order("percona", 60, "node-1"), Some.At(50)));
        Assert.False(HoldDecider.IsRenewal(state, Order("percona", 60), Some.At(60)));

        var hold = Assert.Single(Place(state, Order("percona", 60), 50).Holds);

        Assert.Equal((Some.At(0), Some.At(110)), (hold.At, hold.Until));
    }

    [Fact]
    public void A_hold_whose_owner_has_died_ends_by_itself()
    {
        var state = Place(HoldState.Initial, Order("percona", 60), 0);

        Assert.Empty(HoldDecider.Elapsed(state, Some.At(59.9)));
        Assert.Empty(state.InForce("c1", Some.At(60)));
        var over = Assert.Single(HoldDecider.Elapsed(state, Some.At(60)));
        Assert.Empty(HoldDecider.Apply(state, over).Holds);
    }

    [Fact]
    public void To_release_what_has_ended_does_no_harm_but_an_unknown_cluster_is_refused()
    {
        var known = HoldDecider.Decide(HoldState.Initial, new ReleaseHold("c1", "percona", "ann"), ["c1"], Some.At(0));
        var unknown = HoldDecider.Decide(HoldState.Initial, new ReleaseHold("c9", "percona", "ann"), ["c1"], Some.At(0));

        Assert.IsType<HoldReply.Done>(known.Reply);
        Assert.Empty(known.Events);
        var failure = Assert.IsType<HoldReply.Refused>(unknown.Reply).Failure;
        Assert.Equal((FailureCode.NotFound, "there is no cluster 'c9'; known: c1"), (failure.Code, failure.Message));
    }

    [Theory]
    [InlineData("per cona", "why", 60, "node-1", FailureCode.Invalid, "owner: expected a name")]
    [InlineData("percona", " ", 60, "node-1", FailureCode.Invalid, "a hold needs a reason")]
    [InlineData("percona", "why", 0, "node-1", FailureCode.Invalid, "at most 86400 s")]
    [InlineData("percona", "why", 86_401, "node-1", FailureCode.Invalid, "at most 86400 s")]
    [InlineData("percona", "why", 60, "node-9", FailureCode.NotFound, "c1 has no member 'node-9'; known: node-1, node-2, node-3")]
    public void A_bad_order_is_refused(string owner, string reason, double seconds, string member, FailureCode code, string message)
    {
        var order = new PlaceHold("c1", owner, reason, [member], TimeSpan.FromSeconds(seconds), "ann");

        var decision = HoldDecider.Decide(HoldState.Initial, order, Members, ["c1"], Some.At(0));

        Assert.Empty(decision.Events);
        var failure = Assert.IsType<HoldReply.Refused>(decision.Reply).Failure;
        Assert.Equal(code, failure.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_holds_is_bounded_but_those_there_are_can_be_renewed()
    {
        var state = Enumerable.Range(0, HoldDecider.MaxHolds).Aggregate(HoldState.Initial, (held, i) => Place(held, Order($"owner-{i}", 60), 0));

        var refused = HoldDecider.Decide(state, Order("one-more", 60), Members, ["c1"], Some.At(1));

        Assert.Equal(FailureCode.Refused, Assert.IsType<HoldReply.Refused>(refused.Reply).Failure.Code);
        Assert.Single(HoldDecider.Decide(state, Order("owner-7", 60), Members, ["c1"], Some.At(1)).Events);
    }

    private static PlaceHold Order(string owner, double seconds, params string[] members) =>
        new("c1", owner, "a restart", members, TimeSpan.FromSeconds(seconds), "ann");

    private static HoldState Place(HoldState state, PlaceHold order, double at) =>
        HoldDecider.Decide(state, order, Members, ["c1"], Some.At(at)).Events.Aggregate(state, HoldDecider.Apply);

    private static HoldState Release(HoldState state, string owner, double at) =>
        HoldDecider.Decide(state, new ReleaseHold("c1", owner, "ann"), ["c1"], Some.At(at)).Events.Aggregate(state, HoldDecider.Apply);
}
