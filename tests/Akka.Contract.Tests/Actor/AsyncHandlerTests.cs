using Akka.Actor;

namespace Akka.Contract.Tests.Actor;

public sealed class AsyncHandlerTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed record Restarting(string Reason);

    private sealed record Wait(Task Until, string Answer);

    private sealed class Waiter : ReceiveActor
    {
        public Waiter(IActorRef observer)
        {
            ReceiveAsync<Wait>(async wait =>
            {
                observer.Tell("begin " + wait.Answer);
                await wait.Until;
                Sender.Tell(wait.Answer);
                Context.Self.Tell("from self");
            });
            ReceiveAsync<Exception>(async exception =>
            {
                await Task.Yield();
                throw exception;
            });
            ReceiveAsync<int>(number => number < 0, _ => throw new InvalidOperationException("not even a task"));
            ReceiveAsync<int>(_ => Task.CompletedTask);
            ReceiveAny(message => observer.Tell(message));
        }

        protected override void PreRestart(Exception reason, object? message)
        {
            Context.Parent.Tell(new Restarting(reason.Message));
            base.PreRestart(reason, message);
        }
    }

    private sealed class Parent : ReceiveActor
    {
        public Parent(IActorRef observer)
        {
            var child = Context.ActorOf(Props.Create(() => new Waiter(observer)));
            Receive<Restarting>(restarting => observer.Tell(restarting.Reason));
            ReceiveAny(message => child.Forward(message));
        }
    }

    private sealed class Starting : ReceiveActor
    {
        private bool _ready;

        public Starting(Task until)
        {
            Until = until;
            Receive<string>(_ => Sender.Tell(_ready));
        }

        private Task Until { get; }

        protected override void PreStart() => RunTask(async () =>
        {
            await Until;
            _ready = true;
        });
    }

    [Fact]
    public void No_other_message_is_handled_until_the_task_is_done()
    {
        var observer = TestActor;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = ActorOf(() => new Waiter(observer));
        actor.Tell(new Wait(gate.Task, "first"));
        actor.Tell("second");
        ExpectMsg("begin first");
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        gate.SetResult();
        ExpectMsg("first");
        ExpectMsg("second");
        ExpectMsg("from self");
    }

    [Fact]
    public void Sender_and_context_are_there_after_an_await()
    {
        var probe = CreateTestProbe();
        var other = CreateTestProbe();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var observer = CreateTestProbe().Ref;
        var actor = ActorOf(() => new Waiter(observer));
        probe.Send(actor, new Wait(gate.Task, "first"));
        other.Send(actor, new Wait(Task.CompletedTask, "second"));
        gate.SetResult();
        probe.ExpectMsg("first");
        other.ExpectMsg("second");
    }

    [Fact]
    public void A_failed_task_is_the_actors_failure()
    {
        var observer = TestActor;
        var parent = ActorOf(() => new Parent(observer));
        EventFilter.Exception<InvalidOperationException>("report this").ExpectOne(() => parent.Tell(new InvalidOperationException("report this")));
        parent.Tell("still there");
        ExpectMsgAllOf("report this", "still there");
    }

    [Fact]
    public void An_exception_before_the_first_await_is_the_actors_failure()
    {
        var observer = TestActor;
        var actor = ActorOf(() => new Waiter(observer));
        EventFilter.Exception<InvalidOperationException>("not even a task").ExpectOne(() => actor.Tell(-1));
        actor.Tell(1);
        actor.Tell("still there");
        ExpectMsg("still there");
    }

    [Fact]
    public void Work_begun_in_PreStart_holds_messages_back()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var until = gate.Task;
        var actor = ActorOf(() => new Starting(until));
        actor.Tell("ready?");
        ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        gate.SetResult();
        ExpectMsg(true);
    }

    [Fact]
    public void An_actor_can_be_stopped_while_its_handler_waits()
    {
        var observer = TestActor;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = ActorOf(() => new Waiter(observer));
        Watch(actor);
        actor.Tell(new Wait(gate.Task, "never"));
        ExpectMsg("begin never");
        Sys.Stop(actor);
        ExpectTerminated(actor);
        gate.SetResult();
    }

    [Fact]
    public void Many_async_messages_are_handled_in_order()
    {
        var observer = CreateTestProbe().Ref;
        var actor = ActorOf(() => new Waiter(observer));
        for (var i = 0; i < 200; i++)
        {
            actor.Tell(new Wait(i % 2 == 0 ? Task.CompletedTask : Task.Delay(0).ContinueWith(_ => { }), i.ToString()));
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => i.ToString()), ReceiveN(200, TimeSpan.FromSeconds(30)).Cast<string>());
    }
}
