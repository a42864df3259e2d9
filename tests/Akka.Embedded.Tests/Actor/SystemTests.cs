using Akka.Actor;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Actor;

public sealed class SystemTests
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(30);

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class Recorder : UntypedActor
    {
        private readonly List<string> _events;
        private readonly string _name;

        public Recorder(List<string> events, string name)
        {
            _events = events;
            _name = name;
        }

        protected override void OnReceive(object message)
        {
        }

        protected override void PostStop()
        {
            lock (_events)
            {
                _events.Add(_name);
            }
        }
    }

    private sealed class Counter : IExtension
    {
        public int Made { get; set; }
    }

    private sealed class CounterId : ExtensionIdProvider<Counter>
    {
        private static int _made;

        public override Counter CreateExtension(ExtendedActorSystem system) => new() { Made = Interlocked.Increment(ref _made) };
    }

    private static readonly Config _quiet = ConfigurationFactory.ParseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF");

    [Fact]
    public async Task Terminate_stops_all_actors_and_then_runs_what_was_registered()
    {
        var events = new List<string>();
        var system = ActorSystem.Create("ending", _quiet);
        system.ActorOf(Props.Create(() => new Recorder(events, "actor")));
        ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new Recorder(events, "system actor")));
        system.RegisterOnTermination(() => events.Add("registered"));
        await system.Terminate().WaitAsync(_long);
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        Assert.Equal(["actor", "system actor", "registered"], events);
    }

    [Fact]
    public async Task Terminate_can_be_called_twice()
    {
        var system = ActorSystem.Create("ending", _quiet);
        await Task.WhenAll(system.Terminate(), system.Terminate()).WaitAsync(_long);
    }

    [Fact]
    public async Task No_actor_can_be_made_once_the_system_has_terminated()
    {
        var system = ActorSystem.Create("ending", _quiet);
        await system.Terminate().WaitAsync(_long);
        Assert.Throws<InvalidOperationException>(() => system.ActorOf(Props.Create(() => new Idle())));
    }

    [Fact]
    public void Dispose_terminates()
    {
        var system = ActorSystem.Create("ending", _quiet);
        system.Dispose();
        Assert.True(system.WhenTerminated.IsCompleted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-leading")]
    [InlineData("with space")]
    [InlineData("a/b")]
    public void A_system_needs_a_proper_name(string name) => Assert.Throws<ArgumentException>(() => ActorSystem.Create(name));

    [Fact]
    public async Task An_extension_is_made_once_for_each_system()
    {
        var first = ActorSystem.Create("first", _quiet);
        var second = ActorSystem.Create("second", _quiet);
        Assert.False(first.HasExtension<Counter>());
        var counter = first.WithExtension<Counter, CounterId>();
        Assert.Same(counter, new CounterId().Get(first));
        Assert.Same(counter, first.GetExtension<Counter>());
        Assert.True(first.TryGetExtension<Counter>(out var found));
        Assert.Same(counter, found);
        Assert.NotSame(counter, new CounterId().Apply(second));
        await Task.WhenAll(first.Terminate(), second.Terminate()).WaitAsync(_long);
    }

    [Fact]
    public async Task The_settings_are_the_given_ones_over_the_defaults()
    {
        var system = ActorSystem.Create("configured", ConfigurationFactory.ParseString("my.own = 5").WithFallback(_quiet));
        Assert.Equal(5, system.Settings.Config.GetInt("my.own"));
        Assert.Equal("local", system.Settings.Config.GetString("akka.actor.provider"));
        Assert.Equal("OFF", system.Settings.LogLevel);
        await system.Terminate().WaitAsync(_long);
    }

    [Theory]
    [InlineData("akka.loglevel = LOUD")]
    [InlineData("akka.actor.provider = elsewhere")]
    [InlineData("akka.actor.default-dispatcher.throughput = 0")]
    [InlineData("akka.loggers = [\"No.Such.Logger\"]")]
    public void Wrong_settings_are_refused(string setting) =>
        Assert.ThrowsAny<Exception>(() => ActorSystem.Create("wrong", ConfigurationFactory.ParseString(setting).WithFallback(_quiet)));

    [Fact]
    public async Task The_stopping_guardian_stops_a_top_level_actor_that_fails()
    {
        var config = ConfigurationFactory.ParseString("akka.actor.guardian-supervisor-strategy = \"Akka.Actor.StoppingSupervisorStrategy\"").WithFallback(_quiet);
        var system = ActorSystem.Create("stopping", config);
        var failing = system.ActorOf(Props.Create(() => new Failing()));
        var question = failing.Ask<string>("fail", TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAsync<AskTimeoutException>(() => question);
        Assert.True(await failing.GracefulStop(_long));
        Assert.Equal("still here", await system.ActorOf(Props.Create(() => new Idle())).Ask<string>("still here", _long));
        await system.Terminate().WaitAsync(_long);
    }

    private sealed class Failing : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException("fail");
    }
}
