using Akka.Actor;

namespace Akka.Contract.Tests.Actor;

public sealed class DeathWatchTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed record WatchThis(IActorRef Subject);

    private sealed record WatchThisWith(IActorRef Subject, object Message);

    private sealed record Ended(Terminated How);

    private sealed record UnwatchThis(IActorRef Subject);

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef observer, bool handles)
        {
            Receive<WatchThis>(message =>
            {
                Context.Watch(message.Subject);
                Sender.Tell("ok");
            });
            Receive<WatchThisWith>(message =>
            {
                Context.WatchWith(message.Subject, message.Message);
                Sender.Tell("ok");
            });
            Receive<UnwatchThis>(message =>
            {
                Context.Unwatch(message.Subject);
                Sender.Tell("ok");
            });
            Receive<Task>(task => task.Wait());
            if (handles)
            {
                // Wrapped: Terminated itself means something to the actor that gets it.
                Receive<Terminated>(terminated => observer.Tell(new Ended(terminated)));
            }

            Receive<string>(text => observer.Tell(text));
        }
    }

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private IActorRef NewWatcher(bool handles = true)
    {
        var observer = TestActor;
        return ActorOf(() => new Watcher(observer, handles));
    }

    private void Command(IActorRef watcher, object command)
    {
        watcher.Tell(command);
        ExpectMsg("ok");
    }

    [Fact]
    public void A_watcher_is_told_once_when_the_actor_stops()
    {
        var watcher = NewWatcher();
        var subject = ActorOf<Idle>();
        Command(watcher, new WatchThis(subject));
        Command(watcher, new WatchThis(subject));
        Sys.Stop(subject);
        var terminated = ExpectMsg<Ended>().How;
        Assert.Equal(subject, terminated.ActorRef);
        Assert.True(terminated.ExistenceConfirmed);
        Assert.False(terminated.AddressTerminated);
        watcher.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void Watching_an_actor_that_is_gone_is_answered_too()
    {
        var subject = ActorOf<Idle>();
        Watch(subject);
        Sys.Stop(subject);
        ExpectTerminated(subject);
        var watcher = NewWatcher();
        Command(watcher, new WatchThis(subject));
        Assert.Equal(subject, ExpectMsg<Ended>().How.ActorRef);
    }

    [Fact]
    public void Watching_a_path_without_actor_is_answered_too()
    {
        var missing = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(Sys.ActorSelection("/user").Anchor.Path + "user/missing");
        var watcher = NewWatcher();
        Command(watcher, new WatchThis(missing));
        Assert.Equal(missing, ExpectMsg<Ended>().How.ActorRef);
    }

    [Fact]
    public void All_watchers_are_told()
    {
        var subject = ActorOf<Idle>();
        for (var i = 0; i < 5; i++)
        {
            Command(NewWatcher(), new WatchThis(subject));
        }

        Sys.Stop(subject);
        Assert.All(ReceiveN(5), message => Assert.Equal(subject, ((Ended)message).How.ActorRef));
    }

    [Fact]
    public void WatchWith_sends_the_message_of_ones_own()
    {
        var watcher = NewWatcher();
        var subject = ActorOf<Idle>();
        Command(watcher, new WatchThisWith(subject, "it is gone"));
        Sys.Stop(subject);
        ExpectMsg("it is gone");
    }

    [Fact]
    public void After_unwatch_nothing_comes()
    {
        var watcher = NewWatcher();
        var subject = ActorOf<Idle>();
        Command(watcher, new WatchThis(subject));
        Command(watcher, new UnwatchThis(subject));
        Watch(subject);
        Sys.Stop(subject);
        ExpectTerminated(subject);
        watcher.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void Unwatch_takes_back_what_waits_in_the_mailbox()
    {
        var watcher = NewWatcher();
        var subject = ActorOf<Idle>();
        Command(watcher, new WatchThis(subject));
        var gate = new TaskCompletionSource();
        watcher.Tell(gate.Task);
        watcher.Tell(new UnwatchThis(subject));
        Watch(subject);
        Sys.Stop(subject);
        ExpectTerminated(subject);
        gate.SetResult();
        ExpectMsg("ok");
        watcher.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void An_unhandled_Terminated_breaks_the_death_pact()
    {
        var watcher = NewWatcher(handles: false);
        var subject = ActorOf<Idle>();
        Command(watcher, new WatchThis(subject));
        Watch(watcher);
        EventFilter.Exception<DeathPactException>().ExpectOne(() => Sys.Stop(subject));
        ExpectTerminated(watcher);
    }

    [Fact]
    public void A_message_sent_before_the_end_is_handled_before_Terminated()
    {
        var subject = ActorOf<Idle>();
        Watch(subject);
        subject.Tell("last words");
        subject.Tell(PoisonPill.Instance);
        ExpectMsg("last words");
        ExpectTerminated(subject);
    }
}
