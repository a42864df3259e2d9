using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Xunit.Abstractions;

namespace Akka.Embedded.Tests.Actor;

/// <summary>Many threads send, stop, fail and watch at once; nothing may be lost, and nothing come twice.</summary>
public sealed class ConservationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(60);

    private sealed class Tally
    {
        public long Handled;
        public long Failed;
        public long Dead;
        public long Ended;
    }

    private sealed record Numbered(int Number);

    private sealed class Worker : ReceiveActor, IWithUnboundedStash
    {
        public Worker(Tally tally)
        {
            Receive<Numbered>(message => message.Number % 17 == 0, _ =>
            {
                Interlocked.Increment(ref tally.Failed);
                throw new InvalidOperationException("every 17th");
            });
            ReceiveAsync<Numbered>(message => message.Number % 13 == 0, async _ =>
            {
                // Before the await: a stop ends the rest of the handler.
                Interlocked.Increment(ref tally.Handled);
                await Task.Yield();
            });
            Receive<Numbered>(message => message.Number % 11 == 0 && message.Number % 2 == 0, message =>
            {
                Interlocked.Increment(ref tally.Handled);
                Stash.UnstashAll();
            });
            Receive<Numbered>(message => message.Number % 7 == 0 && Stash.Count < 3, _ => Stash.Stash());
            Receive<Numbered>(_ => Interlocked.Increment(ref tally.Handled));
        }

        public IStash Stash { get; set; } = null!;
    }

    private sealed class DeadLetterCounter : ReceiveActor
    {
        public DeadLetterCounter(Tally tally)
        {
            Receive<DeadLetter>(letter => letter.Message is Numbered, _ => Interlocked.Increment(ref tally.Dead));
            Receive<string>(_ => Sender.Tell("counted"));
        }
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(Tally tally)
        {
            Receive<IActorRef[]>(actors =>
            {
                foreach (var actor in actors)
                {
                    Context.Watch(actor);
                }

                Sender.Tell("watching");
            });
            Receive<Terminated>(_ => Interlocked.Increment(ref tally.Ended));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_message_is_handled_or_a_dead_letter_and_every_end_is_told_once(int seed)
    {
        const int threads = 4;
        const int each = 4000;
        const int actors = 40;
        output.WriteLine($"seed {seed}");
        var tally = new Tally();
        var system = ActorSystem.Create("conservation", ConfigurationFactory.ParseString("akka.loglevel = OFF, akka.log-dead-letters = off"));
        var counter = system.ActorOf(Props.Create(() => new DeadLetterCounter(tally)));
        system.EventStream.Subscribe(counter, typeof(DeadLetter));
        var props = Props.Create(() => new Worker(tally));
        var workers = Enumerable.Range(0, actors).Select(_ => system.ActorOf(props)).ToArray();
        var watchers = Enumerable.Range(0, 3).Select(_ => system.ActorOf(Props.Create(() => new Watcher(tally)))).ToArray();
        foreach (var watcher in watchers)
        {
            await watcher.Ask<string>(workers, _long);
        }

        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() => Send(system, workers, new Random((seed * 100) + thread), each))));
        await Task.WhenAll(workers.Select(worker => worker.GracefulStop(_long)));

        // A last watcher comes too late for all of them, and is told all the same.
        var late = system.ActorOf(Props.Create(() => new Watcher(tally)));
        await late.Ask<string>(workers, _long);
        await Until(() => Volatile.Read(ref tally.Ended) >= actors * 4L);
        await Until(() => Volatile.Read(ref tally.Handled) + Volatile.Read(ref tally.Failed) + Volatile.Read(ref tally.Dead) >= threads * each);
        await counter.Ask<string>("done?", _long);
        Assert.Equal(threads * (long)each, tally.Handled + tally.Failed + tally.Dead);
        Assert.Equal(actors * 4L, tally.Ended);
        Assert.True(tally.Dead > 0 && tally.Failed > 0);
        await system.Terminate().WaitAsync(_long);
    }

    private static void Send(ActorSystem system, IActorRef[] workers, Random random, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var worker = workers[random.Next(workers.Length)];
            worker.Tell(new Numbered(random.Next()), ActorRefs.NoSender);
            if (random.Next(400) == 0)
            {
                system.Stop(worker);
            }
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(_long);
        while (!condition() && !limit.IsCancellationRequested)
        {
            await Task.Yield();
        }
    }
}
