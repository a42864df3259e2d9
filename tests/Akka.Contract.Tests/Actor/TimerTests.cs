using Akka.Actor;
using Akka.TestKit;

namespace Akka.Contract.Tests.Actor;

public sealed class TimerTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    public TimerTests()
        : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
    }

    private TestScheduler Clock => (TestScheduler)Sys.Scheduler;

    private sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(IActorRef observer)
        {
            Receive<(string Command, string Key, string Text)>(command =>
            {
                switch (command.Command)
                {
                    case "single":
                        Timers.StartSingleTimer(command.Key, command.Text, _second);
                        break;
                    case "periodic":
                        Timers.StartPeriodicTimer(command.Key, command.Text, _second);
                        break;
                    case "cancel":
                        Timers.Cancel(command.Key);
                        break;
                    case "cancel all":
                        Timers.CancelAll();
                        break;
                }

                Sender.Tell(Timers.IsTimerActive(command.Key));
            });
            Receive<Task>(task => task.Wait());
            Receive<Exception>(exception => throw exception);
            Receive<string>(text => observer.Tell(text));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PostRestart(Exception reason)
        {
            base.PostRestart(reason);
            Self.Tell("restarted");
        }
    }

    private sealed class TimedOut : ReceiveActor
    {
        public TimedOut(IActorRef observer)
        {
            Context.SetReceiveTimeout(_second);
            Receive<ReceiveTimeout>(_ => observer.Tell("timeout"));
            Receive<string>(text => text == "off", _ =>
            {
                Context.SetReceiveTimeout(null);
                observer.Tell("off");
            });
            ReceiveAny(message => observer.Tell(message));
        }
    }

    private sealed class NoInfluence : INotInfluenceReceiveTimeout;

    private IActorRef NewTimed()
    {
        var observer = TestActor;
        return ActorOf(() => new Timed(observer));
    }

    private void Command(IActorRef actor, string command, string key, string text, bool isActive)
    {
        actor.Tell((command, key, text));
        ExpectMsg(isActive);
    }

    [Fact]
    public void A_single_timer_fires_once()
    {
        var actor = NewTimed();
        Command(actor, "single", "a", "tick", isActive: true);
        Clock.Advance(_second / 2);
        actor.Tell("not yet");
        ExpectMsg("not yet");
        Clock.Advance(_second / 2);
        ExpectMsg("tick");
        Clock.Advance(_second);
        Command(actor, "none", "a", "", isActive: false);
    }

    [Fact]
    public void A_periodic_timer_fires_again_and_again()
    {
        var actor = NewTimed();
        Command(actor, "periodic", "a", "tick", isActive: true);
        for (var i = 0; i < 3; i++)
        {
            Clock.Advance(_second);
            ExpectMsg("tick");
        }

        Command(actor, "cancel", "a", "", isActive: false);
        Clock.Advance(_second);
        actor.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void A_timer_of_the_same_key_replaces_the_first()
    {
        var actor = NewTimed();
        Command(actor, "single", "a", "first", isActive: true);
        Command(actor, "single", "a", "second", isActive: true);
        Clock.Advance(_second);
        ExpectMsg("second");
        actor.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void A_message_of_a_cancelled_timer_that_waits_in_the_mailbox_is_dropped()
    {
        var actor = NewTimed();
        Command(actor, "single", "a", "tick", isActive: true);
        var gate = new TaskCompletionSource();
        actor.Tell(gate.Task);
        actor.Tell(("cancel", "a", ""));
        Clock.Advance(_second);
        gate.SetResult();
        ExpectMsg(false);
        actor.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void CancelAll_ends_all_timers()
    {
        var actor = NewTimed();
        Command(actor, "single", "a", "tick a", isActive: true);
        Command(actor, "periodic", "b", "tick b", isActive: true);
        Command(actor, "cancel all", "a", "", isActive: false);
        Clock.Advance(_second);
        actor.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void A_restart_ends_the_timers()
    {
        var actor = NewTimed();
        Command(actor, "periodic", "a", "tick", isActive: true);
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => actor.Tell(new InvalidOperationException("restart")));
        ExpectMsg("restarted");
        Clock.Advance(_second);
        Command(actor, "none", "a", "", isActive: false);
    }

    [Fact]
    public void The_receive_timeout_fires_after_silence()
    {
        var observer = TestActor;
        var actor = ActorOf(() => new TimedOut(observer));
        actor.Tell(1);
        ExpectMsg(1);
        AwaitAssert(() =>
        {
            Clock.Advance(_second);
            ExpectMsg("timeout", TimeSpan.FromMilliseconds(50));
        });
    }

    [Fact]
    public void Messages_put_the_receive_timeout_off_unless_they_say_otherwise()
    {
        var observer = TestActor;
        var actor = ActorOf(() => new TimedOut(observer));
        actor.Tell("start");
        ExpectMsg("start");
        Settle(actor);
        Clock.Advance(_second * 0.6);
        actor.Tell(1);
        ExpectMsg(1);
        Settle(actor);
        Clock.Advance(_second * 0.6);
        actor.Tell(new NoInfluence());
        ExpectMsg<NoInfluence>();
        Settle(actor);
        Clock.Advance(_second * 0.4);
        ExpectMsg("timeout");
    }

    [Fact]
    public void The_receive_timeout_can_be_switched_off()
    {
        var observer = TestActor;
        var actor = ActorOf(() => new TimedOut(observer));
        actor.Tell("off");
        ExpectMsg("off");
        Clock.Advance(_second * 5);
        actor.Tell(new NoInfluence());
        ExpectMsg<NoInfluence>();
    }

    /// <summary>Waits until the actor is done with the message before, which includes setting the timeout anew.</summary>
    private void Settle(IActorRef actor)
    {
        actor.Tell(new Identify(1));
        ExpectMsg<ActorIdentity>();
    }
}
