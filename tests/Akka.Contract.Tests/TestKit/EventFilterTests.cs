using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Xunit.Sdk;

namespace Akka.Contract.Tests.TestKit;

public sealed class EventFilterTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(50);

    public EventFilterTests()
        : base("akka.loglevel = DEBUG, akka.test.filter-leeway = 10s")
    {
    }

    private sealed class Failing : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException("failed on " + message);
    }

    [Fact]
    public void Log_events_are_counted()
    {
        EventFilter.Info("exactly").ExpectOne(() => Log.Info("exactly"));
        EventFilter.Warning(start: "begin").Expect(2, () =>
        {
            Log.Warning("begin one");
            Log.Warning("begin two");
            Log.Info("begin three");
        });
        EventFilter.Error(contains: "middle").ExpectOne(() => Log.Error("the middle of it"));
        EventFilter.Debug(new Regex("^[0-9]+$")).ExpectOne(() => Log.Debug("123"));
        EventFilter.Custom<Info>(info => info.Message.ToString() == "custom").ExpectOne(() => Log.Info("custom"));
    }

    [Fact]
    public void Exceptions_of_actors_are_seen()
    {
        var actor = ActorOf<Failing>("failing");
        EventFilter.Exception<InvalidOperationException>("failed on x").ExpectOne(() => actor.Tell("x"));
        EventFilter.Exception<Exception>(contains: "failed", source: "akka://test/user/failing").ExpectOne(() => actor.Tell("y"));
    }

    [Fact]
    public async Task Exceptions_are_seen_asynchronously()
    {
        var actor = ActorOf<Failing>();
        await EventFilter.Exception<InvalidOperationException>().ExpectOneAsync(() =>
        {
            actor.Tell("x");
            return Task.CompletedTask;
        });
    }

    [Fact]
    public void Dead_letters_are_seen()
    {
        EventFilter.DeadLetter<string>(text => text == "lost").ExpectOne(() => Sys.DeadLetters.Tell("lost"));
        EventFilter.DeadLetter().ExpectOne(() => Sys.DeadLetters.Tell(5));
    }

    [Fact]
    public void Too_few_and_too_many_events_fail()
    {
        Assert.ThrowsAny<XunitException>(() => EventFilter.Info("never").Expect(1, _short, () => { }));
        Assert.ThrowsAny<XunitException>(() => EventFilter.Info("twice").ExpectOne(() =>
        {
            Log.Info("twice");
            Log.Info("twice");
            EventFilter.Info("barrier").ExpectOne(() => Log.Info("barrier"));
        }));
    }

    [Fact]
    public void Filters_can_be_combined()
    {
        EventFilter.Info("one").And.Warning("two").Expect(2, () =>
        {
            Log.Info("one");
            Log.Warning("two");
        });
        using var muted = EventFilter.Info().Mute();
        Log.Info("not printed");
    }
}
