using Akka.Actor;
using Akka.Event;

namespace Akka.Contract.Tests.Actor;

public sealed class ReceiveActorTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Typed : ReceiveActor
    {
        public Typed()
        {
            Receive<int>(number => number < 0, number => Sender.Tell("negative " + number));
            Receive<int>(number => Sender.Tell("small " + number), number => number < 10);
            Receive<int>(number => Sender.Tell("number " + number));
            Receive<string>(text => text == "declined" ? Answer("first", false) : Answer("first", true));
            Receive<string>(_ => Answer("second", true));
            Receive(typeof(double), number => Sender.Tell("double " + number));
        }

        private bool Answer(string by, bool handled)
        {
            if (handled)
            {
                Sender.Tell(by);
            }

            return handled;
        }
    }

    private sealed class CatchAll : ReceiveActor
    {
        public CatchAll()
        {
            Receive<int>(_ => Sender.Tell("int"));
            ReceiveAny(message => Sender.Tell("any " + message));
        }
    }

    private sealed class Switching : ReceiveActor
    {
        public Switching() => Closed();

        private void Closed()
        {
            Receive<string>(text => text == "open", _ => Become(Open));
            Receive<string>(text => text == "peek", _ => BecomeStacked(Peeking));
            Receive<string>(_ => Sender.Tell("closed"));
        }

        private void Open() => Receive<string>(_ => Sender.Tell("open"));

        private void Peeking()
        {
            Receive<string>(text => text == "back", _ => UnbecomeStacked());
            Receive<string>(_ => Sender.Tell("peeking"));
        }
    }

    private sealed class BecomesInConstructor : ReceiveActor
    {
        public BecomesInConstructor() => Become(() => Receive<string>(text => Sender.Tell("became " + text)));
    }

    private sealed class RegistersLate : ReceiveActor
    {
        public RegistersLate() => Receive<string>(_ =>
        {
            try
            {
                Receive<int>(_ => { });
            }
            catch (InvalidOperationException)
            {
                Sender.Tell("refused");
            }
        });
    }

    private sealed class RegistersAfterAny : ReceiveActor
    {
        public RegistersAfterAny(IActorRef observer)
        {
            ReceiveAny(_ => { });
            try
            {
                Receive<int>(_ => { });
            }
            catch (InvalidOperationException)
            {
                observer.Tell("refused");
            }
        }
    }

    private sealed class UntypedSwitching : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case "replace":
                    Become(_ => Sender.Tell("replaced"));
                    break;
                case "stack":
                    BecomeStacked(inner =>
                    {
                        Sender.Tell("stacked");
                        if (inner is "pop")
                        {
                            UnbecomeStacked();
                        }
                    });
                    break;
                case "known":
                    Sender.Tell("known");
                    break;
                default:
                    Unhandled(message);
                    break;
            }
        }
    }

    [Theory]
    [InlineData(-1, "negative -1")]
    [InlineData(5, "small 5")]
    [InlineData(50, "number 50")]
    [InlineData("text", "first")]
    [InlineData("declined", "second")]
    [InlineData(1.5, "double 1.5")]
    public void The_first_handler_that_matches_handles_the_message(object message, string answer)
    {
        ActorOf<Typed>().Tell(message);
        ExpectMsg(answer);
    }

    [Fact]
    public void ReceiveAny_takes_what_is_left()
    {
        var actor = ActorOf<CatchAll>();
        actor.Tell(1);
        actor.Tell("text");
        ExpectMsg("int");
        ExpectMsg("any text");
    }

    [Fact]
    public void A_message_without_handler_is_published_as_unhandled()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        var actor = ActorOf<Typed>();
        actor.Tell('c');
        var unhandled = ExpectMsg<UnhandledMessage>();
        Assert.Equal('c', unhandled.Message);
        Assert.Equal(TestActor, unhandled.Sender);
        Assert.Equal(actor, unhandled.Recipient);
    }

    [Fact]
    public void An_untyped_actors_unhandled_message_is_published()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        ActorOf<UntypedSwitching>().Tell("unknown");
        Assert.Equal("unknown", ExpectMsg<UnhandledMessage>().Message);
    }

    [Fact]
    public void Become_replaces_the_behaviour()
    {
        var actor = ActorOf<Switching>();
        actor.Tell("x");
        actor.Tell("open");
        actor.Tell("x");
        ExpectMsg("closed");
        ExpectMsg("open");
    }

    [Fact]
    public void A_stacked_behaviour_gives_way_to_the_one_below()
    {
        var actor = ActorOf<Switching>();
        foreach (var message in new[] { "peek", "x", "back", "x" })
        {
            actor.Tell(message);
        }

        ExpectMsg("peeking");
        ExpectMsg("closed");
    }

    [Fact]
    public void Become_works_in_the_constructor()
    {
        ActorOf<BecomesInConstructor>().Tell("x");
        ExpectMsg("became x");
    }

    [Fact]
    public void Untyped_behaviours_are_replaced_and_stacked()
    {
        var actor = ActorOf<UntypedSwitching>();
        foreach (var message in new[] { "stack", "x", "pop", "known", "replace", "known" })
        {
            actor.Tell(message);
        }

        ExpectMsg("stacked");
        ExpectMsg("stacked");
        ExpectMsg("known");
        ExpectMsg("replaced");
    }

    [Fact]
    public void Handlers_cannot_be_registered_outside_of_constructor_and_become()
    {
        ActorOf<RegistersLate>().Tell("x");
        ExpectMsg("refused");
    }

    [Fact]
    public void No_handler_can_follow_one_for_everything()
    {
        var observer = TestActor;
        ActorOf(() => new RegistersAfterAny(observer));
        ExpectMsg("refused");
    }
}
