using Akka.Actor;
using Akka.Event;

namespace Akka.Contract.Tests.Actor;

public sealed class StashTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Opening : ReceiveActor, IWithUnboundedStash
    {
        private readonly IActorRef _observer;

        public Opening(IActorRef observer)
        {
            _observer = observer;
            Closed();
        }

        public IStash Stash { get; set; } = null!;

        private void Closed()
        {
            Receive<string>(text => text == "open", _ =>
            {
                Stash.UnstashAll();
                Become(Open);
            });
            Receive<string>(text => text == "one", _ => Stash.Unstash());
            Receive<string>(text => text == "fail", _ => throw new InvalidOperationException("fail"));
            Receive<string>(text => text == "count", _ => Sender.Tell(Stash.Count));
            Receive<int>(number => number < 0, _ =>
            {
                Stash.Stash();
                try
                {
                    Stash.Stash();
                }
                catch (IllegalActorStateException)
                {
                    _observer.Tell("refused");
                }
            });
            Receive<int>(_ => Stash.Stash());
        }

        private void Open() => ReceiveAny(message => _observer.Tell((message, Sender)));
    }

    private IActorRef NewActor()
    {
        var observer = TestActor;
        return ActorOf(() => new Opening(observer));
    }

    [Fact]
    public void Stashed_messages_come_back_in_order_before_all_others()
    {
        var actor = NewActor();
        foreach (var message in new object[] { 1, 2, 3, "open", 4 })
        {
            actor.Tell(message);
        }

        foreach (var expected in new[] { 1, 2, 3, 4 })
        {
            ExpectMsg<(object, IActorRef)>((expected, TestActor));
        }
    }

    [Fact]
    public void Stashed_messages_keep_their_sender()
    {
        var actor = NewActor();
        var probe = CreateTestProbe();
        probe.Send(actor, 1);
        actor.Tell(2);
        actor.Tell("open");
        ExpectMsgAllOf<(object, IActorRef)>((1, probe.Ref), (2, TestActor));
    }

    [Fact]
    public void Unstash_puts_the_oldest_back()
    {
        var actor = NewActor();
        actor.Tell(1);
        actor.Tell(2);
        actor.Tell("count");
        ExpectMsg(2);
        actor.Tell("one");
        actor.Tell("open");
        ExpectMsg<(object, IActorRef)>((2, TestActor));
        ExpectMsg<(object, IActorRef)>((1, TestActor));
    }

    [Fact]
    public void The_same_message_cannot_be_stashed_twice()
    {
        NewActor().Tell(-1);
        ExpectMsg("refused");
    }

    [Fact]
    public void Equal_messages_can_be_stashed()
    {
        var actor = NewActor();
        object same = 1;
        actor.Tell(same);
        actor.Tell(same);
        actor.Tell("open");
        ExpectMsg<(object, IActorRef)>((1, TestActor));
        ExpectMsg<(object, IActorRef)>((1, TestActor));
    }

    [Fact]
    public void A_restart_puts_stashed_messages_back()
    {
        var actor = NewActor();
        actor.Tell(1);
        actor.Tell(2);
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => actor.Tell("fail"));
        actor.Tell("open");
        ExpectMsg<(object, IActorRef)>((1, TestActor));
        ExpectMsg<(object, IActorRef)>((2, TestActor));
    }

    [Fact]
    public void Messages_stashed_at_the_end_become_dead_letters()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var actor = NewActor();
        actor.Tell(1);
        actor.Tell(PoisonPill.Instance);
        Assert.Equal(1, ExpectMsg<DeadLetter>().Message);
    }
}
