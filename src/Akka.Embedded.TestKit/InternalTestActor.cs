using Akka.Actor;

namespace Akka.TestKit;

/// <summary>Puts every message into the test's queue, but for those it is told to ignore.</summary>
internal sealed class InternalTestActor : ActorBase
{
    private readonly TestMessageQueue _queue;
    private Func<object, bool>? _ignore;
    private AutoPilot _autoPilot = AutoPilot.NoAutoPilot;

    public InternalTestActor(TestMessageQueue queue)
    {
        _queue = queue;
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case SetIgnore ignore:
                _ignore = ignore.Predicate;
                return true;
            case SetAutoPilot pilot:
                _autoPilot = pilot.Pilot;
                return true;
            case StartWatch watch:
                Context.Watch(watch.Actor);
                Sender.Tell(watch);
                return true;
            case EndWatch unwatch:
                Context.Unwatch(unwatch.Actor);
                Sender.Tell(unwatch);
                return true;
            default:
                Take(message);
                return true;
        }
    }

    private void Take(object message)
    {
        if (_autoPilot is not NoAutoPilot && message is not SetAutoPilot)
        {
            var next = _autoPilot.Run(Sender, message);
            _autoPilot = next is KeepRunning ? _autoPilot : next;
        }

        if (_ignore?.Invoke(message) != true)
        {
            _queue.Enqueue(new RealMessageEnvelope(message, Sender));
        }
    }

    public sealed record SetIgnore(Func<object, bool>? Predicate) : INoSerializationVerificationNeeded;

    public sealed record SetAutoPilot(AutoPilot Pilot) : INoSerializationVerificationNeeded;

    public sealed record StartWatch(IActorRef Actor) : INoSerializationVerificationNeeded;

    public sealed record EndWatch(IActorRef Actor) : INoSerializationVerificationNeeded;
}
