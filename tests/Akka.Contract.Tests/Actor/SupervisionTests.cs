using Akka.Actor;

namespace Akka.Contract.Tests.Actor;

public sealed class SupervisionTests : Akka.TestKit.Xunit2.TestKit
{
    public sealed class ResumeException : Exception;

    public sealed class RestartException : Exception;

    public sealed class StopException : Exception;

    public sealed class EscalateException : Exception;

    private static Directive Decide(Exception cause) => cause switch
    {
        ResumeException => Directive.Resume,
        RestartException => Directive.Restart,
        StopException => Directive.Stop,
        _ => Directive.Escalate,
    };

    private sealed class Supervisor : UntypedActor
    {
        private readonly SupervisorStrategy? _strategy;
        private readonly IActorRef? _observer;

        public Supervisor(SupervisorStrategy? strategy, IActorRef? observer)
        {
            _strategy = strategy;
            _observer = observer;
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy ?? base.SupervisorStrategy();

        protected override void PostRestart(Exception reason)
        {
            _observer?.Tell("supervisor restarted");
            base.PostRestart(reason);
        }

        protected override void OnReceive(object message)
        {
            if (message is Props props)
            {
                Sender.Tell(Context.ActorOf(props));
            }
        }
    }

    /// <summary>Fails on exceptions, counts on numbers, tells its observer of its life.</summary>
    private sealed class Child : ReceiveActor
    {
        private readonly IActorRef _observer;
        private int _sum;

        public Child(IActorRef observer)
        {
            _observer = observer;
            Receive<Exception>(exception => throw exception);
            Receive<int>(number => Sender.Tell(_sum += number));
            Receive<string>(text => text == "become", _ => Become(() => ReceiveAny(_ => Sender.Tell("other behaviour"))));
            Receive<Task>(task => task.Wait());
            Receive<Props>(props => Sender.Tell(Context.ActorOf(props)));
        }

        protected override void PreStart() => _observer.Tell("PreStart");

        protected override void PostStop() => _observer.Tell("PostStop");

        protected override void PreRestart(Exception reason, object? message)
        {
            _observer.Tell($"PreRestart {reason.GetType().Name} {message?.GetType().Name}");
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            _observer.Tell($"PostRestart {reason.GetType().Name}");
            base.PostRestart(reason);
        }
    }

    /// <summary>Its constructor works a given number of times.</summary>
    private sealed class Fragile : ReceiveActor
    {
        public Fragile(int[] remaining)
        {
            if (remaining[0]-- <= 0)
            {
                throw new InvalidOperationException("fragile");
            }

            Receive<Exception>(exception => throw exception);
            ReceiveAny(_ => Sender.Tell("here"));
        }
    }

    private readonly Akka.TestKit.TestProbe _life;

    public SupervisionTests()
        : base("akka.loglevel = OFF")
    {
        _life = CreateTestProbe();
    }

    private IActorRef ChildOf(IActorRef supervisor, IActorRef? observer = null)
    {
        var to = observer ?? _life.Ref;
        supervisor.Tell(Props.Create(() => new Child(to)));
        return ExpectMsg<IActorRef>();
    }

    private IActorRef Supervise(SupervisorStrategy? strategy = null, IActorRef? observer = null) =>
        ActorOf(() => new Supervisor(strategy, observer));

    private static OneForOneStrategy OneForOne(int? retries = null, TimeSpan? within = null) => new(retries, within, Decide);

    [Fact]
    public void Resume_keeps_the_state()
    {
        var child = ChildOf(Supervise(OneForOne()));
        child.Tell(1);
        child.Tell(new ResumeException());
        child.Tell(1);
        ExpectMsg(1);
        ExpectMsg(2);
        _life.ExpectMsg("PreStart");
        _life.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Restart_drops_state_and_behaviour_but_keeps_ref_and_mailbox()
    {
        var child = ChildOf(Supervise(OneForOne()));
        var gate = new TaskCompletionSource();
        child.Tell(1);
        child.Tell(gate.Task);
        child.Tell(new RestartException());
        child.Tell(5);
        gate.SetResult();
        ExpectMsg(1);
        ExpectMsg(5);
        child.Tell("become");
        child.Tell(new ResumeException());
        ExpectMsg("other behaviour");
    }

    [Fact]
    public void Restart_drops_a_behaviour_of_Become()
    {
        var child = ChildOf(Supervise(new OneForOneStrategy(_ => Directive.Restart)));
        child.Tell("become");
        child.Tell(Kill.Instance);
        child.Tell(3);
        ExpectMsg(3);
    }

    [Fact]
    public void Restart_calls_the_hooks_in_order()
    {
        var child = ChildOf(Supervise(OneForOne()));
        _life.ExpectMsg("PreStart");
        child.Tell(new RestartException());
        _life.ExpectMsg("PreRestart RestartException RestartException");
        _life.ExpectMsg("PostStop");
        _life.ExpectMsg("PostRestart RestartException");
        _life.ExpectMsg("PreStart");
    }

    [Fact]
    public void The_default_strategy_restarts()
    {
        var child = ChildOf(Supervise());
        child.Tell(1);
        child.Tell(new EscalateException());
        child.Tell(7);
        ExpectMsg(1);
        ExpectMsg(7);
    }

    [Fact]
    public void Stop_ends_the_child()
    {
        var child = ChildOf(Supervise(OneForOne()));
        Watch(child);
        child.Tell(new StopException());
        ExpectTerminated(child);
        _life.ExpectMsg("PreStart");
        _life.ExpectMsg("PostStop");
    }

    [Fact]
    public void Escalate_makes_the_supervisor_fail()
    {
        var supervisor = Supervise(OneForOne(), TestActor);
        var child = ChildOf(supervisor);
        Watch(child);
        child.Tell(new EscalateException());
        ExpectMsgAllOf<object>("supervisor restarted", new Terminated(child, true, false));
    }

    [Fact]
    public void A_restart_stops_the_children()
    {
        var parent = ChildOf(Supervise(OneForOne()));
        var grandchild = ChildOf(parent);
        Watch(grandchild);
        parent.Tell(new RestartException());
        ExpectTerminated(grandchild);
        parent.Tell(1);
        ExpectMsg(1);
    }

    [Fact]
    public void A_child_that_fails_too_often_is_stopped()
    {
        var child = ChildOf(Supervise(OneForOne(retries: 2)));
        Watch(child);
        for (var i = 0; i < 2; i++)
        {
            child.Tell(new RestartException());
            child.Tell(1);
            ExpectMsg(1);
        }

        child.Tell(new RestartException());
        ExpectTerminated(child);
    }

    [Fact]
    public void Without_retries_the_first_failure_stops()
    {
        var child = ChildOf(Supervise(OneForOne(retries: 0)));
        Watch(child);
        child.Tell(new RestartException());
        ExpectTerminated(child);
    }

    [Fact]
    public void One_for_one_leaves_siblings_alone()
    {
        var supervisor = Supervise(OneForOne());
        var first = ChildOf(supervisor);
        var second = ChildOf(supervisor);
        second.Tell(1);
        first.Tell(new RestartException());
        first.Tell(1);
        ExpectMsgAllOf(1, 1);
        second.Tell(1);
        ExpectMsg(2);
    }

    [Fact]
    public void All_for_one_restarts_all_children()
    {
        var supervisor = Supervise(new AllForOneStrategy(null, null, Decide));
        var first = ChildOf(supervisor);
        var second = ChildOf(supervisor);
        second.Tell(1);
        ExpectMsg(1);
        _life.ExpectMsgAllOf("PreStart", "PreStart");
        first.Tell(new RestartException());
        var events = _life.ReceiveN(8).Cast<string>().ToList();
        Assert.Equal(2, events.Count(text => text == "PostRestart RestartException"));
        second.Tell(1);
        ExpectMsg(1);
    }

    [Fact]
    public void All_for_one_stops_all_children()
    {
        var supervisor = Supervise(new AllForOneStrategy(null, null, Decide));
        var first = ChildOf(supervisor);
        var second = ChildOf(supervisor);
        Watch(first);
        Watch(second);
        first.Tell(new StopException());
        ExpectMsgAllOf(new Terminated(first, true, false), new Terminated(second, true, false));
    }

    [Fact]
    public void Props_can_bring_the_strategy()
    {
        var supervisor = Sys.ActorOf(Props.Create(() => new Supervisor(null, null)).WithSupervisorStrategy(Akka.Actor.SupervisorStrategy.StoppingStrategy));
        var child = ChildOf(supervisor);
        Watch(child);
        child.Tell(new ResumeException());
        ExpectTerminated(child);
    }

    [Fact]
    public void A_constructor_that_fails_in_a_restart_stops_the_child()
    {
        var remaining = new[] { 1 };
        var supervisor = Supervise();
        supervisor.Tell(Props.Create(() => new Fragile(remaining)));
        var child = ExpectMsg<IActorRef>();
        Watch(child);
        child.Tell("x");
        ExpectMsg("here");
        child.Tell(new RestartException());
        ExpectTerminated(child);
    }

    [Fact]
    public void A_constructor_that_fails_can_be_tried_again()
    {
        var remaining = new[] { 0 };
        var tries = 0;
        var supervisor = Supervise(new OneForOneStrategy(5, null, _ =>
        {
            if (++tries == 3)
            {
                remaining[0] = 1;
            }

            return Directive.Restart;
        }));
        supervisor.Tell(Props.Create(() => new Fragile(remaining)));
        var child = ExpectMsg<IActorRef>();
        child.Tell("x");
        ExpectMsg("here");
        Assert.Equal(3, tries);
    }

    [Fact]
    public void Stopping_a_suspended_child_works()
    {
        var supervisor = Supervise(new OneForOneStrategy(_ => Directive.Escalate));
        var child = ChildOf(supervisor);
        Watch(supervisor);
        Watch(child);
        child.Tell(new ResumeException());
        Sys.Stop(supervisor);
        ExpectMsgAllOf(new Terminated(child, true, false), new Terminated(supervisor, true, false));
    }

    [Fact]
    public void The_default_decider_stops_on_broken_initialization_kill_and_death_pact()
    {
        var decider = Akka.Actor.SupervisorStrategy.DefaultDecider;
        Assert.Equal(Directive.Stop, decider.Decide(new ActorInitializationException("x")));
        Assert.Equal(Directive.Stop, decider.Decide(new ActorKilledException("x")));
        Assert.Equal(Directive.Stop, decider.Decide(new DeathPactException(TestActor)));
        Assert.Equal(Directive.Restart, decider.Decide(new InvalidOperationException("x")));
    }
}
