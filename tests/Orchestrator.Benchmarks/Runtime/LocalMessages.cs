using System.Diagnostics;
using System.Threading.Channels;
using Akka.Actor;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>Messages between actors of one process, each beside bare channels in the same run. All results are messages a second.</summary>
internal static class LocalMessages
{
    private const int Messages = 2_000_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>A pair of actors hands so many balls to and fro.</summary>
    public static async Task<double> PingPong(ActorSystem system, int balls)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pong = system.ActorOf(Props.Create(() => new Echo()));
        var ping = system.ActorOf(Props.Create(() => new Player(pong, Messages / 2, done)));
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < balls; i++)
        {
            ping.Tell(new Count(i));
        }

        await done.Task.WaitAsync(Limit);
        var elapsed = watch.Elapsed;
        await Stop(ping, pong);
        return Messages / elapsed.TotalSeconds;
    }

    /// <summary>A thread tells one actor.</summary>
    public static async Task<double> OneWay(ActorSystem system)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sink = system.ActorOf(Props.Create(() => new Sink(Messages, done)));
        var message = new Count(1);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Messages; i++)
        {
            sink.Tell(message, ActorRefs.NoSender);
        }

        await done.Task.WaitAsync(Limit);
        var elapsed = watch.Elapsed;
        await Stop(sink);
        return Messages / elapsed.TotalSeconds;
    }

    /// <summary>Two tasks hand one message to and fro over two channels.</summary>
    public static async Task<double> ChannelPingPong(int balls)
    {
        var there = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
        var back = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
        var watch = Stopwatch.StartNew();
        var echo = Task.Run(async () =>
        {
            await foreach (var message in there.Reader.ReadAllAsync())
            {
                back.Writer.TryWrite(message);
            }
        });
        for (var i = 0; i < balls; i++)
        {
            there.Writer.TryWrite(new Count(i));
        }

        for (var i = 0; i < Messages / 2; i++)
        {
            there.Writer.TryWrite(await back.Reader.ReadAsync());
        }

        there.Writer.Complete();
        await echo;
        return Messages / watch.Elapsed.TotalSeconds;
    }

    /// <summary>A thread writes to a channel that a task reads.</summary>
    public static async Task<double> ChannelOneWay()
    {
        var channel = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
        var reader = Task.Run(async () =>
        {
            await foreach (var _ in channel.Reader.ReadAllAsync())
            {
            }
        });
        var message = new Count(1);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Messages; i++)
        {
            channel.Writer.TryWrite(message);
        }

        channel.Writer.Complete();
        await reader;
        return Messages / watch.Elapsed.TotalSeconds;
    }

    private static Task Stop(params IActorRef[] actors) => Task.WhenAll(actors.Select(actor => actor.GracefulStop(Limit)));

    /// <summary>Sends every ball back until it has seen so many.</summary>
    private sealed class Player(IActorRef other, int returns, TaskCompletionSource done) : UntypedActor
    {
        private int _left = returns;

        protected override void OnReceive(object message)
        {
            if (--_left >= 0)
            {
                other.Tell(message, Self);
            }
            else
            {
                done.TrySetResult();
            }
        }
    }

    private sealed class Sink(int expected, TaskCompletionSource done) : UntypedActor
    {
        private int _left = expected;

        protected override void OnReceive(object message)
        {
            if (--_left == 0)
            {
                done.TrySetResult();
            }
        }
    }
}

/// <summary>Answers every message with itself.</summary>
internal sealed class Echo : UntypedActor
{
    protected override void OnReceive(object message) => Sender.Tell(message, Self);
}
