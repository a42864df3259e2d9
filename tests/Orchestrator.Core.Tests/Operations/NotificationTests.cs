using Orchestrator.Core.Operations;

namespace Orchestrator.Core.Tests.Operations;

public class NotificationTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_place_goes_forward_only_and_a_new_webhook_begins_at_its_own_time()
    {
        var state = After(
            new FollowWebhooks(["a"], Now, [], Now),
            new MoveWebhook("a", "r-1", 5, Now),
            new MoveWebhook("a", "r-1", 3, Now),
            new MoveWebhook("a", "", 7, Now),
            new MoveWebhook("unknown", "", 7, Now),
            new FollowWebhooks(["a", "b"], Now.AddHours(1), ["r-1"], Now));

        Assert.Equal(["a", "b"], state.Webhooks.Keys);
        Assert.Equal([new("", 7), new("r-1", 5)], state.Webhooks["a"].Streams);
        Assert.Equal((Now, Now.AddHours(1)), (state.Webhooks["a"].Since, state.Webhooks["b"].Since));
        Assert.Empty(state.Webhooks["b"].Streams);
    }

    [Fact]
    public void Webhooks_and_runs_that_are_gone_are_forgotten_and_the_audit_trail_never()
    {
        var state = After(
            new FollowWebhooks(["a", "b"], Now, ["r-1", "r-2"], Now),
            new MoveWebhook("a", "r-1", 5, Now),
            new MoveWebhook("a", "r-2", 6, Now),
            new MoveWebhook("a", "", 7, Now),
            new FollowWebhooks(["a"], Now, ["r-2"], Now));

        Assert.Equal(["a"], state.Webhooks.Keys);
        Assert.Equal([new("", 7), new("r-2", 6)], state.Webhooks["a"].Streams);
        Assert.Empty(NotificationDecider.Decide(state, new FollowWebhooks(["a"], Now, [], Now)));
        Assert.Empty(NotificationDecider.Decide(state, new FollowWebhooks(["a"], Now.AddDays(1), ["r-2"], Now)));
    }

    private static NotificationState After(params INotificationRequest[] requests)
    {
        var state = NotificationState.Initial;
        foreach (var request in requests)
        {
            state = NotificationDecider.Decide(state, request).Aggregate(state, NotificationDecider.Apply);

            // A snapshot must add up to the same state, whatever came before it.
            var again = state.ToHistory(Now).Aggregate(NotificationState.Initial, NotificationDecider.Apply);
            Assert.Equivalent(state.ToPlaces(), again.ToPlaces(), strict: true);
        }

        return state;
    }
}
