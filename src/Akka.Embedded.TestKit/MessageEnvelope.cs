using Akka.Actor;

namespace Akka.TestKit;

/// <summary>A message that a test actor got, with its sender.</summary>
public abstract class MessageEnvelope
{
    protected MessageEnvelope()
    {
    }

    /// <summary>The message.</summary>
    public abstract object Message { get; }

    /// <summary>Its sender.</summary>
    public abstract IActorRef Sender { get; }
}

/// <summary>No message.</summary>
public sealed class NullMessageEnvelope : MessageEnvelope
{
    /// <summary>The only instance.</summary>
    public static NullMessageEnvelope Instance = new();

    private NullMessageEnvelope()
    {
    }

    public override object Message => throw new IllegalActorStateException("last receive did not dequeue a message");

    public override IActorRef Sender => throw new IllegalActorStateException("last receive did not dequeue a message");

    public override string ToString() => "<null>";
}

/// <summary>A message.</summary>
public class RealMessageEnvelope : MessageEnvelope
{
    public RealMessageEnvelope(object message, IActorRef sender)
    {
        Message = message;
        Sender = sender;
    }

    public override object Message { get; }

    public override IActorRef Sender { get; }

    public override string ToString() => $"<{Message}> from {Sender}";
}
