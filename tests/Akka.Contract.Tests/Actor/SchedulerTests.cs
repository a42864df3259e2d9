using Akka.Actor;

namespace Akka.Contract.Tests.Actor;

public sealed class SchedulerTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(5);

    [Fact]
    public void A_message_is_sent_once_after_the_delay()
    {
        Sys.Scheduler.ScheduleTellOnce(_short, TestActor, "later", TestActor);
        ExpectMsg("later");
        Assert.Equal(TestActor, LastSender);
    }

    [Fact]
    public void A_message_is_sent_again_and_again_until_cancelled()
    {
        var cancelable = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(_short, _short, TestActor, "tick", ActorRefs.NoSender);
        for (var i = 0; i < 3; i++)
        {
            ExpectMsg("tick");
        }

        cancelable.Cancel();
        Assert.True(cancelable.IsCancellationRequested);
        Assert.True(cancelable.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_cancelled_message_is_not_sent()
    {
        var cancelable = Sys.Scheduler.ScheduleTellOnceCancelable(TimeSpan.FromMilliseconds(20), TestActor, "cancelled", ActorRefs.NoSender);
        cancelable.Cancel();
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(60), TestActor, "kept", ActorRefs.NoSender);
        ExpectMsg("kept");
    }

    [Fact]
    public void What_is_cancelled_from_the_start_is_not_sent()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.Zero, TestActor, "cancelled", ActorRefs.NoSender, Cancelable.CreateCanceled());
        Sys.Scheduler.ScheduleTellOnce(_short, TestActor, "kept", ActorRefs.NoSender);
        ExpectMsg("kept");
    }

    [Fact]
    public void Times_must_make_sense()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Sys.Scheduler.ScheduleTellOnce(-_short, TestActor, "x", ActorRefs.NoSender));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Sys.Scheduler.ScheduleTellRepeatedly(_short, TimeSpan.Zero, TestActor, "x", ActorRefs.NoSender));
    }

    [Fact]
    public void A_cancelable_can_cancel_itself_later()
    {
        using var cancelable = new Cancelable(Sys.Scheduler, _short);
        AwaitCondition(() => cancelable.IsCancellationRequested);
        Assert.True(cancelable.Token.IsCancellationRequested);
    }

    [Fact]
    public void An_action_that_fails_is_logged_and_the_next_one_runs()
    {
        EventFilter.Exception<InvalidOperationException>().ExpectOne(
            () => Sys.Scheduler.Advanced.ScheduleOnce(_short, () => throw new InvalidOperationException("scheduled")));
        Sys.Scheduler.Advanced.ScheduleOnce(_short, () => TestActor.Tell("ran", ActorRefs.NoSender));
        ExpectMsg("ran");
    }
}
