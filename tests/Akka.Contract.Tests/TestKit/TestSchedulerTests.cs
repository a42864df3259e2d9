using Akka.Actor;
using Akka.TestKit;

namespace Akka.Contract.Tests.TestKit;

public sealed class TestSchedulerTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    public TestSchedulerTests()
        : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void Nothing_happens_before_its_time()
    {
        Scheduler.ScheduleTellOnce(_second, TestActor, "due", ActorRefs.NoSender);
        Scheduler.Advance(_second * 0.9);
        TestActor.Tell("before");
        ExpectMsg("before");
        Scheduler.Advance(_second * 0.1);
        ExpectMsg("due");
    }

    [Fact]
    public void Messages_come_in_the_order_of_their_times()
    {
        Scheduler.ScheduleTellOnce(_second * 2, TestActor, "second", ActorRefs.NoSender);
        Scheduler.ScheduleTellOnce(_second, TestActor, "first", ActorRefs.NoSender);
        Scheduler.Advance(_second * 3);
        ExpectMsg("first");
        ExpectMsg("second");
    }

    [Fact]
    public void Repeated_messages_come_once_for_each_interval()
    {
        var cancelable = Scheduler.ScheduleTellRepeatedlyCancelable(_second, _second, TestActor, "tick", ActorRefs.NoSender);
        for (var i = 0; i < 3; i++)
        {
            Scheduler.Advance(_second);
            ExpectMsg("tick");
        }

        cancelable.Cancel();
        Scheduler.Advance(_second * 5);
        TestActor.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void The_clock_shows_the_virtual_time()
    {
        var now = Scheduler.Now;
        var monotonic = Scheduler.MonotonicClock;
        Scheduler.Advance(_second);
        Assert.Equal(now + _second, Scheduler.Now);
        Assert.Equal(monotonic + _second, Scheduler.MonotonicClock);
        Scheduler.AdvanceTo(now + (_second * 5));
        Assert.Equal(now + (_second * 5), Scheduler.Now);
    }

    [Fact]
    public void Actions_run_while_the_time_is_moved()
    {
        var ran = 0;
        Scheduler.ScheduleOnce(_second, () => ran++);
        Scheduler.Advance(_second);
        Assert.Equal(1, ran);
    }
}
