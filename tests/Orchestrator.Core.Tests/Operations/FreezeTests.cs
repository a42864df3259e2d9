using Orchestrator.Core.Operations;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Operations;

public class FreezeTests
{
    private static readonly string[] Clusters = ["c1", "c2"];

    [Fact]
    public void A_freeze_of_one_cluster_leaves_the_others_alone_and_says_who_why_and_until_when()
    {
        var state = Start(FreezeState.Initial, new StartFreeze("c1", "ann", "a release", Some.At(60)), 0);

        Assert.Equal(
            "c1 was frozen by ann at 2026-03-01 12:00:00Z until 2026-03-01 12:01:00Z: a release", state.On("c1", Some.At(59)));
        Assert.Equal("", state.On("c2", Some.At(59)));
    }

    [Fact]
    public void A_freeze_of_everything_covers_every_cluster()
    {
        var state = Start(FreezeState.Initial, new StartFreeze("", "", "why", null), 0);

        Assert.All(Clusters, cluster => Assert.Equal("everything was frozen at 2026-03-01 12:00:00Z until it is lifted: why", state.On(cluster, Some.At(1e9))));
    }

    [Fact]
    public void A_freeze_ends_by_itself_at_its_time_and_only_then()
    {
        var state = Start(FreezeState.Initial, new StartFreeze("c1", "ann", "why", Some.At(60)), 0);

        Assert.Empty(FreezeDecider.Elapsed(state, Some.At(59.9)));
        Assert.Equal("", state.On("c1", Some.At(60)));
        var ranOut = Assert.Single(FreezeDecider.Elapsed(state, Some.At(60)));
        Assert.Empty(FreezeDecider.Apply(state, ranOut).Freezes);
        Assert.Empty(FreezeDecider.Elapsed(FreezeDecider.Apply(state, ranOut), Some.At(61)));
    }

    [Fact]
    public void A_second_freeze_of_the_same_place_names_the_first_and_replaces_it_only_on_request()
    {
        var state = Start(FreezeState.Initial, new StartFreeze("c1", "ann", "short", Some.At(60)), 0);
        var second = new StartFreeze("c1", "bob", "long", null);

        var refused = Assert.IsType<FreezeReply.Refused>(FreezeDecider.Decide(state, second, Clusters, Some.At(10)).Reply).Failure;
        Assert.Equal(FailureCode.Conflict, refused.Code);
        Assert.Contains("c1 was frozen by ann at 2026-03-01 12:00:00Z until 2026-03-01 12:01:00Z: short", refused.Message, StringComparison.Ordinal);
        Assert.IsType<FreezeReply.Done>(FreezeDecider.Decide(state, second, Clusters, Some.At(60)).Reply);

        state = Start(state, second with { Replace = true }, 10);

        var freeze = Assert.Single(state.InForce(Some.At(100)));
        Assert.Equal(("bob", "long"), (freeze.By, freeze.Reason));
    }

    [Theory]
    [InlineData("c9", "why", 60, FailureCode.NotFound, "there is no cluster 'c9'; known: c1")]
    [InlineData("c1", "", 60, FailureCode.Invalid, "a freeze needs a reason")]
    [InlineData("c1", "why", 0, FailureCode.Invalid, "in the past")]
    public void A_bad_order_is_refused(string cluster, string reason, double until, FailureCode code, string message)
    {
        var decision = FreezeDecider.Decide(FreezeState.Initial, new StartFreeze(cluster, "ann", reason, Some.At(until)), Clusters, Some.At(0));

        Assert.Empty(decision.Events);
        var refused = Assert.IsType<FreezeReply.Refused>(decision.Reply);
        Assert.Equal(code, refused.Failure.Code);
        Assert.Contains(message, refused.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lifting_names_what_is_frozen_when_nothing_is_frozen_there()
    {
        var state = Start(FreezeState.Initial, new StartFreeze("", "ann", "why", null), 0);

        var refused = Assert.IsType<FreezeReply.Refused>(FreezeDecider.Decide(state, new LiftFreeze("c1", "bob"), Some.At(1)).Reply);
        Assert.Equal("there is no freeze of 'c1'; frozen: everything (lift it without a cluster)", refused.Failure.Message);
        var lifted = Assert.Single(FreezeDecider.Decide(state, new LiftFreeze("", "bob"), Some.At(1)).Events);
        Assert.Equal("", FreezeDecider.Apply(state, lifted).On("c1", Some.At(2)));
    }

    private static FreezeState Start(FreezeState state, StartFreeze order, double seconds)
    {
        var decision = FreezeDecider.Decide(state, order, Clusters, Some.At(seconds));
        Assert.IsType<FreezeReply.Done>(decision.Reply);
        return decision.Events.Aggregate(state, FreezeDecider.Apply);
    }
}
