using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Embedded.Tests.Remote;

/// <summary>Several actor systems of one test, in this process, connected over loopback.</summary>
public sealed class Systems : IAsyncDisposable
{
    private readonly List<ActorSystem> _systems = [];

    public ConcurrentQueue<LogEvent> Log { get; } = new();

    public ActorSystem Start(string hocon = "", string name = "test", int port = 0)
    {
        var defaults = $$"""
            akka {
              loglevel = INFO
              loggers = []
              stdout-loglevel = OFF
              actor.provider = remote
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
              remote.watch-failure-detector { heartbeat-interval = 200 ms, acceptable-heartbeat-pause = 2 s }
              coordinated-shutdown.run-by-clr-shutdown-hook = off
            }
            """;
        var system = ActorSystem.Create(name, ConfigurationFactory.ParseString(hocon).WithFallback(ConfigurationFactory.ParseString(defaults)));
        _systems.Add(system);
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Collector(m => Log.Enqueue((LogEvent)m)))), typeof(LogEvent));
        return system;
    }

    public static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    /// <summary>The ref of an actor of one system as another one sees it.</summary>
    public static IActorRef Remote(ActorSystem from, ActorSystem to, IActorRef actor) =>
        ((ExtendedActorSystem)from).Provider.ResolveActorRef(actor.Path.ToSerializationFormatWithAddress(AddressOf(to)));

    /// <summary>Waits until the condition holds; the limit is only for what never comes.</summary>
    public static async Task Eventually(Func<bool> condition, string what, int limitSeconds = 30)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(limitSeconds), $"never came: {what}");
            await Task.Delay(10);
        }
    }

    public IEnumerable<string> LogLines(LogLevel level) => Log.Where(e => e.LogLevel() == level).Select(e => e.Message.ToString()!);

    /// <summary>All log lines, for the message of a failed test.</summary>
    public string Story() => string.Join('\n', Log.Select(e => $"{e.Timestamp:mm:ss.fff} {e.LogSource} {e.Message}"));

    public async ValueTask DisposeAsync() => await Task.WhenAll(_systems.Select(s => s.Terminate()));
}

/// <summary>Answers every message with itself.</summary>
public sealed class Echo : ReceiveActor
{
    public Echo() => ReceiveAny(message => Sender.Tell(message, Self));
}

/// <summary>Hands every message to the test.</summary>
public sealed class Collector : ReceiveActor
{
    public Collector(Action<object> onMessage) => ReceiveAny(onMessage);
}

/// <summary>Watches an actor and tells the test of its end.</summary>
public sealed class Watcher : ReceiveActor
{
    public Watcher(IActorRef subject, Action<Terminated> onTerminated)
    {
        Context.Watch(subject);
        Receive(onTerminated);
        ReceiveAny(_ => Sender.Tell("ready"));
    }
}
