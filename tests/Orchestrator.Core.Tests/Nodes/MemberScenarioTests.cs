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

    [Fact]
    public void A_member_that_lacks_documents_after_a_roll_back_neither_promises_nor_leads()
    {
        var members = new[] { "node-1", "node-2", "node-3" };
        var followed = new Appointment(5, "node-2", Some.Address("node-2"), members, []);
        var state = MemberDecider.Start("node-1", Some.Set, new MemberRecord(1, 5, 1, [followed]));
        var lacking = new MemberEnvironment(Some.Noon, [new FeedPosition("app", "orders", 5, 9)]) { Incomplete = ["app/orders"] };
        var promise = new HandleNodeCommand(new PromiseTerm(1, Some.Set, 6));

        var refused = MemberDecider.Decide(state, promise, lacking);

        Assert.Empty(refused.Events);
        Assert.Empty(refused.Effects);
        var reply = Assert.IsType<MemberReply.Refused>(refused.Reply).Message;
        Assert.Equal(RefusalCode.WrongState, reply.Code);
        Assert.Contains("app/orders", reply.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(MemberDecider.Decide(state, promise, lacking with { Incomplete = [] }).Events);

        var own = new Appointment(5, "node-1", Some.Address("node-1"), members, []);
        var appointee = MemberDecider.Apply(
            MemberDecider.Start("node-1", Some.Set, new MemberRecord(1, 5, 1, [followed with { Term = 4 }])), new AppointmentAccepted(own));
        Assert.DoesNotContain(MemberDecider.Decide(appointee, new AssessMember(), lacking).Events, @event => @event is CatchUpFinished);
        Assert.Contains(
            MemberDecider.Decide(appointee, new AssessMember(), lacking with { Incomplete = [] }).Events, @event => @event is CatchUpFinished);
    }

    [Fact]
    public void Positions_are_final_only_while_writes_stay_stopped()
    {
        var promised = Decide(MemberDecider.Start("node-1", Some.Set, MemberRecord.Fresh), new PromiseTerm(1, Some.Set, 1), 0).Next;
        var leading = Decide(promised, new FollowAppointment(1, Some.Set, new Appointment(1, "node-1", Some.Address("node-1"), ["node-1"], [])), 0).Next;
        var (halted, first) = Stop(leading, stepDown: 7, at: 1);
        var (again, second) = Stop(halted, stepDown: 7, at: 2);
        var resumed = Decide(again, new ResumeWrites(1, Some.Set, 1), 3).Next;
        var (haltedAgain, third) = Stop(resumed, stepDown: 7, at: 4);
        var (other, _) = Stop(haltedAgain, stepDown: 8, at: 5);

        Assert.True(MemberDecider.IsStillHalted(halted, first));
        Assert.True(MemberDecider.IsStillHalted(again, first));
        Assert.True(MemberDecider.IsStillHalted(again, second));
        Assert.False(MemberDecider.IsStillHalted(resumed, second));
        Assert.False(MemberDecider.IsStillHalted(haltedAgain, second));
        Assert.True(MemberDecider.IsStillHalted(haltedAgain, third));
        Assert.False(MemberDecider.IsStillHalted(other, third));
    }

    [Theory]
    [InlineData(1, 10, 1, 10, true)]
    [InlineData(1, 10, 1, 9, false)]
    [InlineData(2, 3, 3, 1, true)]
    [InlineData(3, 1, 2, 30, false)]
    public void The_higher_term_is_ahead_then_the_higher_sequence(long wantedTerm, long wanted, long haveTerm, long have, bool reaches) =>
        Assert.Equal(reaches, MemberDecider.Reaches(
            [new FeedPosition("app", "orders", haveTerm, have)], [new FeedPosition("app", "orders", wantedTerm, wanted)]));

    private static (MemberState Next, AnswerWritesStopped Answer) Stop(MemberState state, long stepDown, double at)
    {
        var (next, effects) = Decide(state, new StopWrites(1, Some.Set, 1, TimeSpan.FromSeconds(10), stepDown), at);
        return (next, Assert.Single(effects.OfType<AnswerWritesStopped>()));
    }

    private static (MemberState Next, IReadOnlyList<MemberEffect> Effects) Decide(MemberState state, INodeCommand command, double at)
    {
        var decision = MemberDecider.Decide(state, new HandleNodeCommand(command), new MemberEnvironment(Some.At(at), []));
        return (decision.Events.Aggregate(state, MemberDecider.Apply), decision.Effects);
    }
}
