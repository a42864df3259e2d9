using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Tests.Nodes;

public sealed class WritePausesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 7, 22, 0, 0, TimeSpan.Zero);
    private static readonly Appointment Appointed = Appointment("node-1", 3);
    private static readonly MemberState Leading = new LeadingMember("node-1", "rs", 1, 3, 1, Appointed);
    private static readonly MemberState Halted = new HaltedMember("node-1", "rs", 1, 3, 1, Appointed, 1, Now, Now.AddSeconds(10));
    private static readonly MemberState Promised = new PromisedMember("node-1", "rs", 1, 4, 1, Appointed);
    private static readonly MemberState Following = new FollowingMember("node-1", "rs", 1, 4, 1, Appointment("node-2", 4));

    [Fact]
    public void A_step_down_holds_writes_from_their_stop_until_another_member_is_primary() =>
        Assert.Equal([new WritesHeld("main", WritesHeld.ByStepDown, TimeSpan.FromSeconds(2))], Pauses(Following, Leading, Halted, Promised, Following, Following));

    [Fact]
    public void One_that_is_taken_back_holds_them_until_they_are_accepted_again() =>
        Assert.Equal([new WritesHeld("main", WritesHeld.ByStepDown, TimeSpan.FromSeconds(2))], Pauses(Leading, Halted, Halted, Leading, Leading));

    [Fact]
    public void A_primary_that_promises_a_higher_term_unasked_is_replaced() =>
        Assert.Equal([new WritesHeld("main", WritesHeld.ByAppointment, TimeSpan.FromSeconds(1))], Pauses(Leading, Promised, Following));

    [Fact]
    public void A_member_that_was_not_primary_holds_nothing() => Assert.Empty(Pauses(Following, Promised with { PromisedTerm = 5 }, Following));

    /// <summary>A second apart.</summary>
    private static List<WritesHeld> Pauses(params MemberState[] states)
    {
        var pauses = new WritePauses("main");
        return [.. states.Skip(1).Select((state, i) => pauses.Note(states[i], state, Now.AddSeconds(i))).OfType<WritesHeld>()];
    }

    private static Appointment Appointment(string primary, long term) => new(term, primary, $"http://{primary}", ["node-1", "node-2", "node-3"], []);
}
