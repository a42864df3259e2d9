using Akka.Actor;

namespace Akka.Contract.Tests.TestKit;

public sealed class ProbeTests : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    [Fact]
    public void A_probe_sends_receives_and_answers()
    {
        var probe = CreateTestProbe("probe");
        probe.Send(ActorOf<Echo>(), "hello");
        probe.ExpectMsg("hello");
        probe.Ref.Tell("question");
        probe.ExpectMsg("question");
        Assert.Equal(TestActor, probe.Sender);
        probe.Reply("answer");
        ExpectMsg("answer");
        Assert.Equal(probe.Ref, LastSender);
    }

    [Fact]
    public void A_probe_forwards()
    {
        var first = CreateTestProbe();
        var second = CreateTestProbe();
        first.Ref.Tell("text");
        first.ExpectMsg("text");
        first.Forward(second.Ref);
        second.ExpectMsg("text");
        Assert.Equal(TestActor, second.Sender);
        first.Forward(second.Ref, "other");
        second.ExpectMsg("other");
        Assert.Equal(TestActor, second.Sender);
    }

    [Fact]
    public void A_probe_can_stand_for_its_ref()
    {
        var probe = CreateTestProbe();
        IActorRef actor = probe;
        actor.Tell("text");
        probe.ExpectMsg("text");
        Assert.True(probe.Equals(probe.Ref));
        Assert.Equal(probe.Ref.GetHashCode(), probe.GetHashCode());
        var echo = ActorOf<Echo>();
        echo.Tell("as sender", probe);
        probe.ExpectMsg("as sender");
        Watch(probe);
        Sys.Stop(probe);
        ExpectTerminated(probe.Ref);
    }
}
