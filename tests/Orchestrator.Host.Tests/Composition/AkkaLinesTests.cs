using System.Collections.Concurrent;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Orchestrator.Host.Composition;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using LogEvent = Serilog.Events.LogEvent;

namespace Orchestrator.Host.Tests.Composition;

/// <summary>What of the actor system's own lines reaches an operator, with lines that it really writes.</summary>
public sealed class AkkaLinesTests
{
    private const string Remote = """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, maximum-frame-size = 64KiB }
        }
        """;

    [Fact]
    public async Task A_message_over_the_frame_size_is_one_line_that_names_the_setting()
    {
        using var sender = ActorSystem.Create("sender", ConfigurationFactory.ParseString(Remote));
        using var receiver = ActorSystem.Create("receiver", ConfigurationFactory.ParseString(Remote));
        receiver.ActorOf(Props.Create(() => new Echo()), "echo");
        var written = new TaskCompletionSource<LogEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        sender.EventStream.Subscribe(sender.ActorOf(Props.Create(() => new Listener(line => written.TrySetResult(line)))), typeof(Error));
        var echo = sender.ActorSelection(new RootActorPath(((ExtendedActorSystem)receiver).Provider.DefaultAddress) / "user" / "echo");
        Assert.Equal("small", await echo.Ask<string>("small", TimeSpan.FromSeconds(90)));

        echo.Tell(new string('x', 100_000));
        var lines = new Lines();
        new AkkaLines(lines, writesAll: false).Emit(await written.Task.WaitAsync(TimeSpan.FromSeconds(90)));

        var line = Assert.Single(lines.All);
        Assert.Null(line.Exception);
        Assert.Contains("orchestrator.remoting.max-frame-size", line.RenderMessage(), StringComparison.Ordinal);
        Assert.Equal("small", await echo.Ask<string>("small", TimeSpan.FromSeconds(90)));
        await Task.WhenAll(sender.Terminate(), receiver.Terminate());
    }

    [Theory]
    [InlineData(new byte[] { 4, 0, 0, 0, 0, 0, 0, 0 }, "127.0.0.1 sent the remoting port what no process of a cluster sends")]
    [InlineData(new byte[] { 71, 69, 84, 32, 47, 32 }, "127.0.0.1 sent the remoting port a frame that is longer than orchestrator.remoting.max-frame-size")]
    public async Task Garbage_from_an_address_is_one_line_a_minute_that_names_it(byte[] garbage, string expected)
    {
        const int Strangers = 5;
        using var system = ActorSystem.Create("garbage", ConfigurationFactory.ParseString(Remote));
        var written = new BlockingCollection<LogEvent>();
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(written.Add))), typeof(Error));
        var port = ((ExtendedActorSystem)system).Provider.DefaultAddress.Port!.Value;
        var lines = new Lines();
        using var sink = new AkkaLines(lines, writesAll: false);

        for (var i = 0; i < Strangers; i++)
        {
            using var stranger = new TcpClient();
            await stranger.ConnectAsync("127.0.0.1", port);
            await stranger.GetStream().WriteAsync(garbage);
            Assert.True(written.TryTake(out var line, TimeSpan.FromSeconds(90)));
            sink.Emit(line);
        }

        var told = Assert.Single(lines.All);
        Assert.Null(told.Exception);
        Assert.StartsWith(expected, told.RenderMessage(), StringComparison.Ordinal);
        await system.Terminate();
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(Action<LogEvent> written) => Receive<Error>(error => written(new LogEvent(
            DateTimeOffset.UnixEpoch,
            LogEventLevel.Error,
            error.Cause,
            new MessageTemplate([new TextToken(error.Message.ToString() ?? "")]),
            [
                new LogEventProperty(Constants.SourceContextPropertyName, new ScalarValue(error.LogClass.FullName)),
                new LogEventProperty("LogSource", new ScalarValue(error.LogSource)),
            ])));
    }

    private sealed class Lines : ILogEventSink
    {
        public List<LogEvent> All { get; } = [];

        public void Emit(LogEvent logEvent) => All.Add(logEvent);
    }
}
