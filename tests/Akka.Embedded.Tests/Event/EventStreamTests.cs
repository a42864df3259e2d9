using Akka.Actor;

namespace Akka.Embedded.Tests.Event;

public sealed class EventStreamTests : Akka.TestKit.Xunit2.TestKit
{
    private interface IThing;

    private class Base : IThing;

    private sealed class Derived : Base;

    [Fact]
    public void A_subscriber_gets_events_of_the_class_and_its_derived_ones()
    {
        Assert.True(Sys.EventStream.Subscribe(TestActor, typeof(Base)));
        Sys.EventStream.Publish(new Base());
        Sys.EventStream.Publish("something else");
        Sys.EventStream.Publish(new Derived());
        ExpectMsg<Base>();
        ExpectMsg<Derived>();
    }

    [Fact]
    public void A_subscriber_of_an_interface_gets_its_implementations()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(IThing));
        Sys.EventStream.Publish(new Derived());
        ExpectMsg<Derived>();
    }

    [Fact]
    public void An_event_comes_once_however_many_subscriptions_match()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(IThing));
        Sys.EventStream.Subscribe(TestActor, typeof(Base));
        Assert.False(Sys.EventStream.Subscribe(TestActor, typeof(Base)));
        Sys.EventStream.Publish(new Base());
        Sys.EventStream.Publish(new Derived());
        ExpectMsg<IThing>(thing => thing is not Derived);
        ExpectMsg<Derived>();
    }

    [Fact]
    public void After_unsubscribe_nothing_comes()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Base));
        Sys.EventStream.Subscribe(TestActor, typeof(string));
        Assert.True(Sys.EventStream.Unsubscribe(TestActor, typeof(Base)));
        Assert.False(Sys.EventStream.Unsubscribe(TestActor, typeof(Base)));
        Sys.EventStream.Publish(new Base());
        Sys.EventStream.Publish("still subscribed");
        ExpectMsg("still subscribed");
        Assert.True(Sys.EventStream.Unsubscribe(TestActor));
        Sys.EventStream.Publish("not any more");
        TestActor.Tell("end");
        ExpectMsg("end");
    }

    [Fact]
    public void A_subscriber_that_stopped_gets_no_more_events()
    {
        var probe = CreateTestProbe();
        Sys.EventStream.Subscribe(probe.Ref, typeof(Base));
        Watch(probe.Ref);
        Sys.Stop(probe.Ref);
        ExpectTerminated(probe.Ref);
        Sys.EventStream.Subscribe(TestActor, typeof(Akka.Event.DeadLetter));
        AwaitAssert(() =>
        {
            Sys.EventStream.Publish(new Base());
            ExpectNoMsg(TimeSpan.FromMilliseconds(10));
        });
    }
}
