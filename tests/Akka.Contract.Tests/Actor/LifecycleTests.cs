using Akka.Actor;
using Akka.Event;

namespace Akka.Contract.Tests.Actor;

public sealed class LifecycleTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Recorder : UntypedActor
    {
        private readonly IActorRef _observer;
        private readonly string _name;

        public Recorder(IActorRef observer, string name)
        {
            _observer = observer;
            _name = name;
            observer.Tell(name + ".ctor");
        }

        protected override void PreStart() => _observer.Tell(_name + ".PreStart");

        protected override void PostStop() => _observer.Tell(_name + ".PostStop");

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Props props:
                    Sender.Tell(Context.ActorOf(props, "child"));
                    break;
                case "stop self":
                    Context.Stop(Self);
                    break;
                default:
                    _observer.Tell(message);
                    break;
            }
        }
    }

    private sealed class FailsToStart : UntypedActor
    {
        private readonly IActorRef _observer;

        public FailsToStart(IActorRef observer, bool inConstructor)
        {
            _observer = observer;
            if (inConstructor)
            {
                throw new InvalidOperationException("in constructor");
            }
        }

        protected override void PreStart() => throw new InvalidOperationException("in PreStart");

        protected override void PostStop() => _observer.Tell("PostStop");

        protected override void OnReceive(object message)
        {
        }
    }

    private sealed class Namer : ReceiveActor
    {
        public Namer()
        {
            Receive<string>(name =>
            {
                try
                {
                    Sender.Tell(Context.ActorOf(Props.Create(() => new Idle()), name).Path.Name);
                }
                catch (InvalidActorNameException exception)
                {
                    Sender.Tell(exception);
                }
            });
            Receive<int>(_ => Sender.Tell(Context.ActorOf<Idle>().Path.Name));
            Receive<Type>(_ => Sender.Tell(Context.GetChildren().Select(child => child.Path.Name).Order().ToArray()));
            Receive<char>(name => Sender.Tell(Context.Child(name == 'r' ? "reused" : name.ToString())));
            Receive<IActorRef>(child =>
            {
                Context.WatchWith(child, (Sender, "stopped"));
                Context.Stop(child);
            });
            Receive<(IActorRef To, string Text)>(report => report.To.Tell(report.Text));
        }
    }

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }

    private Props RecorderProps(string name)
    {
        var observer = TestActor;
        return Props.Create(() => new Recorder(observer, name));
    }

    [Fact]
    public void An_actor_starts_and_stops()
    {
        var actor = ActorOf(RecorderProps("a"));
        ExpectMsg("a.ctor");
        ExpectMsg("a.PreStart");
        Sys.Stop(actor);
        ExpectMsg("a.PostStop");
    }

    [Fact]
    public void A_parent_stops_after_its_children()
    {
        var parent = ActorOf(RecorderProps("parent"));
        parent.Tell(RecorderProps("child"));
        ReceiveWhile<object>(message => message is IActorRef ? null : message, TimeSpan.FromSeconds(10));
        var child = ExpectMsg<IActorRef>();
        FishForMessage<string>(text => text == "child.PreStart");
        Watch(child);
        Watch(parent);
        Sys.Stop(parent);
        ExpectMsg("child.PostStop");
        ExpectMsgAllOf<object>(new Terminated(child, true, false), "parent.PostStop");
        ExpectTerminated(parent);
    }

    [Fact]
    public void A_poison_pill_waits_for_its_turn()
    {
        var actor = ActorOf(RecorderProps("a"));
        Watch(actor);
        actor.Tell("before");
        actor.Tell(PoisonPill.Instance);
        actor.Tell("after");
        ExpectMsg("a.ctor");
        ExpectMsg("a.PreStart");
        ExpectMsg("before");
        ExpectMsg("a.PostStop");
        ExpectTerminated(actor);
    }

    [Fact]
    public void An_actor_can_stop_itself()
    {
        var actor = ActorOf(RecorderProps("a"));
        Watch(actor);
        actor.Tell("stop self");
        actor.Tell("after");
        ExpectMsg("a.ctor");
        ExpectMsg("a.PreStart");
        ExpectMsg("a.PostStop");
        ExpectTerminated(actor);
    }

    [Fact]
    public void What_waits_in_the_mailbox_of_a_stopped_actor_becomes_dead_letters()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var actor = ActorOf(RecorderProps("a"));
        ExpectMsg("a.ctor");
        ExpectMsg("a.PreStart");
        actor.Tell("stop self");
        actor.Tell("waiting");
        var rest = ReceiveN(2);
        Assert.Contains("a.PostStop", rest);
        Assert.Equal("waiting", rest.OfType<DeadLetter>().Single().Message);
    }

    [Fact]
    public void Kill_fails_the_actor_and_the_default_strategy_stops_it()
    {
        var actor = ActorOf(RecorderProps("a"));
        Watch(actor);
        EventFilter.Exception<ActorKilledException>().ExpectOne(() => actor.Tell(Kill.Instance));
        ExpectMsg("a.ctor");
        ExpectMsg("a.PreStart");
        ExpectMsg("a.PostStop");
        ExpectTerminated(actor);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_actor_that_fails_to_start_is_stopped(bool inConstructor)
    {
        var observer = TestActor;
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() =>
        {
            var actor = ActorOf(() => new FailsToStart(observer, inConstructor));
            Watch(actor);
            ExpectTerminated(actor);
        });
        Assert.False(HasMessages);
    }

    [Fact]
    public void An_actor_cannot_be_made_with_new() => Assert.Throws<ActorInitializationException>(() => new Idle());

    [Fact]
    public void Names_are_unique_among_siblings()
    {
        var namer = ActorOf<Namer>();
        namer.Tell("twice");
        namer.Tell("twice");
        ExpectMsg("twice");
        Assert.Contains("not unique", ExpectMsg<InvalidActorNameException>().Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$dollar")]
    [InlineData("with space")]
    [InlineData("slash/ed")]
    [InlineData("umläut")]
    public void Names_must_be_path_elements(string name)
    {
        ActorOf<Namer>().Tell(name);
        ExpectMsg<InvalidActorNameException>();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("with-_.*$+:@&=,!~';()")]
    [InlineData("%20")]
    public void Names_may_hold_the_characters_of_a_path(string name)
    {
        ActorOf<Namer>().Tell(name);
        ExpectMsg(name);
    }

    [Fact]
    public void Actors_without_a_name_get_different_ones()
    {
        var namer = ActorOf<Namer>();
        for (var i = 0; i < 200; i++)
        {
            namer.Tell(i);
        }

        var names = ReceiveN(200).Cast<string>().ToList();
        Assert.Equal(200, names.Distinct().Count());
        Assert.All(names, name => Assert.StartsWith("$", name));
    }

    [Fact]
    public void A_parent_knows_its_children()
    {
        var namer = ActorOf<Namer>();
        namer.Tell("a");
        namer.Tell("b");
        namer.Tell(typeof(object));
        namer.Tell('b');
        namer.Tell('c');
        ReceiveN(2);
        Assert.Equal(["a", "b"], ExpectMsg<string[]>());
        Assert.Equal("b", ExpectMsg<IActorRef>().Path.Name);
        ExpectMsg<IActorRef>(actor => actor.Equals(ActorRefs.Nobody));
    }

    [Fact]
    public void A_name_is_free_once_Terminated_has_come()
    {
        var namer = ActorOf<Namer>();
        for (var i = 0; i < 50; i++)
        {
            namer.Tell("reused");
            ExpectMsg("reused");
            namer.Tell('r');
            var child = ExpectMsg<IActorRef>();
            namer.Tell(child);
            ExpectMsg("stopped");
        }
    }
}
