using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Nodes;

public class MemberScenarioTests
{
    public static TheoryData<string> Cases => [.. Golden.Files("members")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Members_decide_as_in_the_file(string file) => Golden.Run("members", file, new MemberCases().Execute);

    [Fact]
    public void A_promise_never_goes_back()
    {
        var state = MemberDecider.Start("node-1", Some.Set, new MemberRecord(1, 5, 1, []));

        Assert.Throws<InvalidOperationException>(() => MemberDecider.Apply(state, new PromiseMade(4, 2)));
        Assert.Throws<InvalidOperationException>(() => MemberDecider.Apply(state, new EpochSeen(0)));
    }

    [Fact]
    public void A_stored_appointment_above_the_promise_stops_the_start()
    {
        var appointment = new Appointment(6, "node-1", Some.Address("node-1"), ["node-1"], []);

        Assert.Throws<InvalidOperationException>(() =>
            MemberDecider.Start("node-1", Some.Set, new MemberRecord(1, 5, 1, [appointment])));
    }

    [Fact]
    public void An_event_that_does_not_fit_the_state_is_refused()
    {
        var state = MemberDecider.Start("node-1", Some.Set, MemberRecord.Fresh);

        Assert.Throws<InvalidOperationException>(() => MemberDecider.Apply(state, new WritesReopened(1)));
    }

    [Theory]
    [InlineData(1, 10, 1, 10, true)]
    [InlineData(1, 10, 1, 9, false)]
    [InlineData(2, 3, 3, 1, true)]
    [InlineData(3, 1, 2, 30, false)]
    public void The_higher_term_is_ahead_then_the_higher_sequence(long wantedTerm, long wanted, long haveTerm, long have, bool reaches) =>
        Assert.Equal(reaches, MemberDecider.Reaches(
            [new FeedPosition("app", "orders", haveTerm, have)], [new FeedPosition("app", "orders", wantedTerm, wanted)]));
}
