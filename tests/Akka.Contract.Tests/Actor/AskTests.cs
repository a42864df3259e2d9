using Akka.Actor;

namespace Akka.Contract.Tests.Actor;

public sealed class AskTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(30);

    private sealed class Answering : ReceiveActor
    {
        public Answering()
        {
            Receive<string>(text => text == "silence", _ => { });
            Receive<string>(text => text == "fail", _ => Sender.Tell(new Status.Failure(new InvalidOperationException("no"))));
            Receive<string>(text => text == "twice", _ =>
            {
                Sender.Tell("first");
                Sender.Tell("second");
            });
            Receive<IActorRef>(to => to.Tell("to the ref"));
            ReceiveAny(message => Sender.Tell(message));
        }
    }

    [Fact]
    public async Task The_answer_is_the_result() =>
        Assert.Equal("hello", await ActorOf<Answering>().Ask<string>("hello", _long));

    [Fact]
    public async Task The_first_answer_counts() =>
        Assert.Equal("first", await ActorOf<Answering>().Ask<string>("twice", _long));

    [Fact]
    public async Task Ask_of_object_takes_any_answer() =>
        Assert.Equal(5, await ActorOf<Answering>().Ask(5, _long));

    [Fact]
    public async Task No_answer_in_time_is_an_AskTimeoutException() =>
        await Assert.ThrowsAsync<AskTimeoutException>(() => ActorOf<Answering>().Ask<string>("silence", TimeSpan.FromMilliseconds(20)));

    [Fact]
    public async Task A_failure_is_thrown()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => ActorOf<Answering>().Ask<string>("fail", _long));
        Assert.Equal("no", exception.Message);
    }

    [Fact]
    public async Task An_answer_of_another_type_is_an_ArgumentException() =>
        await Assert.ThrowsAsync<ArgumentException>(() => ActorOf<Answering>().Ask<int>("text", _long));

    [Fact]
    public async Task A_question_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var question = ActorOf<Answering>().Ask<string>("silence", source.Token);
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question);
    }

    [Fact]
    public async Task The_question_can_hold_the_ref_to_answer_to() =>
        Assert.Equal("to the ref", await ActorOf<Answering>().Ask<string>(self => self, _long, CancellationToken.None));

    [Fact]
    public async Task The_ref_to_answer_to_can_be_resolved_by_its_path()
    {
        var question = ActorOf<ResolvingActor>().Ask<string>("resolve", _long);
        Assert.Equal("resolved", await question);
    }

    private sealed class ResolvingActor : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            var path = Sender.Path.ToSerializationFormat();
            ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(path).Tell("resolved");
        }
    }

    [Fact]
    public async Task A_selection_can_be_asked()
    {
        ActorOf<Answering>("asked");
        Assert.Equal("hello", await Sys.ActorSelection("/user/asked").Ask<string>("hello", _long));
    }

    [Fact]
    public async Task GracefulStop_waits_for_the_end()
    {
        var actor = ActorOf<Answering>();
        Watch(actor);
        Assert.True(await actor.GracefulStop(_long));
        ExpectTerminated(actor);
        Assert.True(await actor.GracefulStop(_long));
    }

    [Fact]
    public async Task GracefulStop_gives_up_after_its_timeout() =>
        await Assert.ThrowsAsync<TaskCanceledException>(() => ActorOf<Answering>().GracefulStop(TimeSpan.FromMilliseconds(20), "silence"));

    [Fact]
    public async Task PipeTo_sends_the_result()
    {
        await Task.FromResult(5).PipeTo(TestActor, success: number => number + 1);
        ExpectMsg(6);
        await Task.FromResult("plain").PipeTo(TestActor, CreateTestProbe().Ref);
        ExpectMsg("plain");
        Assert.NotEqual(TestActor, LastSender);
    }

    [Fact]
    public async Task PipeTo_sends_failures()
    {
        await Task.FromException<int>(new InvalidOperationException("broken")).PipeTo(TestActor);
        Assert.Equal("broken", ExpectMsg<Status.Failure>().Cause.Message);
        await Task.FromException(new InvalidOperationException("broken")).PipeTo(TestActor, failure: exception => exception.Message);
        ExpectMsg("broken");
        await Task.FromCanceled<int>(new CancellationToken(true)).PipeTo(TestActor);
        Assert.IsAssignableFrom<OperationCanceledException>(ExpectMsg<Status.Failure>().Cause);
    }

    [Fact]
    public async Task PipeTo_of_a_task_without_result_sends_what_success_makes()
    {
        await Task.CompletedTask.PipeTo(TestActor, success: () => "done");
        ExpectMsg("done");
    }
}
