using Akka.Actor;
using Akka.Event;

namespace Akka.Contract.Tests.Actor;

public sealed class MessagingTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class ForwardTo : UntypedActor
    {
        private readonly IActorRef _target;

        public ForwardTo(IActorRef target)
        {
            _target = target;
        }

        protected override void OnReceive(object message) => _target.Forward(message);
    }

    /// <summary>Notices when two threads are in it at once.</summary>
    private sealed class Counter : UntypedActor
    {
        private int _inside;
        private int _count;

        protected override void OnReceive(object message)
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                throw new InvalidOperationException("two messages at the same time");
            }

            if (message is string)
            {
                Sender.Tell(_count);
            }
            else
            {
                _count++;
            }

            Interlocked.Decrement(ref _inside);
        }
    }

    [Fact]
    public void The_sender_of_a_test_is_the_test_actor()
    {
        ActorOf<Echo>().Tell("hello");
        ExpectMsg("hello");
    }

    [Fact]
    public void Messages_of_one_sender_arrive_in_order()
    {
        var echo = ActorOf<Echo>();
        for (var i = 0; i < 1000; i++)
        {
            echo.Tell(i);
        }

        Assert.Equal(Enumerable.Range(0, 1000), ReceiveN(1000).Cast<int>());
    }

    [Fact]
    public async Task An_actor_handles_one_message_at_a_time()
    {
        const int senders = 8;
        const int each = 2000;
        var counter = ActorOf<Counter>();
        await Task.WhenAll(Enumerable.Range(0, senders).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                counter.Tell(i, ActorRefs.NoSender);
            }
        })));
        Assert.Equal(senders * each, await counter.Ask<int>("count", TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Forward_keeps_the_sender()
    {
        var probe = CreateTestProbe();
        var forwarder = ActorOf(() => new ForwardTo(probe.Ref));
        forwarder.Tell("hello");
        probe.ExpectMsg("hello");
        Assert.Equal(TestActor, probe.LastSender);
    }

    [Fact]
    public void A_reply_to_no_sender_becomes_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        ActorOf<Echo>().Tell("lost", ActorRefs.NoSender);
        Assert.Equal("lost", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void A_message_to_a_stopped_actor_becomes_a_dead_letter()
    {
        var echo = ActorOf<Echo>("gone");
        Watch(echo);
        Sys.Stop(echo);
        ExpectTerminated(echo);
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        echo.Tell("late");
        var letter = ExpectMsg<DeadLetter>();
        Assert.Equal("late", letter.Message);
        Assert.Equal(echo, letter.Recipient);
        Assert.Equal(TestActor, letter.Sender);
    }

    [Fact]
    public void A_null_message_is_refused()
    {
        var echo = ActorOf<Echo>();
        Assert.Throws<InvalidMessageException>(() => echo.Tell(null!));
    }

    [Fact]
    public void Nobody_drops_messages()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        ActorRefs.Nobody.Tell("dropped", TestActor);
        Sys.DeadLetters.Tell("kept", TestActor);
        Assert.Equal("kept", ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public async Task Refs_are_equal_by_path_and_incarnation()
    {
        var first = ActorOf<Echo>("same");
        Watch(first);
        Sys.Stop(first);
        ExpectTerminated(first);

        // The name is only free once the parent has heard of the end too.
        IActorRef second = ActorRefs.Nobody;
        AwaitAssert(() => second = ActorOf<Echo>("same"));
        Assert.Equal(first.Path, second.Path);
        Assert.NotEqual(first, second);
        Assert.Equal(second, await Sys.ActorSelection("/user/same").ResolveOne(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Busy_actors_leave_room_for_others()
    {
        var endless = ActorOf<SelfTalker>();
        for (var i = 0; i < 16; i++)
        {
            ActorOf<SelfTalker>().Tell("go");
        }

        endless.Tell("go");
        ActorOf<Echo>().Tell("hello");
        ExpectMsg("hello", TimeSpan.FromSeconds(30));
    }

    private sealed class SelfTalker : UntypedActor
    {
        protected override void OnReceive(object message) => Self.Tell(message);
    }
}
