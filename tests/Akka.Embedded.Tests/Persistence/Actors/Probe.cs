using System.Threading.Channels;
using Akka.Actor;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>An actor that collects what it is told; the test takes it in order.</summary>
internal sealed class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Channel<(object Message, IActorRef Sender)> _received = Channel.CreateUnbounded<(object, IActorRef)>();

    public Probe(ActorSystem system) => Ref = system.ActorOf(Props.Create(() => new Collector(_received.Writer)));

    public IActorRef Ref { get; }

    public IActorRef LastSender { get; private set; } = ActorRefs.Nobody;

    public async Task<object> Next()
    {
        using var patience = new CancellationTokenSource(Patience);
        var (message, sender) = await _received.Reader.ReadAsync(patience.Token);
        LastSender = sender;
        return message;
    }

    public async Task<T> Next<T>() => Assert.IsType<T>(await Next());

    public async Task Expect(params object[] messages)
    {
        foreach (var message in messages)
        {
            Assert.Equal(message, await Next());
        }
    }

    /// <summary>Takes messages until one equals the given one.</summary>
    public async Task<List<object>> Until(object last)
    {
        var messages = new List<object>();
        do
        {
            messages.Add(await Next());
        }
        while (!messages[^1].Equals(last));
        return messages;
    }

    public void Watch(IActorRef actor) => Ref.Tell(new WatchThis(actor));

    private sealed record WatchThis(IActorRef Actor);

    private sealed class Collector : UntypedActor
    {
        private readonly ChannelWriter<(object, IActorRef)> _received;

        public Collector(ChannelWriter<(object, IActorRef)> received) => _received = received;

        protected override void OnReceive(object message)
        {
            if (message is WatchThis watch)
            {
                Context.Watch(watch.Actor);
            }
            else
            {
                _received.TryWrite((message is Terminated ? "terminated" : message, Sender));
            }
        }
    }
}
