using System.Collections;
using Akka.Actor;
using Akka.TestKit;
using Xunit.Sdk;

namespace Akka.Contract.Tests.TestKit;

public sealed class ExpectationTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(20);

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }

    private void Send(params object[] messages)
    {
        foreach (var message in messages)
        {
            TestActor.Tell(message);
        }
    }

    private static void Fails(Action action) => Assert.ThrowsAny<XunitException>(action);

    [Fact]
    public void ExpectMsg_gives_the_message()
    {
        Send("text", 5, 6, "abc", "def");
        Assert.Equal("text", ExpectMsg<string>());
        Assert.Equal(5, ExpectMsg(5));
        Assert.Equal(6, ExpectMsg<int>(number => number > 5));
        Assert.Equal("abc", ExpectMsg<string>((text, sender) => Assert.Equal(TestActor, sender)));
        Assert.Equal("def", ExpectMsg("DEF", (left, right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(TestActor, LastSender);
        Assert.Equal("def", LastMessage);
    }

    [Fact]
    public async Task ExpectMsgAsync_gives_the_message()
    {
        Send("text", 5);
        Assert.Equal("text", await ExpectMsgAsync<string>());
        await ExpectMsgAsync(5);
        TestActor.Tell("after an await");
        await ExpectMsgAsync<string>((_, sender) => Assert.Equal(TestActor, sender));
    }

    [Fact]
    public void ExpectMsg_fails_on_another_message_and_on_silence()
    {
        Send("text", 5, 6);
        Fails(() => ExpectMsg<int>());
        Fails(() => ExpectMsg(7));
        Fails(() => ExpectMsg<int>(number => number > 6));
        Fails(() => ExpectMsg<int>(_short));
    }

    [Fact]
    public void ExpectMsgFrom_checks_the_sender()
    {
        var probe = CreateTestProbe();
        probe.Send(TestActor, "text");
        Assert.Equal("text", ExpectMsgFrom(probe.Ref, "text"));
        Send("text");
        Fails(() => ExpectMsgFrom<string>(probe.Ref));
    }

    [Fact]
    public void ExpectNoMsg_fails_on_a_message()
    {
        ExpectNoMsg(_short);
        Send("text");
        Fails(() => ExpectNoMsg(_short));
    }

    [Fact]
    public void ExpectTerminated_needs_a_watch()
    {
        var actor = ActorOf<Idle>();
        Watch(actor);
        Sys.Stop(actor);
        Assert.Equal(actor, ExpectTerminated(actor).ActorRef);
        var other = ActorOf<Idle>();
        Watch(other);
        Unwatch(other);
        Sys.Stop(other);
        Fails(() => ExpectTerminated(other, _short));
    }

    [Fact]
    public void ExpectMsgAllOf_takes_any_order()
    {
        Send(1, 2, 3);
        ExpectMsgAllOf(3, 1, 2);
        Send(1, 4);
        Fails(() => ExpectMsgAllOf(1, 2));
    }

    [Fact]
    public void ExpectMsgAnyOf_takes_one_of_several()
    {
        Send(2, 5);
        Assert.Equal(2, ExpectMsgAnyOf([1, 2, 3]));
        Fails(() => ExpectMsgAnyOf([1, 2, 3]));
    }

    [Fact]
    public void FishForMessage_drops_what_it_does_not_look_for()
    {
        Send(1, "two", 3, 4);
        var dropped = new ArrayList();
        Assert.Equal(3, FishForMessage<int>(number => number == 3, dropped));
        Assert.Equal(new object[] { 1, "two" }, dropped.ToArray());
        Fails(() => FishForMessage(message => message is string, _short));
    }

    [Fact]
    public void ReceiveN_gives_that_many()
    {
        Send(1, 2, 3);
        Assert.Equal(new object[] { 1, 2 }, ReceiveN(2));
        Fails(() => ReceiveN(2, _short));
    }

    [Fact]
    public void ReceiveWhile_leaves_the_first_message_that_does_not_fit()
    {
        Send("a", "b", 3, "c");
        Assert.Equal(["a", "b"], ReceiveWhile<string>(message => message as string));
        ExpectMsg(3);
        Assert.Equal(["c"], ReceiveWhile<string>(message => message as string, TimeSpan.FromSeconds(10), _short));
    }

    [Fact]
    public void PeekOne_leaves_the_message()
    {
        Send("text");
        Assert.Equal("text", PeekOne());
        Assert.True(HasMessages);
        Assert.Equal("text", ReceiveOne());
        Assert.Null(ReceiveOne(_short));
        Assert.False(TryReceiveOne(out _, _short));
    }

    [Fact]
    public void Ignored_messages_are_not_seen()
    {
        IgnoreMessages<int>(number => number < 3);
        Send(1, 2, 3);
        ExpectMsg(3);
        IgnoreNoMessages();
        Send(1);
        ExpectMsg(1);
    }

    [Fact]
    public void An_autopilot_answers()
    {
        SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is "ping")
            {
                sender.Tell("pong");
                return AutoPilot.NoAutoPilot;
            }

            return AutoPilot.KeepRunning;
        }));
        var probe = CreateTestProbe();
        probe.Send(TestActor, "other");
        probe.Send(TestActor, "ping");
        probe.Send(TestActor, "ping");
        probe.ExpectMsg("pong");
        probe.ExpectNoMsg(_short);
        Assert.Equal(new object[] { "other", "ping", "ping" }, ReceiveN(3));
    }

    [Fact]
    public void AwaitAssert_tries_again()
    {
        var tries = 0;
        AwaitAssert(() => Assert.True(++tries == 3));
        Assert.Equal(3, tries);
        Fails(() => AwaitAssert(() => Assert.Fail("never"), _short));
    }

    [Fact]
    public void AwaitCondition_waits()
    {
        var tries = 0;
        AwaitCondition(() => ++tries == 3);
        Fails(() => AwaitCondition(() => false, _short));
        Assert.False(AwaitConditionNoThrow(() => false, _short));
        Assert.True(AwaitConditionNoThrow(() => true, _short));
    }

    [Fact]
    public void Within_limits_the_time()
    {
        var result = Within(TimeSpan.FromSeconds(30), () =>
        {
            Assert.True(Remaining <= TimeSpan.FromSeconds(30));
            return 5;
        });
        Assert.Equal(5, result);
        Within(_short, () => Fails(() => ExpectMsg<string>()), epsilonValue: TimeSpan.FromSeconds(10));
        Assert.Throws<InvalidOperationException>(() => Remaining);
    }
}
